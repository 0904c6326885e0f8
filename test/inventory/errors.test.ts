import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError, type Place } from '../../run/errors.ts';
import { iniValue } from '../../run/inventory/ini-value.ts';
import { loadInventory } from '../../run/inventory/loader.ts';
import type { Inventory } from '../../run/inventory/model.ts';
import { expandRange } from '../../run/inventory/range.ts';
import { shlexSplit } from '../../run/inventory/shlex.ts';
import { toPlain } from '../../run/jinja/values/plain.ts';
import { python, withTree } from '../playbook/tree.ts';

const inventories = suite('inventory errors and parts');

const CASES: [name: string, files: Record<string, string>, code: string, at: string, said: RegExp][] = [
  ['a section', { hosts: 'a\n[b c]\n' }, 'INVENTORY_SHAPE', 'hosts:2:1', /spaces/],
  ['a kind of section', { hosts: '[b:hots]\n' }, 'INVENTORY_SHAPE', 'hosts:1:1', /hots/],
  ['vars of no group', { hosts: '[b:vars]\nx=1\n' }, 'INVENTORY_SHAPE', 'hosts:1:1', /"b"/],
  [
    'children that are nowhere',
    { hosts: '[a:children]\n  b\n' },
    'INVENTORY_SHAPE',
    'hosts:2:3',
    /\[a:children\].*"b"/,
  ],
  ['a word without value', { hosts: '[a]\nh1 x=1 y\n' }, 'INVENTORY_SHAPE', 'hosts:2:1', /"y"/],
  ['an open quote', { hosts: 'h1 x="1\n' }, 'INVENTORY_SHAPE', 'hosts:1:1', /No closing quotation/],
  ['a range', { hosts: 'h[01:5]\n' }, 'INVENTORY_SHAPE', 'hosts:1:1', /equally long/],
  ['a backward range', { hosts: 'h[d:a]\n' }, 'INVENTORY_SHAPE', 'hosts:1:1', /before/],
  ['a host with a colon', { 'hosts.ini': 'h1:\n' }, 'INVENTORY_SHAPE', 'hosts.ini:1:1', /port/],
  ['a circle', { hosts: '[a:children]\nb\n[b:children]\na\n' }, 'INVENTORY_SHAPE', 'hosts:4:1', /circle/],
  [
    'a circle in YAML',
    { 'h.yml': 'a:\n  children:\n    b:\n      children:\n        a:\n' },
    'INVENTORY_SHAPE',
    'h.yml:3:5',
    /circle/,
  ],
  ['a list', { 'h.yml': '- a\n' }, 'INVENTORY_SHAPE', 'h.yml:1:1', /a list/],
  ['hosts as a list', { 'h.yml': 'all:\n  hosts:\n    - a\n' }, 'INVENTORY_SHAPE', 'h.yml:2:3', /mapping/],
  ['a numeric host', { 'h.yml': 'all:\n  hosts:\n    12:\n' }, 'INVENTORY_SHAPE', 'h.yml:3:5', /quote/],
  ['variables as text', { 'h.yml': 'all:\n  hosts:\n    a: x\n' }, 'INVENTORY_SHAPE', 'h.yml:3:8', /variables/],
  ['a plugin', { 'h.yml': 'plugin: aws_ec2\n' }, 'INVENTORY_SHAPE', 'h.yml:1:1', /ansible-inventory/],
  ['YAML', { 'h.yml': 'all:\n  hosts: [\n' }, 'YAML_SYNTAX', 'h.yml:2:10', /close it with "]"/],
  ['a priority', { hosts: '[a]\n[a:vars]\nansible_group_priority=[]\n' }, 'INVENTORY_SHAPE', 'hosts:3:1', /integer/],
  [
    'a script that fails',
    { 's.sh!': '#!/bin/sh\necho no >&2\nexit 3\n' },
    'INVENTORY_SHAPE',
    's.sh:1:1',
    /exit status 3[\s\S]*no/,
  ],
  ['a script that talks', { 's.sh!': '#!/bin/sh\necho hello\n' }, 'INVENTORY_SHAPE', 's.sh:1:1', /JSON/],
  [
    'group_vars that are a list',
    { hosts: 'a\n', 'group_vars/all.yml': '- x\n' },
    'INVENTORY_SHAPE',
    'group_vars/all.yml:1:1',
    /mapping/,
  ],
];

