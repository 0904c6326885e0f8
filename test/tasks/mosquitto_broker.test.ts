import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import type { TaskResult } from '../../run/task.ts';
import apt from '../../tasks/apt.ts';
import mosquittoBroker from '../../tasks/mosquitto_broker.ts';
import { labHost, type TestHost } from '../helpers/lab-host.ts';

const test = suite('mosquitto_broker');
const possible = await canBeLab();
const on = labHost(test, 'broker');
const PORT = 50001;
const PLAIN = { listeners: [{ port: PORT }], allow_anonymous: true };
const PORT_CONF = '/etc/mosquitto/conf.d/port.conf';
const PID = 'systemctl show -p MainPID --value mosquitto';

function ok(result: TaskResult): TaskResult {
  assert.is(result.failed, undefined, String(result.msg));
  return result;
}

const set = (host: TestHost, args: Record<string, unknown>) => host.run(mosquittoBroker, args);

test(
  'where Mosquitto is not installed, it says so',
  on(async (host) => {
    assert.match(String((await set(host, PLAIN)).msg), /^Mosquitto is not installed on this host$/);
    assert.match(String((await host.check(mosquittoBroker, PLAIN)).msg), /no task before this one would install it/);
  }),
);

test(
  'a dry run on a host without it tells what the real one does',
  on(async (host) => {
    const packages = { name: ['mosquitto', 'mosquitto-clients', 'socat'], update_cache: true };
    ok(await host.check(apt, packages));
    const predicted = ok(await host.check(mosquittoBroker, PLAIN));
    assert.is(predicted.changed, true);
    assert.is(await host.shell(`ls ${PORT_CONF} 2>&1 | tail -c 9`), 'irectory');
    ok(await host.run(apt, packages));
    const real = ok(await set(host, PLAIN));
    assert.equal(real.diff, predicted.diff);
    assert.is(real.applied, 'restart');
    assert.is(await host.shell(`cat ${PORT_CONF}`), `listener ${PORT}\nallow_anonymous true`);
    assert.is(await host.shell(`stat -c '%a %U %G' ${PORT_CONF}`), '644 root root');
    assert.is((await set(host, PLAIN)).changed, false);
  }),
);

test(
  'what Mosquitto would not start on is refused beforehand, and the broker runs on',
  on(async (host) => {
    const before = await host.shell(`${PID}; ls -l ${PORT_CONF}`);
    const missing = await set(host, {
      ...PLAIN,
      listeners: [{ port: PORT, certfile: '/nowhere.crt', keyfile: '/nowhere.key' }],
    });
    assert.is(missing.failed, true);
    assert.match(String(missing.msg), /nothing was changed: .*nowhere\.crt/);
    const others = '/etc/mosquitto/conf.d/zz.conf';
    await host.shell(`echo 'nonsense 1' >${others}`);
    const foreign = await set(host, { ...PLAIN, max_queued_messages: 7 });
    assert.match(
      String(foreign.msg),
      /Unknown configuration variable "nonsense".*\/etc\/mosquitto\/conf\.d\/zz\.conf:1/,
    );
    await host.shell(`rm ${others}`);
    assert.is(await host.shell(`${PID}; ls -l ${PORT_CONF}; ls -d /tmp/mosquitto-trial* 2>/dev/null`), before);
  }),
);

test(
  'a port that another process holds: named, and the previous configuration is back',
  on(async (host) => {
    await host.shell('socat TCP-LISTEN:50002,fork,reuseaddr /dev/null >/dev/null 2>&1 & sleep 0.3');
    const result = await set(host, { ...PLAIN, listeners: [{ port: 50002 }] });
    assert.is(result.failed, true);
    assert.match(String(result.msg), /Address already in use/);
    assert.match(String(result.msg), /the previous configuration is back, and the broker runs on it$/);
    const [stranger] = result.stale as { name: string; port: number }[];
    assert.is(`${stranger?.name} ${stranger?.port}`, 'socat 50002');
    assert.is(await host.shell(`cat ${PORT_CONF}`), `listener ${PORT}\nallow_anonymous true`);
    assert.is(
      await host.shell(
        `mosquitto_sub -p ${PORT} -t x -C 1 -W 5 & sleep 0.5; mosquitto_pub -p ${PORT} -t x -m there; wait`,
      ),
      'there',
    );
    await host.shell('pkill socat');
  }),
);

