import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadInventory } from '../../run/inventory/loader.ts';
import type { Inventory } from '../../run/inventory/model.ts';
import { toPlain } from '../../run/jinja/values/plain.ts';

/* Each case is a tree of files; the same sources are read here and by ansible-inventory, and must say the same. */

const oracle = suite('inventory against ansible-inventory');

function hasAnsible(): boolean {
  try {
    execFileSync('ansible-inventory', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const CASES: Record<string, { files: Record<string, string>; sources: string[]; patterns?: string[] }> = {
  'ini: ranges, children, vars': {
    files: {
      hosts: `# comment
; another
single ansible_host=10.0.0.1
[lamps]
lamp[01:05] location="Main Street"   # comment
lamp[1:9:3].example.org:2222
rack[a:c]-[1:2]
[lamps:vars]
port=8883
name=plain text
list=['a', 'b', {'c': 1.5}]
yes_is_text=yes
truth=True
none=None
leading=0123
hex=0x1f
json=true
float=1.0
quoted="a b"
empty=
equals=a=b
[street:children]
lamps
others
[others]
other user=x path='/a b/c' n=5 t=True
[street:vars]
ansible_group_priority=10
color=red
`,
    },
    sources: ['hosts'],
    patterns: [
      'all',
      'lamps',
      'lamp0*',
      'street:!lamps',
      'lamps[0]',
      'lamps[-1]',
      'lamps[1:3]',
      '~lamp0[1-3]',
      'lamps:&street',
      'single,other',
      'lamp01:lamp02',
      '!lamps',
      'rack?-1',
      'rack[a]-1',
      'lamps[2:]',
      'nothing',
      'localhost',
      'ungrouped',
      '*',
      'l*:!*5',
      '~(?i)LAMP01',
      'lamps[0:0]',
    ],
  },
  'yaml: nested groups and types': {
    files: {
      'hosts.yml': `all:
  hosts:
    mail: {ansible_port: 5555, x: 1.0}
  vars:
    top: 1
    when_: 2024-01-02x
  children:
    web:
      hosts:
        www[01:03]:
          n: 010
          t: yes
          y: y
        db: null
      vars: {list: [1, two, 3.5], 5: five}
    east:
      children: {web: , north: {hosts: icicle}}
`,
    },
    sources: ['hosts.yml'],
    patterns: ['east', 'east:!web', 'www*', 'all:!east', 'north,db'],
  },
  'group_vars and host_vars, depth and priority': {
    files: {
      hosts: `[a]
h1 inline=host
[b]
h1
h2
[c:children]
a
b
[a:vars]
v=a
ansible_group_priority=5
[b:vars]
v=b
[c:vars]
v=c
w=c
`,
      'group_vars/all.yml': 'from_all: 1\nv: all\ninline: all\n',
      'group_vars/a': 'file_a: true\nw: a-file\n',
      'group_vars/b/one.yml': 'dir: one\nshared: 1\n',
      'group_vars/b/two.json': '{"shared": 2, "json": 1.0}',
      'group_vars/b/.hidden.yml': 'hidden: 1\n',
      'group_vars/c.yaml': 'c_file: [1, 2]\n',
      'host_vars/h1.yml': 'inline: file\n',
    },
    sources: ['hosts'],
  },
  'a directory of sources': {
    files: {
      'inv/01-hosts': '[web]\nw1\n',
      'inv/02.yml': 'db: {hosts: {d1: {a: 1}}}\nsite: {children: {web: , db: }}\n',
      'inv/notes.txt': 'not an inventory: [',
      'inv/group_vars/web.yml': 'g: web\n',
      'inv/old.bak': '[',
      'inv/sub/hosts': 'w2 z=1\n[web]\nw3\n',
    },
    sources: ['inv'],
  },
  'several sources and a host list': {
    files: { one: '[g]\nh1 a=1 b=1\n', two: '[g]\nh1 b=2\nh2\n', 'group_vars/g.yml': 'gv: 1\n' },
    sources: ['one', 'two', 'h3:2200,10.0.0.9,'],
    patterns: ['h*', 'g'],
  },
  'an executable script': {
    files: {
      'script.sh!': `#!/bin/sh
echo '{"g": {"hosts": ["s1", "s2"], "vars": {"v": 1}}, "plain": ["s3"], "top": {"children": ["g", "plain"]}, "_meta": {"hostvars": {"s1": {"x": true}}}}'
`,
    },
    sources: ['script.sh'],
  },
  'a script without _meta': {
    files: {
      'script.sh!': `#!/bin/sh
[ "$1" = --host ] && { echo "{\\"name\\": \\"$2\\"}"; exit; }
echo '{"g": {"hosts": ["s1", "s2"]}, "lone": {"v": 2}}'
`,
    },
    sources: ['script.sh'],
  },
  'yaml without extension, json': {
    files: { hosts: '---\nall:\n  hosts:\n    h1:\n', 'more.json': '{"g": {"hosts": {"h2": {"f": 1e3, "n": null}}}}' },
    sources: ['hosts', 'more.json'],
  },
  'children named before they are defined': {
    files: { hosts: '[top:children]\nmiddle\n[middle:children]\nlow\n[low]\nh\n[low:vars]\na=1\n[top:vars]\na=2\n' },
    sources: ['hosts'],
  },
};

function dump(inventory: Inventory): unknown {
  const hosts: Record<string, unknown> = {};
  for (const host of inventory.hosts.values()) hosts[host.name] = toPlain(inventory.variables(host, undefined));
  const groups: Record<string, { hosts: string[]; children: string[] }> = {};
  for (const group of inventory.groups.values())
    groups[group.name] = {
      hosts: group.name === 'all' ? [] : group.hosts.map((host) => host.name).sort(),
      children: group.children.map((child) => child.name).sort(),
    };
  return { hosts, groups };
}

/** ansible-inventory leaves out what is empty: fill it in. */
function dumpOfAnsible(json: string, groups: Iterable<string>, hosts: Iterable<string>): unknown {
  const data = JSON.parse(json) as Record<string, { hosts?: string[]; children?: string[] }> & {
    _meta: { hostvars: Record<string, unknown> };
  };
  const all: Record<string, unknown> = {};
  for (const name of groups)
    all[name] = { hosts: [...(data[name]?.hosts ?? [])].sort(), children: [...(data[name]?.children ?? [])].sort() };
  const vars: Record<string, unknown> = {};
  for (const name of hosts) vars[name] = data._meta.hostvars[name] ?? {};
  return { hosts: vars, groups: all };
}

export function tree(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'lamplighter-inventory-'));
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name.replace(/!$/, ''));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (name.endsWith('!')) chmodSync(path, 0o755);
  }
  return directory;
}

