import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseShow } from '../../run/modules/unit-result.ts';
import { raw } from '../../run/shell/script.ts';
import type { TaskDefinition, TaskResult } from '../../run/task.ts';
import apt from '../../tasks/apt.ts';
import service from '../../tasks/service.ts';
import systemd from '../../tasks/systemd.ts';
import { type Bench, request, runStep } from '../helpers/step.ts';
import { bootHost, type LabMachine, onHost } from '../modules/lab-bench.ts';

const test = suite('service and systemd on a real host');
let machine: LabMachine | undefined;

test.before(async () => {
  machine = await bootHost('svc1');
});
test.after(async () => {
  await machine?.lab.down();
});

const onService = (use: (bench: Bench) => Promise<void>) => async () => {
  if (machine !== undefined) await onHost(machine, use);
};
const run = async <A>(bench: Bench, module: TaskDefinition<A>, args: Record<string, unknown>, check = false) =>
  (await runStep(module, args, { bench, check, diff: true })).result;
const shell = async (bench: Bench, script: string) =>
  (await bench.session.send(request(raw(script))).reply).stdout.trim();
const diffOf = (result: TaskResult) => result.diff as { before: object; after: object };

const UNIT = String.raw`printf '[Service]\nExecStart=/bin/sleep 1000\nExecReload=/bin/true\n[Install]\nWantedBy=multi-user.target\n' >/etc/systemd/system/lamp.service; systemctl daemon-reload`;

test(
  'starts and enables, once, with a diff',
  onService(async (bench) => {
    await shell(bench, UNIT);
    const would = await run(bench, service, { name: 'lamp', state: 'started', enabled: true }, true);
    assert.equal(diffOf(would), {
      before: { state: 'stopped', enabled: false },
      after: { state: 'started', enabled: true },
      path: 'lamp',
    } as never);
    assert.is(await shell(bench, 'systemctl is-active lamp'), 'inactive', 'it was a dry run');
    const again = await run(bench, service, { name: 'lamp.service', state: 'started', enabled: true }, true);
    assert.is(again.changed, false, 'the dry run remembers');
  }),
);

test(
  'tells of a unit that is only named, and takes what systemd takes',
  onService(async (bench) => {
    const told = await run(bench, systemd, { name: 'lamp' });
    assert.is(told.changed, false);
    assert.is((told.status as Record<string, string>).ActiveState, 'inactive');
    assert.is(((await run(bench, service, { name: 'lamp' })).status as Record<string, string>).LoadState, 'loaded');
    const masked = { name: 'lamp', masked: true, daemon_reload: true };
    assert.is((await run(bench, service, masked, true)).changed, true);
    assert.is((await run(bench, systemd, masked, true)).changed, false, 'it is remembered');
    const elsewhere = await run(bench, service, { name: 'lamp', use: 'sysvinit', masked: false });
    assert.is(elsewhere.msg, 'Unsupported parameters for (service) module: masked');
  }),
);

test(
  'does it',
  onService(async (bench) => {
    const first = await run(bench, service, { name: 'lamp', state: 'started', enabled: true });
    assert.is(first.changed, true, String(first.msg));
    assert.is(first.state, 'started');
    assert.is(first.enabled, true);
    assert.is((first.status as Record<string, string>).ActiveState, 'inactive', 'the status is from before');
    assert.is(await shell(bench, 'systemctl is-active lamp; systemctl is-enabled lamp'), 'active\nenabled');
    assert.is((await run(bench, service, { name: 'lamp', state: 'started', enabled: true })).changed, false);
    const pid = await shell(bench, 'systemctl show -p MainPID lamp');
    assert.is((await run(bench, systemd, { name: 'lamp', state: 'reloaded' })).changed, true);
    assert.is(await shell(bench, 'systemctl show -p MainPID lamp'), pid);
    assert.is((await run(bench, systemd, { unit: 'lamp', state: 'restarted' })).changed, true);
    assert.is.not(await shell(bench, 'systemctl show -p MainPID lamp'), pid);
    assert.is((await run(bench, service, { name: 'lamp', state: 'stopped', enabled: false })).changed, true);
    assert.is((await run(bench, service, { name: 'lamp', state: 'stopped', enabled: false })).changed, false);
    const restarted = await run(bench, service, { name: 'lamp', state: 'restarted' });
    assert.is(restarted.changed, true);
    assert.is(restarted.state, 'started', 'what did not run is started');
  }),
);

test(
  'masks and unmasks',
  onService(async (bench) => {
    await shell(
      bench,
      'rm -f /etc/systemd/system/lamp.service; systemctl daemon-reload; systemctl stop lamp 2>/dev/null',
    );
    assert.is((await run(bench, systemd, { name: 'ssh', masked: false })).changed, false);
    const masked = await run(bench, systemd, { name: 'nosuch', masked: true });
    assert.is(masked.changed, true, 'a unit can be masked before it is installed');
    assert.is((await run(bench, systemd, { name: 'nosuch', masked: true })).changed, false);
    assert.is((await run(bench, systemd, { name: 'nosuch', masked: false })).changed, true);
  }),
);