const users = (one: string) => ({
  ...PLAIN,
  allow_anonymous: false,
  users: [
    { name: 'lamp', password: one },
    { name: 'reader', password: 'read"er' },
  ],
});
const login = (user: string, password: string) =>
  `mosquitto_pub -p ${PORT} -u ${user} -P '${password}' -t devices/lamp/x -m y 2>&1; echo $?`;

test(
  'users: hashed, kept while they are right, changed by a reload',
  on(async (host) => {
    ok(await set(host, users('first')));
    assert.is(await host.shell(login('lamp', 'first')), '0');
    assert.match(await host.shell(login('lamp', 'other')), /not authorised[\s\S]*5$/);
    const passwords = '/etc/mosquitto/passwords';
    assert.is(await host.shell(`stat -c '%a %U %G' ${passwords}`), '600 mosquitto mosquitto');
    const stored = await host.shell(`cat ${passwords}`);
    assert.match(stored, /^lamp:\$7\$101\$.*\nreader:\$7\$101\$/);
    assert.is((await set(host, users('first'))).changed, false);
    const pid = await host.shell(PID);
    const changed = ok(await set(host, users('second')));
    assert.is(changed.applied, 'reload');
    assert.is(JSON.stringify(changed).includes('$7$'), false, 'no hash in the result');
    assert.match(JSON.stringify(changed.diff), /lamp:\(a new secret\)/);
    assert.is(await host.shell(PID), pid);
    assert.is(await host.shell(login('lamp', 'second')), '0');
    assert.is((await host.shell(`cat ${passwords}`)).split('\n')[1], stored.split('\n')[1]);
  }),
);

test(
  'rights confine a user to its own topics',
  on(async (host) => {
    const acl = {
      users: [
        { name: 'lamp', topics: ['readwrite devices/lamp/#'] },
        { name: 'reader', topics: ['read #'] },
      ],
    };
    ok(await set(host, { ...users('second'), acl }));
    const heard = await host.shell(`
      mosquitto_sub -p ${PORT} -u reader -P 'read"er' -t '#' -v -W 2 & sleep 0.5
      for topic in devices/lamp/a devices/other/a; do mosquitto_pub -p ${PORT} -u lamp -P second -t "$topic" -m x; done
      wait`);
    assert.is(heard, 'devices/lamp/a x');
  }),
);

test(
  'a change that was written by a killed run is applied by the next',
  on(async (host) => {
    ok(await set(host, PLAIN));
    const pid = await host.shell(PID);
    await host.shell('touch /run/lamplighter/mosquitto-unapplied');
    assert.is((await set(host, PLAIN)).applied, 'restart');
    assert.is.not(await host.shell(PID), pid);
    assert.is((await set(host, PLAIN)).changed, false);
  }),
);

test(
  'pre-shared keys: a file of its own, taken by a reload, its keys in no diff; gone with the configuration',
  on(async (host) => {
    const keys = (key: string) => ({
      listeners: [{ port: PORT, psk_hint: 'cloud', use_identity_as_username: true }],
      allow_anonymous: false,
      psks: [{ identity: 'lamp', key }],
    });
    const knock = (key: string) =>
      host.shell(`mosquitto_pub -p ${PORT} --psk-identity lamp --psk ${key} -t a -m b >/dev/null 2>&1; echo $?`);
    const made = ok(await set(host, keys('a1b2c3d4e5f60718')));
    assert.is(JSON.stringify(made).includes('a1b2c3'), false, 'no key in the diff');
    assert.is(
      await host.shell("stat -c '%a %U %G' /etc/mosquitto/psk; cat /etc/mosquitto/psk"),
      '600 mosquitto mosquitto\nlamp:a1b2c3d4e5f60718',
    );
    assert.is(await knock('a1b2c3d4e5f60718'), '0');
    assert.is.not(await knock('ffff'), '0');
    assert.is((await set(host, keys('a1b2c3d4e5f60718'))).changed, false);
    assert.is(ok(await set(host, keys('00112233445566'))).applied, 'reload');
    assert.equal([await knock('00112233445566'), (await knock('a1b2c3d4e5f60718')) === '0'], ['0', false]);
    ok(await set(host, { state: 'absent' }));
    assert.is(await host.shell('ls /etc/mosquitto/psk 2>&1 | tail -c 10'), 'directory');
    ok(await set(host, PLAIN));
  }),
);

