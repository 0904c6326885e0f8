import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { raw, sh } from '../../run/shell/script.ts';
import type { TaskResult } from '../../run/task.ts';
import apt from '../../tasks/apt.ts';
import { type Bench, request, runStep } from '../helpers/step.ts';
import { bootHost, type LabMachine, onHost } from '../modules/lab-bench.ts';

const test = suite('apt on a real Debian host');
let machine: LabMachine | undefined;

test.before(async () => {
  machine = await bootHost('apt1');
  if (machine !== undefined) await machine.lab.reset(['apt1']);
});
test.after(async () => {
  await machine?.lab.down();
});

const onApt = (use: (bench: Bench) => Promise<void>) => async () => {
  if (machine !== undefined) await onHost(machine, use);
};
const run = async (bench: Bench, args: Record<string, unknown>, check = false): Promise<TaskResult> =>
  (await runStep(apt, args, { bench, check, diff: true })).result;
const shell = async (bench: Bench, script: string) =>
  (await bench.session.send(request(raw(script))).reply).stdout.trim();

test(
  'a fresh host without package lists: a dry run that remembers',
  onApt(async (bench) => {
    const without = await run(bench, { name: 'mosquitto' }, true);
    assert.is(without.failed, true);
    assert.match(String(without.msg), "No package matching 'mosquitto' is available");
    const would = await run(bench, { name: 'mosquitto', update_cache: true, cache_valid_time: 3600 }, true);
    assert.is(would.changed, true);
    assert.is(would.cache_updated, true);
    assert.match((would.diff as { prepared: string }).prepared, 'mosquitto');
    assert.is((await run(bench, { name: 'mosquitto' }, true)).changed, false, 'it would be there by now');
    assert.is((await run(bench, { name: 'mosquitto', state: 'absent' }, true)).changed, true);
    assert.is((await run(bench, { name: 'mosquitto' }, true)).changed, true, 'and be gone again');
  }),
);

test(
  'updates the lists when they are old, and says so',
  onApt(async (bench) => {
    const first = await run(bench, { update_cache: true, cache_valid_time: 3600 });
    assert.is(first.changed, true, String(first.msg));
    assert.is(first.cache_updated, true);
    assert.ok(Math.abs(Number(first.cache_update_time) - Date.now() / 1000) < 300);
    const second = await run(bench, { update_cache: true, cache_valid_time: 3600 });
    assert.is(second.changed, false);
    assert.is(second.cache_update_time, first.cache_update_time);
  }),
);

test(
  'a dry run on known lists shows the plan and knows versions',
  onApt(async (bench) => {
    const would = await run(bench, { name: ['mosquitto'] }, true);
    assert.is(would.changed, true);
    assert.match(
      (would.diff as { prepared: string }).prepared,
      /The following NEW packages will be installed:\n.*mosquitto/,
    );
    assert.not.match((would.diff as { prepared: string }).prepared, 'Reading package lists');
    assert.is((await run(bench, { name: 'libmosquitto1' }, true)).changed, false, 'it comes along');
    const version = await bench.session.send(
      request(sh`ll_predicted package mosquitto; ll_ret v "$ll_value"`, { check: true }),
    ).reply;
    assert.match(version.fields.v!, /^2\.0\./);
    assert.is(await shell(bench, 'dpkg-query -W mosquitto 2>&1 | grep -c "no packages"'), '1', 'nothing was installed');
  }),
);

test(
  'installs, once',
  onApt(async (bench) => {
    const first = await run(bench, { name: 'mosquitto', policy_rc_d: 101 });
    assert.is(first.changed, true, String(first.msg));
    assert.match(first.stdout!, 'Setting up mosquitto');
    assert.match((first.diff as { prepared: string }).prepared, /1 newly|\d newly installed/);
    assert.is(
      await shell(bench, 'systemctl is-active mosquitto; ls /usr/sbin/policy-rc.d 2>&1'),
      "inactive\nls: cannot access '/usr/sbin/policy-rc.d': No such file or directory",
    );
    const again = await run(bench, { name: 'mosquitto' });
    assert.is(again.changed, false);
    assert.is(again.stdout, undefined);
  }),
);

test(
  'versions, patterns and packages that are not there',
  onApt(async (bench) => {
    assert.is((await run(bench, { name: 'mosquitto=2.0*' })).changed, false);
    assert.is((await run(bench, { name: 'mosquitto>=2.0' })).changed, false);
    assert.is((await run(bench, { name: 'mosquitto', state: 'latest' })).changed, false);
    assert.is(
      (await run(bench, { name: 'mosquitto=9.9' })).msg,
      'no available installation candidate for mosquitto=9.9',
    );
    assert.is((await run(bench, { name: 'nosuchpackage' })).msg, "No package matching 'nosuchpackage' is available");
    assert.is((await run(bench, { name: 'zzz*' })).msg, "No package(s) matching 'zzz*' available");
    assert.is((await run(bench, { name: 'awk' })).changed, false, 'a virtual package that another provides');
    assert.is((await run(bench, { name: 'nosuchpackage', only_upgrade: true })).changed, false);
    assert.is((await run(bench, { name: 'libmosquittopp?' }, true)).changed, true);
  }),
);

