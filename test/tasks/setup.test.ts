import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { factGroups, factStep, factsFrom, groupsOf, groupsOfSubset } from '../../run/modules/facts.ts';
import setup from '../../tasks/setup.ts';
import { SHELLS } from '../helpers/channel.ts';
import { request, runStep, withSession } from '../helpers/step.ts';

type Facts = Record<string, unknown>;

/** What Ansible itself finds on this machine, asked once. */
let asked: Facts | undefined;
function oracle(): Facts | undefined {
  if (asked !== undefined) return asked;
  try {
    const options = { env: { ...process.env, ANSIBLE_NOCOLOR: '1', ANSIBLE_LOCALHOST_WARNING: '0', NO_COLOR: '1' } };
    const output = execFileSync('ansible', ['localhost', '-m', 'setup'], {
      ...options,
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    asked = JSON.parse(output.toString().slice(output.indexOf('{'))).ansible_facts as Facts;
    return asked;
  } catch {
    console.log('  skipped: ansible is not here to compare with');
    return undefined;
  }
}

/** Facts that move between two looks. */
const MOVING = new Set([
  ...['ansible_date_time', 'ansible_env', 'ansible_loadavg', 'ansible_memfree_mb', 'ansible_memory_mb'],
  ...['ansible_mounts', 'ansible_uptime_seconds', 'ansible_swapfree_mb'],
  // Interfaces may come and go while other tests run.
  ...['ansible_interfaces', 'ansible_all_ipv4_addresses', 'ansible_all_ipv6_addresses', 'ansible_devices'],
]);

/** Lists in one order: Ansible's follow the file system's. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, each]) => [key, ordered(each)]),
    );
  return value;
}

for (const shell of SHELLS) {
  const test = suite(`setup in ${shell}`);

  test('finds what Ansible finds on this machine', async () => {
    const theirs = oracle();
    if (theirs === undefined) return;
    const { result, reply } = await runStep(setup, {}, { shell });
    assert.is(reply!.status, 'ok', reply!.stderr);
    assert.is(reply!.stderr, '');
    const ours = result.ansible_facts as Facts;
    for (const name of Object.keys(theirs).filter(
      (each) => !MOVING.has(each) && !/^ansible_(ll\d|ifb|veth)/.test(each),
    ))
      assert.equal(ordered(ours[name]), ordered(theirs[name]), name);
    assert.ok(Object.keys(theirs).length > 80, 'there was something to compare');
    const date = ours.ansible_date_time as Facts;
    const theirDate = theirs.ansible_date_time as Facts;
    assert.equal(Object.keys(date).sort(), Object.keys(theirDate).sort());
    for (const key of ['year', 'tz', 'tz_dst', 'tz_offset']) assert.is(date[key], theirDate[key], key);
    assert.ok(Math.abs(Number(date.epoch) - Number(theirDate.epoch)) < 600);
    const shape = (mounts: unknown) => (mounts as Facts[]).map((each) => [each.mount, each.device, each.size_total]);
    assert.equal(ordered(shape(ours.ansible_mounts)), ordered(shape(theirs.ansible_mounts)));
    assert.equal(
      Object.keys((ours.ansible_mounts as Facts[])[0]!).sort(),
      Object.keys((theirs.ansible_mounts as Facts[])[0]!).sort(),
    );
  });

  test('asks only for what is wanted', () =>
    withSession(
      async (bench) => {
        const wanted = factStep(new Set(['ansible_distribution', 'ansible_memtotal_mb']));
        assert.not.match(wanted.text, /ip addr|lsb_release|cpuinfo|uname/);
        const reply = await bench.session.send(request(wanted)).reply;
        const facts = factsFrom(reply);
        assert.type(facts.ansible_memtotal_mb, 'number');
        assert.type(facts.ansible_os_family, 'string');
        assert.is(facts.ansible_interfaces, undefined);
        const interfaces = factsFrom(await bench.session.send(request(factStep(new Set(['eth0'])))).reply);
        assert.ok((interfaces.ansible_interfaces as string[]).includes('lo'));
        assert.is((interfaces.ansible_lo as Facts).type, 'loopback');
      },
      { shell },
    ));

  test('facts of the owner: JSON, INI, programs, and what cannot be read', () =>
    withSession(
      async (bench) => {
        const path = join(bench.dir, 'facts.d');
        await mkdir(path);
        await writeFile(join(path, 'a.fact'), '{"x": [1, 2]}');
        await writeFile(join(path, 'b.fact'), '[Main]\nPort = 1883\n; no\n[other]\nk: v\n');
        await writeFile(join(path, 'c d.fact'), '#!/bin/sh\necho \'{"ran": true}\'\n');
        await chmod(join(path, 'c d.fact'), 0o755);
        await writeFile(join(path, 'e.fact'), '#!/bin/sh\nexit 3\n');
        await chmod(join(path, 'e.fact'), 0o755);
        await writeFile(join(path, 'f.fact'), 'neither nor');
        const { result } = await runStep(setup, { fact_path: path, filter: 'ansible_local' }, { bench });
        assert.equal((result.ansible_facts as Facts).ansible_local, {
          a: { x: [1, 2] },
          b: { Main: { port: '1883' }, other: { k: 'v' } },
          'c d': { ran: true },
          e: 'Failure executing fact script (e.fact), rc: 3',
          f: 'error loading facts as JSON or ini - please check content: f.fact',
        });
      },
      { shell },
    ));

  test('the environment, with values of several lines', async () => {
    const environment = { MANY: 'a\nb=c\n', EMPTY: '' };
    const { result } = await runStep(setup, { gather_subset: ['!all', 'env'] }, { shell, environment });
    const env = (result.ansible_facts as Facts).ansible_env as Record<string, string>;
    assert.is(env.MANY, 'a\nb=c\n');
    assert.is(env.EMPTY, '');
  });

  test('filters by patterns, with or without the beginning', async () => {
    const { result } = await runStep(setup, { filter: ['distribution*', 'ansible_mem*_mb'] }, { shell });
    const names = Object.keys(result.ansible_facts as Facts);
    assert.ok(names.includes('ansible_distribution_release') && names.includes('ansible_memtotal_mb'));
    assert.ok(names.every((name) => /^ansible_(distribution|mem)/.test(name)));
  });

  test.run();
}

const tables = suite('groups of facts');

tables('every fact of Ansible on this machine has its group', () => {
  const theirs = oracle();
  if (theirs === undefined) return;
  for (const name of Object.keys(theirs).filter((each) => each.startsWith('ansible_')))
    assert.ok(groupsOf(name).length > 0, name);
});

tables('connection variables are no facts', () => {
  for (const name of [
    'host',
    'user',
    'port',
    'connection',
    'become_user',
    'ssh_common_args',
    'check_mode',
    'play_hosts',
  ])
    assert.equal(groupsOf(`ansible_${name}`), [], name);
  assert.is(groupsOf('ansible_user_id')[0]?.name, 'user');
  assert.is(groupsOf('ansible_ssh_host_key_rsa_public')[0]?.name, 'ssh_pub_keys');
  assert.is(groupsOf('ansible_wlan0')[0]?.name, 'network');
});

tables('gather_subset', () => {
  const names = (...subset: string[]) => groupsOfSubset(subset).map((group) => group.name);
  assert.is(names('all').length, factGroups.length);
  assert.ok(names('!all').includes('distribution') && !names('!all').includes('network'));
  assert.equal(names('!all', '!min'), []);
  assert.equal(names('!all', '!min', 'network'), ['network']);
  assert.ok(names('network').includes('platform'), 'the minimal subset comes along');
  assert.not.ok(names('!hardware').includes('memory'));
  assert.ok(names('!hardware').includes('network'));
  assert.ok(names('!all', 'mounts').includes('mounts'));
  assert.throws(() => names('nosuch'), /Bad subset 'nosuch'/);
});

tables.run();