test(
  'a listener moves from both families to one, to the other, and back',
  on(async (host) => {
    const open = `ss -ltnH "sport = :${PORT}" | awk '{ print $4 }' | sort | paste -sd ' '`;
    const from = (address: string) =>
      host.shell(`mosquitto_pub -h ${address} -p ${PORT} -t a -m b >/dev/null 2>&1; echo $?`);
    const both = `0.0.0.0:${PORT} [::]:${PORT}`;
    ok(await set(host, PLAIN));
    assert.is(await host.shell(open), both);
    const one = (listener: object) => ({ ...PLAIN, listeners: [{ port: PORT, ...listener }] });
    assert.is(ok(await set(host, one({ socket_domain: 'ipv6' }))).applied, 'restart');
    assert.is(await host.shell(open), `[::]:${PORT}`);
    assert.equal([await from('::1'), await from('127.0.0.1')], ['0', '1']);
    ok(await set(host, one({ socket_domain: 'ipv4' })));
    assert.equal([await host.shell(open), await from('127.0.0.1')], [`0.0.0.0:${PORT}`, '0']);
    ok(await set(host, one({ address: '::1' })));
    assert.equal([await host.shell(open), await from('::1')], [`[::1]:${PORT}`, '0']);
    ok(await set(host, PLAIN));
    assert.is(await host.shell(open), both);
    assert.is((await set(host, PLAIN)).changed, false);
  }),
);

test(
  'absent: the files go, the broker runs on with what is left, and a second time there is nothing to do',
  on(async (host) => {
    const acl = { users: [{ name: 'lamp', topics: ['readwrite devices/lamp/#'] }] };
    ok(await set(host, { ...users('second'), acl }));
    const gone = { state: 'absent' };
    const dry = ok(await host.check(mosquittoBroker, gone));
    assert.is(dry.changed, true);
    assert.is(JSON.stringify(dry).includes('$7$'), false, 'no hash in the diff');
    const real = ok(await set(host, gone));
    assert.equal(real.diff, dry.diff);
    assert.is(real.applied, 'restart');
    assert.is(
      await host.shell('ls /etc/mosquitto/conf.d /etc/mosquitto/passwords /etc/mosquitto/acl 2>/dev/null'),
      '/etc/mosquitto/conf.d:\nREADME',
    );
    assert.is(await host.shell('systemctl is-active mosquitto; mosquitto_pub -t a -m b; echo $?'), 'active\n0');
    assert.is((await set(host, gone)).changed, false);
  }),
);

test(
  'absent: what another file names as well stays, and a broker that does not run is not started',
  on(async (host) => {
    ok(await set(host, users('second')));
    const other = '/etc/mosquitto/conf.d/other.conf';
    await host.shell(`echo 'password_file /etc/mosquitto/passwords' >${other}; systemctl stop mosquitto`);
    const gone = ok(await set(host, { state: 'absent' }));
    assert.equal([gone.changed, gone.applied], [true, undefined]);
    assert.is(
      await host.shell('ls /etc/mosquitto/conf.d; ls /etc/mosquitto/passwords'),
      'README\nother.conf\n/etc/mosquitto/passwords',
    );
    assert.is(await host.shell('systemctl is-active mosquitto'), 'inactive');
    await host.shell(`rm ${other} /etc/mosquitto/passwords`);
  }),
);

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