test(
  'a unit that is not there, and one whose file a dry run would write',
  onService(async (bench) => {
    const missing = await run(bench, service, { name: 'nosuch', state: 'started' });
    assert.is(missing.failed, true);
    assert.is(missing.msg, 'Could not find the requested service nosuch: host');
    const write = raw('ll_temp; echo "[Service]" >"$ll_tmp"; ll_write "$ll_tmp" /etc/systemd/system/new.service');
    await bench.session.send(request(write, { check: true })).reply;
    const would = await run(
      bench,
      systemd,
      { name: 'new', state: 'started', enabled: true, daemon_reload: true },
      true,
    );
    assert.is(would.changed, true, String(would.msg));
  }),
);

test(
  'a package that a dry run would install brings its service, started and enabled',
  onService(async (bench) => {
    const missing = await run(bench, service, { name: 'mosquitto', state: 'started', enabled: true }, true);
    assert.is(missing.failed, true);
    await runStep(apt, { name: 'mosquitto', update_cache: true }, { bench, check: true });
    const would = await run(bench, service, { name: 'mosquitto', state: 'started', enabled: true }, true);
    assert.is(would.failed, undefined, String(would.msg));
    assert.is(would.changed, false);
    assert.is((await run(bench, service, { name: 'mosquitto', state: 'restarted' }, true)).changed, true);
    assert.is((await run(bench, service, { name: 'mosquitto', state: 'stopped' }, true)).changed, true);
    assert.is((await run(bench, service, { name: 'mosquitto', state: 'started' }, true)).changed, true);
  }),
);

test(
  'a failure shows what the unit itself said',
  onService(async (bench) => {
    await shell(
      bench,
      String.raw`printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo the lamp is broken; exit 3"\n' >/etc/systemd/system/bad.service; systemctl daemon-reload`,
    );
    const failed = await run(bench, service, { name: 'bad', state: 'started' });
    assert.is(failed.failed, true);
    assert.match(String(failed.msg), /^Unable to start service bad: /);
    assert.match(String(failed.msg), 'the lamp is broken');
    await shell(
      bench,
      String.raw`printf '[Service]\nExecStart=/bin/false\n' >/etc/systemd/system/bad.service; systemctl daemon-reload`,
    );
    await shell(bench, 'systemctl reset-failed bad');
  }),
);

test(
  'systemd ignores what only init scripts know, and says so',
  onService(async (bench) => {
    const { result, reply } = await runStep(
      service,
      { name: 'ssh', state: 'started', sleep: 1, pattern: 'x' },
      { bench },
    );
    assert.is(result.changed, false);
    assert.equal(reply!.warnings, [
      'Ignoring "pattern" as it is not used in "systemd"',
      'Ignoring "sleep" as it is not used in "systemd"',
    ]);
  }),
);

test(
  'an init script where no systemd is asked for',
  onService(async (bench) => {
    await shell(
      bench,
      String.raw`printf '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: old\n# Required-Start:\n# Required-Stop:\n# Default-Start: 2 3 4 5\n# Default-Stop: 0 1 6\n### END INIT INFO\ncase $1 in start) touch /run/old;; stop) rm -f /run/old;; restart) $0 stop; $0 start;; status) [ -e /run/old ] && echo running || exit 3;; esac\n' >/etc/init.d/old; chmod +x /etc/init.d/old; systemctl daemon-reload`,
    );
    const args = { name: 'old', use: 'sysvinit' };
    assert.is((await run(bench, service, { ...args, state: 'started' }, true)).changed, true);
    assert.is((await run(bench, service, { ...args, state: 'started' }, true)).changed, false, 'remembered');
    assert.is((await run(bench, service, { ...args, state: 'started' })).changed, true);
    assert.is((await run(bench, service, { ...args, state: 'started' })).changed, false);
    assert.is((await run(bench, service, { ...args, state: 'restarted' })).changed, true);
    assert.is((await run(bench, service, { ...args, state: 'stopped' })).changed, true);
    assert.is((await run(bench, service, { ...args, state: 'stopped' })).changed, false);
    assert.is((await run(bench, service, { name: 'nosuch', use: 'sysvinit', state: 'started' })).failed, true);
  }),
);

test.run();

const local = suite('results and arguments of service');

local('reads what systemctl shows', () => {
  assert.equal(parseShow('Id=a.service\nExecStart={ path=/x ;\n more }\nDescription={ odd\nX=a=b'), {
    Id: 'a.service',
    ExecStart: '{ path=/x ;\n more }',
    Description: '{ odd',
    X: 'a=b',
  });
});

local('refuses what does not go together', () => {
  assert.not.ok(service.args.safeParse({ state: 'started' }).success);
  assert.not.ok(systemd.args.safeParse({ state: 'started' }).success);
  assert.not.ok(systemd.args.safeParse({}).success);
});

local.run();
