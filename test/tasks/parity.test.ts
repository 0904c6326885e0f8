import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskDefinition, TaskResult } from '../../run/task.ts';
import { runStep } from '../helpers/step.ts';
import { bootHost, type LabMachine, onHost } from '../modules/lab-bench.ts';

/** The same tasks by ansible-playbook on one fresh host and by us on another: what each says must agree. */
type Case = [module: string, args: Record<string, unknown>, check?: boolean];

const CASES: Case[] = [
  ['group', { name: 'lamps', gid: 4100 }, true],
  ['group', { name: 'lamps', gid: 4100 }],
  ['group', { name: 'lamps', gid: 4100 }],
  ['user', { name: 'ann', uid: 4101, group: 'lamps', shell: '/bin/sh', comment: 'Ann, of the lamps' }, true],
  ['user', { name: 'ann', uid: 4101, group: 'lamps', shell: '/bin/sh', comment: 'Ann, of the lamps' }],
  ['user', { name: 'ann', uid: 4101, group: 'lamps', shell: '/bin/sh', comment: 'Ann, of the lamps' }],
  ['user', { name: 'ann', groups: ['adm', 'dialout'], append: true }],
  ['user', { name: 'ann', groups: 'adm', shell: '/bin/bash' }],
  ['user', { name: 'ann', password: '$6$salt$x', update_password: 'on_create' }],
  ['user', { name: 'daemons', system: true, create_home: false }],
  ['user', { name: 'ann', state: 'absent', remove: true }],
  ['user', { name: 'ann', state: 'absent' }],
  ['group', { name: 'adm', gid: 4100 }],
  ['group', { name: 'lamps', state: 'absent' }],
  ['hostname', { name: 'lamp7' }, true],
  // Lists as if they were from 1970, on both hosts: the images may be of different hours.
  ['shell', { cmd: 'rm -rf /var/lib/apt/lists/*; touch -d @1 /var/lib/apt/lists' }],
  ['apt', { update_cache: true }],
  ['apt', { update_cache: true }],
  ['apt', { name: 'nosuchpackage' }],
  ['apt', { name: 'zzz*' }],
  ['apt', { name: 'mosquitto=9.9' }],
  ['apt', { name: 'mosquitto' }, true],
  ['service', { name: 'mosquitto', state: 'started' }],
  ['apt', { name: 'mosquitto' }],
  ['apt', { name: 'mosquitto' }],
  ['apt', { name: ['mosquitto', 'libmosquitto1'], state: 'latest' }],
  ['apt', { name: 'mosquitto=2*' }],
  ['apt', { name: 'mosquitto>=2' }],
  ['service', { name: 'mosquitto', state: 'started', enabled: true }],
  ['service', { name: 'mosquitto', state: 'stopped', enabled: false }, true],
  ['service', { name: 'mosquitto', state: 'stopped', enabled: false }],
  ['systemd', { name: 'mosquitto', state: 'restarted', daemon_reload: true }],
  ['systemd', { name: 'mosquitto', state: 'reloaded' }],
  ['systemd', { name: 'mosquitto', masked: true }],
  ['systemd', { name: 'mosquitto', masked: true }],
  ['systemd', { name: 'mosquitto', masked: false }],
  ['apt', { name: 'mosquitto', state: 'absent' }, true],
  ['apt', { name: 'mosquitto', state: 'absent' }],
  ['apt', { name: 'mosquitto', state: 'absent' }],
  ['apt', { name: 'mosquitto', state: 'absent', purge: true }],
  ['apt', { autoremove: true }],
  ['apt', { upgrade: 'dist' }, true],
];
/** What must be equal, as far as Ansible gives it. */
const KEYS = [
  ...['changed', 'failed', 'skipped', 'rc', 'cmd', 'stdout', 'stderr', 'stdout_lines', 'state', 'enabled', 'name'],
  ...['cache_updated', 'uid', 'gid', 'group', 'groups', 'home', 'shell', 'comment', 'system', 'create_home', 'append'],
  'remove',
];

const test = suite('parity with ansible-playbook');
let theirs: LabMachine | undefined;
let ours: LabMachine | undefined;

test.before(async () => {
  theirs = await bootHost('par1', { python: true });
  if (theirs !== undefined) ours = await bootHost('par2');
});
test.after(async () => {
  await theirs?.lab.down();
});

test('every task says the same', async () => {
  if (theirs === undefined || ours === undefined) return;
  const [expected, results] = await Promise.all([byAnsible(theirs), byUs(ours)]);
  const differences: string[] = [];
  for (const [i, [name, args]] of CASES.entries())
    compare(`${i} ${name} ${JSON.stringify(args)}`, expected[i]!, results[i]!, name, differences);
  assert.is(differences.join('\n'), '');
});

async function byUs(machine: LabMachine): Promise<TaskResult[]> {
  const results: TaskResult[] = [];
  await onHost(machine, async (bench) => {
    for (const [name, args, check] of CASES) {
      const module = (await import(`../../tasks/${name}.ts`)).default as TaskDefinition;
      results.push((await runStep(module, args, { bench, check: check ?? false })).result);
    }
  });
  return results;
}

function compare(label: string, them: TaskResult, us: TaskResult, module: string, differences: string[]): void {
  for (const key of KEYS) {
    if (!(key in them)) continue;
    // What apt prints differs in progress and dates.
    if (module === 'apt' && /^std/.test(key)) continue;
    const expected = them[key] ?? false;
    const actual = us[key] ?? false;
    if (JSON.stringify(expected) !== JSON.stringify(actual))
      differences.push(`${label}: ${key} is ${JSON.stringify(actual)}, in Ansible ${JSON.stringify(expected)}`);
  }
  const message = String(them.msg ?? '').split('\n')[0]!;
  // The beginning of a message is what people know it by; the rest of apt's holds its command line.
  const known = module === 'apt' && message.startsWith("'") ? "'" : message;
  if (them.failed && !String(us.msg).startsWith(known))
    differences.push(`${label}: msg is ${JSON.stringify(us.msg)}, in Ansible ${JSON.stringify(message)}`);
}

async function byAnsible({ lab }: LabMachine): Promise<TaskResult[]> {
  const dir = await mkdtemp(join(tmpdir(), 'parity-'));
  try {
    const inventory = await lab.inventory();
    await writeFile(join(dir, 'inventory.json'), JSON.stringify(inventory));
    const tasks = CASES.map(([name, args, check], i) => ({
      [`ansible.builtin.${name}`]: args,
      register: `r${i}`,
      ignore_errors: true,
      ...(check ? { check_mode: true } : {}),
    }));
    const results = `{{ [${CASES.map((_, i) => `r${i}`).join(', ')}] | to_json }}`;
    const save = {
      'ansible.builtin.copy': { dest: join(dir, 'results.json'), content: results },
      delegate_to: 'localhost',
      become: false,
    };
    const play = { hosts: 'par1', gather_facts: false, become: true, tasks: [...tasks, save] };
    await writeFile(join(dir, 'play.json'), JSON.stringify([play]));
    await promisify(execFile)('ansible-playbook', ['-i', join(dir, 'inventory.json'), join(dir, 'play.json')], {
      env: { ...process.env, ANSIBLE_PIPELINING: '1' },
      maxBuffer: 1e8,
    });
    return JSON.parse(await readFile(join(dir, 'results.json'), 'utf8')) as TaskResult[];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test('every case names a module', async () => {
  const files = await readdir(new URL('../../tasks/', import.meta.url));
  for (const [name] of CASES) assert.ok(files.includes(`${name}.ts`), name);
});

test.run();