test(
  'what was installed as a dependency and is then asked for is not to be removed as a leftover',
  onApt(async (bench) => {
    assert.is(await shell(bench, 'apt-mark showauto libmosquitto1'), 'libmosquitto1');
    assert.is((await run(bench, { name: 'libmosquitto1' })).changed, false);
    assert.is(await shell(bench, 'apt-mark showauto libmosquitto1'), '');
  }),
);

test(
  'waits for the lock, names who held it, and gives up in time',
  onApt(async (bench) => {
    const hold = (seconds: number) =>
      shell(
        bench,
        `perl -e '$0 = "holder"; open F, ">>", "/var/lib/dpkg/lock-frontend"; $f = pack("s s x4 q q l", 1, 0, 0, 0, 0); fcntl(F, 6, $f) or die; sleep ${seconds}' >/dev/null 2>&1 3>&- & sleep 0.3`,
      );
    await hold(3);
    const { result, reply } = await runStep(apt, { name: 'mosquitto-clients', lock_timeout: 30 }, { bench });
    assert.is(result.changed, true, String(result.msg));
    assert.match(reply!.warnings[0]!, /waited \d+ s for the package manager's lock, held by \S+ \(pid \d+\)/);
    await hold(5);
    const stuck = await run(bench, { name: 'mosquitto-clients', state: 'absent', lock_timeout: 1 });
    assert.is(stuck.failed, true);
    assert.match(String(stuck.msg), /the lock is held by \S+ \(pid \d+\); gave up after 1 s \(lock_timeout\)/);
    await shell(bench, 'sleep 5');
  }),
);

test(
  'an interrupted dpkg, no name server, a full disk',
  onApt(async (bench) => {
    await shell(bench, 'touch /var/lib/dpkg/updates/0001');
    const interrupted = await run(bench, { name: 'mosquitto-clients', state: 'absent' });
    await shell(bench, 'rm -f /var/lib/dpkg/updates/0001');
    assert.match(String(interrupted.msg), 'run "dpkg --configure -a" on the host');
    await shell(
      bench,
      'cp /etc/resolv.conf /root/r; mv /etc/apt/sources.list /root/s; echo "deb http://nosuch.invalid/debian bookworm main" >/etc/apt/sources.list',
    );
    const offline = await run(bench, { update_cache: true, update_cache_retries: 1 });
    await shell(bench, 'mv /root/s /etc/apt/sources.list');
    assert.is(offline.failed, true);
    assert.match(String(offline.msg), /^Failed to update apt cache: /);
    assert.match(String(offline.msg), 'the host cannot resolve names');
  }),
);

test(
  'a package from a file',
  onApt(async (bench) => {
    await shell(bench, 'cd /root && apt-get update -q && apt-get download tree');
    const path = await shell(bench, 'ls /root/tree_*.deb');
    assert.is((await run(bench, { deb: path }, true)).changed, true);
    const first = await run(bench, { deb: path });
    assert.is(first.changed, true, String(first.msg));
    assert.is((await run(bench, { deb: path })).changed, false);
    assert.match(String((await run(bench, { deb: '/root/nosuch.deb' })).msg), /^Unable to install package: /);
    assert.match(String((await run(bench, { deb: '/etc/passwd' })).msg), 'is not a Debian package');
  }),
);

test(
  'removes, purges, cleans up',
  onApt(async (bench) => {
    const would = await run(bench, { name: 'mosquitto', state: 'absent' }, true);
    assert.is(would.changed, true);
    assert.is(await shell(bench, 'command -v mosquitto'), '/usr/sbin/mosquitto', 'it was a dry run');
    assert.is((await run(bench, { name: ['mosquitto'], state: 'absent' })).changed, true);
    assert.is((await run(bench, { name: ['mosquitto'], state: 'absent' })).changed, false);
    assert.is((await run(bench, { name: ['mosquitto'], state: 'absent', purge: true })).changed, true);
    assert.is((await run(bench, { name: ['mosquitto'], state: 'absent', purge: true })).changed, false);
    assert.is((await run(bench, { autoremove: true })).changed, true);
    assert.is((await run(bench, { autoremove: true })).changed, false);
    assert.is((await run(bench, { name: 'nosuchpackage', state: 'absent' })).changed, false);
    assert.is((await run(bench, { upgrade: 'dist' }, true)).failed, undefined);
    assert.is((await run(bench, { clean: true })).changed, true);
  }),
);

test.run();

const schema = suite('arguments of apt');
schema('refuses what does not go together', () => {
  const bad = (args: object) => assert.not.ok(apt.args.safeParse(args).success, JSON.stringify(args));
  bad({});
  bad({ package: ['a'], deb: '/x.deb' });
  bad({ package: ['a'], upgrade: 'dist' });
  bad({ deb: '/x.deb', state: 'absent' });
  bad({ package: ['a=1=2'] });
  bad({ package: ['a; rm -rf x'] });
  bad({ package: ['*', 'a'], state: 'latest' });
  bad({ package: ['a'], dpkg_options: 'a b' });
  assert.ok(apt.args.safeParse({ package: 'libstdc++6,g++, foo:i386, a=1:2.0-1~x+y' }).success);
});
schema.run();