if (!hasAnsible()) console.log('skipped: ansible-inventory is not installed');
else
  for (const [name, { files, sources, patterns = ['all'] }] of Object.entries(CASES))
    oracle(name, async () => {
      const directory = tree(files);
      try {
        const paths = sources.map((source) => (source.includes(',') ? source : join(directory, source)));
        const inventory = await loadInventory(paths, { warn: () => undefined });
        const flags = paths.flatMap((path) => ['-i', path]);
        const options: ExecFileSyncOptionsWithStringEncoding = {
          encoding: 'utf8',
          cwd: directory,
          stdio: ['ignore', 'pipe', 'ignore'],
        };
        const theirs = execFileSync('ansible-inventory', [...flags, '--list'], options);
        assert.equal(dump(inventory), dumpOfAnsible(theirs, inventory.groups.keys(), inventory.hosts.keys()));
        // One start of Python for all patterns: each is a play of a playbook.
        const playbook = join(directory, 'patterns.yml');
        writeFileSync(playbook, JSON.stringify(patterns.map((hosts) => ({ hosts, gather_facts: false }))));
        const listed = execFileSync('ansible-playbook', [...flags, '--list-hosts', playbook], options);
        const plays = listed.split(/\n {2}play #/).slice(1);
        for (const [index, pattern] of patterns.entries()) {
          const expected = plays[index]!.split('\n')
            .slice(3)
            .map((line) => line.trim())
            .filter((line) => line !== '');
          // --list-hosts prints a list made from a set: the order says nothing.
          assert.equal(
            inventory
              .select(pattern)
              .map((host) => host.name)
              .sort(),
            expected.sort(),
            pattern,
          );
        }
      } finally {
        rmSync(directory, { recursive: true });
      }
    });

oracle.run();
