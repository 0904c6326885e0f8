import { spawnSync } from 'node:child_process';
import { lookupError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import { splitLines } from '../python/text.ts';
import type { Runtime } from '../runtime.ts';
import { checkOptions, type Lookup } from './plugin.ts';

/** The output of a shell command run on the controller, in the playbook's directory. */
function run(rt: Runtime, lookup: string, command: string): string {
  const directory = rt.env.lookups?.resolvePath('.');
  const result = spawnSync('/bin/sh', ['-c', command], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(directory === undefined ? {} : { cwd: directory }),
  });
  if (result.error) throw lookupError(`lookup_plugin.${lookup}(${command}): ${result.error.message}`, result.error);
  if (result.status !== 0)
    throw lookupError(`lookup_plugin.${lookup}(${command}) returned ${result.status ?? result.signal}`);
  return result.stdout;
}

const pipe: Lookup = (terms, options, rt) => {
  checkOptions('pipe', options, []);
  return terms.map((term) => run(rt, 'pipe', pyString(term)).trimEnd());
};

const lines: Lookup = (terms, options, rt) => {
  checkOptions('lines', options, []);
  return terms.flatMap((term) => splitLines(run(rt, 'lines', pyString(term))));
};

const env: Lookup = (terms, options) => {
  checkOptions('env', options, ['default']);
  return terms.map((term) => process.env[pyString(term).trim().split(/\s+/)[0] ?? ''] ?? options.default ?? '');
};

/** Lookups that run commands or read the environment of the controller. */
export const processLookups: Readonly<Record<string, Lookup>> = { env, lines, pipe };
