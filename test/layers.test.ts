import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

/*
 * The house keeps its order: imports point one way, no two files need each other, every module has its test, and
 * nothing tracked belongs to one machine.
 */

const ROOT = join(import.meta.dirname, '..');
const layers = suite('layers');

/**
 * What the files of each place may import from other places (types included). A place is a directory of run/, a file at
 * the top of run/, or tasks. To let data flow another way, change the design first, then this table.
 */
const MAY_IMPORT: Record<string, string[]> = {
  jinja: [],
  'errors.ts': [],
  'package.ts': [],
  'args.ts': ['errors.ts'],
  shell: ['errors.ts', 'task.ts'],
  'task.ts': ['shell/script.ts'],
  'events.ts': ['errors.ts', 'task.ts'],
  playbook: ['errors.ts', 'task.ts', 'jinja'],
  inventory: ['errors.ts', 'jinja', 'playbook'],
  'config.ts': ['config', 'errors.ts'],
  config: ['errors.ts'],
  'options.ts': ['playbook'],
  modules: ['args.ts', 'errors.ts', 'task.ts', 'shell/script.ts', 'jinja/python/regex.ts'],
  mqtt: ['errors.ts', 'task.ts', 'shell/script.ts', 'x509/stranger.ts'],
  mosquitto: [
    'args.ts',
    'errors.ts',
    'task.ts',
    'shell/script.ts',
    'modules/shell-file.ts',
    'mqtt/acl.ts',
    'mqtt/listeners.ts',
  ],
  x509: ['errors.ts', 'task.ts', 'shell/script.ts', 'modules/content.ts'],
  tasks: ['args.ts', 'errors.ts', 'task.ts', 'shell/script.ts', 'modules', 'mosquitto', 'mqtt', 'x509'],
  plan: [
    'args.ts',
    'errors.ts',
    'events.ts',
    'options.ts',
    'task.ts',
    'shell/script.ts',
    'jinja',
    'inventory',
    'playbook',
    'transport/vars.ts',
  ],
  transport: ['errors.ts', 'task.ts', 'shell/script.ts'],
  execute: [
    'args.ts',
    'config.ts',
    'errors.ts',
    'events.ts',
    'options.ts',
    'task.ts',
    'inventory',
    'jinja',
    'modules',
    'plan',
    'playbook',
    'report/recap.ts',
    'shell',
    'transport',
  ],
  report: ['errors.ts', 'events.ts', 'task.ts'],
  reference: [
    'cli/describe.ts',
    'cli/io.ts',
    'cli/tell-error.ts',
    'errors.ts',
    'package.ts',
    'plan',
    'playbook',
    'report/style.ts',
    'task.ts',
    'lint/rules.ts',
  ],
  lab: ['errors.ts', 'package.ts'],
  vault: [
    'config.ts',
    'errors.ts',
    'cli/ask.ts',
    'cli/describe.ts',
    'cli/io.ts',
    'cli/tell-error.ts',
    'inventory/shlex.ts',
    'package.ts',
    'playbook',
    'report/style.ts',
  ],
  lint: [
    'config.ts',
    'errors.ts',
    'cli/describe.ts',
    'cli/extra-vars.ts',
    'cli/io.ts',
    'cli/tell-error.ts',
    'inventory',
    'jinja',
    'package.ts',
    'plan',
    'playbook',
    'report',
  ],
  image: [
    'args.ts',
    'config.ts',
    'errors.ts',
    'cli/ask.ts',
    'cli/describe.ts',
    'cli/io.ts',
    'cli/tell-error.ts',
    'inventory',
    'jinja/filters/crypt.ts',
    'modules/public-keys.ts',
    'modules/static-address/request.ts',
    'package.ts',
    'plan',
    'playbook',
    'report',
    'shell/script.ts',
  ],
  cli: [
    'config.ts',
    'config/named.ts',
    'errors.ts',
    'events.ts',
    'options.ts',
    'cli.ts',
    'execute/run.ts',
    'lab',
    'modules',
    'package.ts',
    'plan/list.ts',
    'playbook',
    'report',
  ],
  'cli.ts': ['cli', 'image', 'lab', 'lint', 'reference', 'vault'],
  'index.ts': ['cli.ts', 'package.ts'],
};

