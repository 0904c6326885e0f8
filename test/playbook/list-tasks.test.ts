import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Node, Play, Raw } from '../../run/playbook/model.ts';
import { ansible, load, withTree } from './tree.ts';

/* The tree of tasks with names and tags, against ansible-playbook --list-tasks. */

const oracle = suite('playbook against ansible-playbook --list-tasks');

const CASES: Record<string, Record<string, string>> = {
  'imports, blocks, tags': {
    'site.yml': `- hosts: localhost
  tags: [play]
  tasks:
    - import_tasks: sub/one.yml
      tags: [one, "two,three"]
    - name: a block
      block:
        - debug: msg=hi
        - command: echo a=b creates=/x
          tags: inner
      rescue:
        - {name: saved, ping: }
      always:
        - ping:
      tags: b
    - meta: flush_handlers
    - action: debug msg=x
    - local_action:
        module: debug
        msg: y
    - include_tasks: sub/two.yml
      tags: inc
    - name: with {{ template }}
      ansible.builtin.debug:
- import_playbook: other.yml
  tags: imported
`,
    'sub/one.yml': '- debug: {msg: one}\n- import_tasks: two.yml\n- import_tasks: deep/three.yml\n',
    'sub/two.yml': '- debug: {msg: two}\n  tags: t2\n- name: named\n  debug:\n',
    'sub/deep/three.yml': '- debug:\n  name: three\n- import_tasks: four.yml\n',
    'sub/deep/four.yml': '- {name: four, ping: }\n',
    'other.yml':
      '- {hosts: all, name: Other, gather_facts: false, tasks: [{debug: {msg: 1}}]}\n- hosts: [a, b]\n  pre_tasks: [{ping: }]\n  post_tasks: [{debug: }]\n',
  },
  'roles, dependencies, import_role': {
    'site.yml': `- hosts: localhost
  pre_tasks: [{debug: {msg: pre}}]
  roles:
    - a
    - {role: b, tags: [tb], x: 1}
    - {role: a, y: 2}
    - role: b
      vars: {z: 1}
      when: false
  tasks:
    - import_role: {name: c, tasks_from: other}
      tags: ic
    - include_role: {name: c}
    - {name: own, debug: }
  post_tasks: [{debug: {msg: post}}]
`,
    'roles/a/tasks/main.yml':
      '- {name: task of a, debug: }\n- import_tasks: more.yml\n  tags: m\n- import_tasks: sub/x.yml\n',
    'roles/a/tasks/more.yml': '- ping:\n',
    'roles/a/tasks/sub/x.yml': '- {name: x, ping: }\n- import_tasks: y.yml\n- import_tasks: more.yml\n',
    'roles/a/tasks/sub/y.yml': '- {name: y, ping: }\n',
    'roles/a/meta/main.yml': 'dependencies:\n  - role: b\n    tags: dep\n  - c\n',
    'roles/b/tasks/main.yaml': '- debug:\n- block: [{ping: }]\n  tags: bb\n',
    'roles/b/meta/main.yml': 'dependencies: []\nallow_duplicates: true\ngalaxy_info: {author: x}\n',
    'roles/c/tasks/main': '- {name: c, debug: }\n',
    'roles/c/tasks/other.yml': '- {name: c other, debug: }\n',
  },
  'names rendered before the run, old include': {
    'site.yml': `- hosts: localhost
  vars: {which: one, kind: r}
  roles: ["{{ kind }}1"]
  tasks:
    - import_tasks: "{{ which }}.yml"
    - import_tasks: "{{ other }}.yml"
      vars: {other: one}
    - include: one.yml tags=x
      vars: {v: 1}
`,
    'one.yml': '- {name: one, debug: }\n',
    'roles/r1/tasks/main.yml': '- debug:\n',
  },
};

function lines(play: Play): string[] {
  const list = (nodes: readonly Node[], tags: readonly Raw[]): string[] =>
    nodes.flatMap((node) => {
      const all = [...tags, ...(node.tags ?? [])];
      // The listing leaves rescue and always out.
      if (node.kind === 'block') return list(node.block, all);
      const name = node.name === undefined ? node.moduleName : `${node.role ? `${node.role.name} : ` : ''}${node.name}`;
      return [`${name} [${[...new Set(all.map(String))].sort().join(', ')}]`];
    });
  return list([...play.preTasks, ...play.roleBlocks, ...play.tasks, ...play.postTasks], play.tags ?? []);
}

/** Plays of the listing, each with its tasks and their sorted tags. */
function parse(listing: string): { title: string; tasks: string[] }[] {
  return listing
    .split(/\n {2}play #/)
    .slice(1)
    .map((text) => {
      const [head, , ...tasks] = text.split('\n').filter((line) => line.trim() !== '');
      const one = (line: string): string => {
        const [, name, tags] = /^ {6}(.*?)\tTAGS: \[(.*)\]$/.exec(line)!;
        return `${name} [${[...new Set(tags!.split(/, ?/))].sort().join(', ')}]`;
      };
      return { title: /\): (.*)\tTAGS/.exec(head!)![1]!, tasks: tasks.map(one) };
    });
}

for (const [name, files] of Object.entries(CASES))
  oracle(name, () =>
    withTree(files, async (directory) => {
      const listing = ansible('ansible-playbook', ['-i', 'localhost,', '--list-tasks', 'site.yml'], directory);
      if (listing === undefined) return console.log('skipped: ansible-playbook is not installed');
      const { playbook } = await load(directory);
      const theirs = parse(listing);
      assert.ok(theirs.some((play) => play.tasks.length > 2));
      assert.equal(
        playbook.plays.map((play) => ({ title: play.title, tasks: lines(play) })),
        theirs,
      );
    }),
  );

oracle.run();