for (const [name, files, code, at, said] of CASES)
  inventories(`refuses ${name}`, () =>
    withTree(files, async (directory) => {
      let error: unknown;
      const source = Object.keys(files)[0]!.replace('!', '');
      try {
        const inventory = await loadInventory([join(directory, source)], { warn: () => undefined });
        for (const host of inventory.hosts.values()) inventory.variables(host, undefined);
      } catch (thrown) {
        error = thrown;
      }
      if (!(error instanceof LamplighterError)) throw error ?? new Error('nothing was thrown');
      const place = `${error.place?.file.slice(directory.length + 1)}:${error.place?.line}:${error.place?.column}`;
      assert.is(error.code, code);
      assert.ok(place === at || place.startsWith(`${at}:`), `${place} is not ${at}`);
      assert.match(`${error.message} ${error.hint}`, said);
    }),
  );

async function read(
  files: Record<string, string>,
  body: (inventory: Inventory, said: [string, Place | undefined][], directory: string) => void | Promise<void>,
  source = 'hosts',
): Promise<void> {
  await withTree(files, async (directory) => {
    const said: [string, Place | undefined][] = [];
    const inventory = await loadInventory([join(directory, source)], {
      warn: (message, place) => said.push([message, place]),
    });
    await body(inventory, said, directory);
  });
}

inventories('warns as Ansible, with the nearest name', () =>
  read({ hosts: '[lamps]\nlamp01\n[my-group]\nlamp02\n' }, (inventory, said) => {
    assert.match(said[0]![0], 'my-group');
    assert.equal(inventory.select('lmaps'), []);
    assert.is(said[1]![0], 'Could not match supplied host pattern, ignoring: lmaps (did you mean "lamps"?)');
    inventory.select('lmaps');
    assert.is(said.length, 2, 'once');
  }),
);

inventories('warns of keys that an inventory does not have', () =>
  read(
    { 'h.yml': 'all:\n  hots:\n    a:\n  children: {b: {x: {}}, c: word}\n' },
    (_, said) => {
      assert.equal(
        said.map(([, place]) => [place!.line, place!.column]),
        [
          [2, 3],
          [4, 18],
          [4, 26],
        ],
      );
      assert.match(said[0]![0], 'did you mean "hosts"');
    },
    'h.yml',
  ),
);

inventories('a source that is not there', async () => {
  let code = '';
  await loadInventory(['/nowhere/hosts'], { warn: () => undefined }).catch(
    (error: LamplighterError) => (code = error.code),
  );
  assert.is(code, 'FILE_NOT_FOUND');
});

inventories('patterns that cannot be', () =>
  read({ hosts: 'a\nb\n' }, (inventory) => {
    for (const pattern of ['~(', 'all[7]', 'all[0-1]', '@/nowhere/file']) {
      try {
        inventory.select(pattern);
        assert.unreachable(pattern);
      } catch (error) {
        assert.is((error as LamplighterError).code, 'HOST_PATTERN', pattern);
      }
    }
  }),
);

inventories('order of hosts, limits in files, implicit localhost', () =>
  read({ hosts: '[b]\nh3\nh1\n[a]\nh2\nh1\n', limit: 'h2\n\nh3\n' }, (inventory, _, directory) => {
    const names = (pattern: string | string[]): string[] => inventory.select(pattern).map((host) => host.name);
    assert.equal(names('all'), ['h3', 'h1', 'h2']);
    assert.equal(names('a,b'), ['h2', 'h1', 'h3']);
    assert.equal(names(['a', '!h1']), ['h2']);
    assert.equal(names(`@${directory}/limit`), ['h2', 'h3']);
    const [localhost] = inventory.select('localhost');
    assert.is(inventory.select('127.0.0.1')[0], localhost);
    assert.is(inventory.hosts.has('localhost'), false);
    assert.is(inventory.variables(localhost!, undefined).ansible_connection, 'local');
  }),
);

inventories('hosts and groups that are added during the run', () =>
  read({ hosts: '[a]\nh1\n', 'group_vars/new.yml': 'n: 1\n' }, (inventory) => {
    assert.equal(inventory.variables(inventory.hosts.get('h1')!, undefined), {});
    assert.is(inventory.addHost('h2', ['new', 'a'], { x: 1 }).changed, true);
    assert.is(inventory.addHost('h2', ['new'], { x: 1 }).changed, false);
    assert.is(inventory.addHost('h1', ['new'], {}).changed, true);
    assert.equal(inventory.groupNames(inventory.hosts.get('h2')!), ['a', 'new']);
    assert.equal(inventory.variables(inventory.hosts.get('h2')!, undefined), { n: 1, x: 1 });
    assert.equal(inventory.variables(inventory.hosts.get('h1')!, undefined), { n: 1 });
    assert.equal(
      inventory.select('new').map((host) => host.name),
      ['h2', 'h1'],
    );
  }),
);