interface Import {
  from: string;
  to: string;
  /** `import type`: gone at run time. */
  typeOnly?: boolean;
}

const sources = ['run', 'tasks'].flatMap((directory) =>
  readdirSync(join(ROOT, directory), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
);
const imports = sources.flatMap(importsOf);

layers('imports point one way', () => {
  assert.ok(imports.length > 100, 'the imports are found');
  const wrong = imports.filter(({ from, to }) => !mayImport(from, to)).map(({ from, to }) => `${from} -> ${to}`);
  assert.equal(wrong, []);
});

layers('every place has its rule', () => {
  const unknown = new Set(sources.map(placeOf).filter((place) => !(place in MAY_IMPORT)));
  assert.equal([...unknown], []);
});

layers('no files need each other, not even for types', () => {
  assert.equal(cycles(imports), []);
});

layers('the search for cycles finds one', () => {
  const ring = [
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
    { from: 'c', to: 'a' },
  ];
  assert.equal(cycles(ring), ['a -> b -> c -> a']);
});

layers('no file only passes on what others export', () => {
  const barrels = sources.filter((file) => /^export (\*|\{[^}]*\}) from /m.test(textOf(file)));
  assert.equal(barrels, []);
});

layers('every module has its test', () => {
  const modules = readdirSync(join(ROOT, 'tasks')).filter((file) => file.endsWith('.ts'));
  assert.ok(modules.length > 0);
  const untested = modules.filter((file) => !existsSync(join(ROOT, 'test/tasks', `${basename(file, '.ts')}.test.ts`)));
  assert.equal(untested, []);
});

layers('nothing tracked belongs to one machine', () => {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  const found = tracked.filter((file) => existsSync(join(ROOT, file)) && textOf(file).includes(`${ROOT}/`));
  assert.equal(found, [], 'files that name the directory of this checkout');
  const hosts = [...textOf('package-lock.json').matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map((match) => match[1]);
  assert.equal(
    [...new Set(hosts)].filter((host) => host !== 'registry.npmjs.org'),
    [],
    'registries in package-lock.json',
  );
});

layers.run();

function importsOf(file: string): Import[] {
  const found = textOf(file).matchAll(/(?:\b(import|export)( type)? [^;'"()]*?from |\bimport\()'(\.{1,2}\/[^']+)'/g);
  return [...found].map(([, , type, to]) => ({
    from: file,
    to: normalize(join(dirname(file), to!)),
    typeOnly: type !== undefined,
  }));
}

/** `run/jinja/lexer.ts` stands in jinja, `run/task.ts` is a place itself, `tasks/apt.ts` stands in tasks. */
function placeOf(file: string): string {
  const [top, second = ''] = file.split('/');
  return top === 'tasks' ? 'tasks' : second;
}

function mayImport(from: string, to: string): boolean {
  const here = placeOf(from);
  if (here === placeOf(to) && here !== 'tasks') return true;
  const target = to.replace(/^run\//, '');
  return (MAY_IMPORT[here] ?? []).some((allowed) => target === allowed || target.startsWith(`${allowed}/`));
}

/** Rings of imports, each once, as `a -> b -> a`. */
function cycles(edges: Import[]): string[] {
  const next = groupByFrom(edges);
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const found: string[] = [];
  const visit = (file: string) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    state.set(file, 'open');
    path.push(file);
    for (const { to } of next.get(file) ?? []) visit(to);
    path.pop();
    state.set(file, 'done');
  };
  for (const file of next.keys()) visit(file);
  return found;
}

function groupByFrom(edges: Import[]): Map<string, Import[]> {
  const groups = new Map<string, Import[]>();
  for (const edge of edges) groups.set(edge.from, [...(groups.get(edge.from) ?? []), edge]);
  return groups;
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