inventories('variables beside the playbook are stronger than those beside the inventory', () =>
  read(
    {
      hosts: '[a]\nh1\n',
      'group_vars/all.yml': 'x: inventory\ny: 1\n',
      'group_vars/a.yml': 'z: inventory\n',
      'pb/group_vars/all.yml': 'x: playbook\nz: all\n',
      'pb/host_vars/h1/v.yml': 'h: 1\n',
    },
    (inventory, _, directory) => {
      const vars = inventory.variables(inventory.hosts.get('h1')!, join(directory, 'pb'));
      assert.equal(vars, { x: 'playbook', y: 1, z: 'inventory', h: 1 });
    },
  ),
);

inventories('a range of n hosts has n different names of one length', () => {
  fc.assert(
    fc.property(fc.nat(90), fc.nat(9), fc.integer({ min: 1, max: 4 }), (from, more, step) => {
      const pad = (value: number): string => String(value).padStart(3, '0');
      const names = expandRange(`a[${pad(from)}:${pad(from + more)}:${step}]-[x:z].b`);
      assert.is(names.length, (Math.floor(more / step) + 1) * 3);
      assert.is(new Set(names).size, names.length);
      assert.ok(names.every((name) => /^a\d{3}-[xyz]\.b$/.test(name)));
    }),
  );
});

const SCRIPT = `
import shlex
from ansible.plugins.inventory.ini import InventoryModule
def split(t):
    try: return shlex.split(t, comments=True)
    except ValueError: return 'error'
def plain(v):
    if isinstance(v, (set, tuple)): return [plain(x) for x in v]
    if isinstance(v, (bytes, complex)) or v is Ellipsis: return 'strange'
    if isinstance(v, list): return [plain(x) for x in v]
    if isinstance(v, dict): return {str(k): plain(x) for k, x in v.items()}
    return v
print(json.dumps([[split(t), plain(InventoryModule._parse_value(t))] for t in json.load(sys.stdin)]))`;

inventories('words and values of an INI line are those of Python', () => {
  const piece = fc.constantFrom(
    'a',
    '1',
    '0',
    '.',
    '-',
    '[',
    ']',
    ',',
    ' ',
    "'",
    '"',
    '#',
    '\\',
    '=',
    '{',
    '}',
    ':',
    'True',
    'None',
    'true',
    '1.5',
    '(',
    ')',
  );
  const texts = [
    ...fc.sample(
      fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join('')),
      { numRuns: 1500, seed: 11 },
    ),
    ...[
      '0x1f',
      '1_000',
      '0o17',
      '012',
      '-5',
      '+5',
      '1e3',
      "'a' 'b'",
      '"a\\n"',
      "{'a': [1, 2.0, None]}",
      '(1, 2)',
      'yes',
      '1.',
      '.5',
      "r'a'",
      '[true]',
      '"unclosed',
      '',
      '{}',
      '[1,]',
      '00',
    ],
  ].filter((text) => !/\d[.\d]*\d*[-+]\d|^[+-]{2}|[-+] *[-+(]/.test(text));
  const theirs = python(SCRIPT, texts) as [unknown, unknown][] | undefined;
  if (!theirs) return console.log('skipped: no Python with Ansible');
  for (const [index, text] of texts.entries()) {
    let words: unknown;
    try {
      words = shlexSplit(text);
    } catch {
      words = 'error';
    }
    assert.equal(words, theirs[index]![0], `words of ${JSON.stringify(text)}`);
    if (theirs[index]![1] !== 'strange')
      assert.equal(
        JSON.stringify(toPlain(iniValue(text))),
        JSON.stringify(theirs[index]![1]),
        `value of ${JSON.stringify(text)}`,
      );
  }
});

inventories('ten thousand hosts are read and asked quickly', () =>
  read({ hosts: '[lamps]\nlamp[00001:10000] x=1\n[street:children]\nlamps\n' }, (inventory) => {
    const start = performance.now();
    assert.is(inventory.select('street:!lamp00001').length, 9999);
    for (const host of inventory.hosts.values()) inventory.variables(host, undefined);
    // Milliseconds on an idle machine; a quadratic reader needs minutes.
    assert.ok(performance.now() - start < 120_000);
  }),
);

inventories.run();
