import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { type Lab, openLab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { complaint, lighter, scratch, withStatus } from '../helpers/lighter.ts';

/*
 * secure.yaml on virgin hosts: what it promises, told by Mosquitto's and OpenSSL's own programs; then what happens when a
 * lamp dies, when the cloud is away, and when certificates are renewed.
 */

const test = suite('secure site');
const possible = await canBeLab();
const PORT = 51885;
const SECRETS = { web: 'shop window 7', nobody: 'not this one' };
const files = scratch();
const inventory = files.path('hosts.yaml');
let lab: Lab;
let id: string;

const site = (playbook: string, ...args: string[]) => lighter(['-i', inventory, `playbooks/${playbook}.yaml`, ...args]);
const pki = (name: string) => files.path(`pki/${name}`);

test.before(async () => {
  lab = await openLab({ instance: `secure${process.pid}` });
  const hosts = await lab.up(['cloud', 'lamp01']);
  const entry = (name: string) => {
    const host = hosts.find((each) => each.name === name)!;
    return { [name]: { ansible_host: host.address, ansible_user: host.user } };
  };
  const vars = {
    ansible_ssh_private_key_file: lab.paths.keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.paths.knownHosts} -o StrictHostKeyChecking=yes`,
    authority_passphrase: 'a lamp in every street',
    secure_users: [{ name: 'web', password: SECRETS.web, topics: ['read devices/#'] }],
  };
  const children = {
    cloud: { hosts: entry('cloud'), vars: { cloud_port: PORT } },
    lamps: { hosts: entry('lamp01') },
  };
  writeFileSync(inventory, stringify({ all: { vars, children } }));
  id = await lab.deviceId('lamp01');
});

test.after(async () => {
  await lab?.down();
  files.remove();
});

test('is set up and proven in one run, and shows no secret', async () => {
  const run = await site('secure', '--diff');
  assert.is(run.exitCode, 0, complaint(run));
  const verified = run.tasks.find((line) => line.module === 'mqtt_bridge_verify' && line.status === 'ok');
  assert.equal(verified?.result.checks, ['bridge', 'isolation', 'refusal', 'stream', 'retained', 'will']);
  assert.equal(verified?.result.refused, [
    'a client without a name',
    'a client without TLS',
    `a certificate for ${id} of another authority`,
  ]);
  for (const name of readdirSync(pki('')).filter((each) => each.endsWith('.key'))) {
    assert.is(statSync(pki(name)).mode & 0o777, 0o600, name);
    const [, line] = readFileSync(pki(name), 'utf8').split('\n');
    assert.not.ok(`${run.stdout}${run.stderr}`.includes(line!), name);
  }
  assert.match(readFileSync(pki('ca.key'), 'utf8'), /ENCRYPTED/);
  assert.not.ok(run.stdout.includes(SECRETS.web));
  const keys = await lab.run('lamp01', 'stat -c "%U %a" /etc/mosquitto/certs/lamplighter.key');
  assert.is(keys.stdout, 'mosquitto 600\n');
  const chain = ['verify', '-x509_strict', '-CAfile', pki('ca.crt')];
  execFileSync('openssl', [...chain, '-purpose', 'sslclient', pki(`${id}.crt`)]);
  execFileSync('openssl', [...chain, '-purpose', 'sslserver', pki('cloud.crt')]);
});

test("Mosquitto's own clients, with the lamp's certificate, come as far as its own topics", async () => {
  const address = await lab.address('cloud');
  const tls = '--cafile /etc/mosquitto/ca_certificates/lamplighter.crt';
  const own = `${tls} --cert /etc/mosquitto/certs/lamplighter.crt --key /etc/mosquitto/certs/lamplighter.key`;
  const script = `
    pub() { mosquitto_pub -V mqttv5 -h ${address} -p ${PORT} -q 1 "$@" 2>&1 || echo "status $?"; }
    pub ${own} -t devices/${id}/own -m x
    echo --; pub ${own} -t devices/other/test2/x -m x
    echo --; pub ${tls} -t devices/${id}/own -m x
    echo --; pub -t devices/${id}/own -m x
    exec 2>/dev/null
    mosquitto_sub -h ${address} -p ${PORT} -q 1 ${own} -t '#' -v -C 1 -W 20 >/tmp/read & reader=$!
    sleep 1
    pub ${own} -t devices/${id}/last -m own
    wait $reader; echo --; cat /tmp/read`;
  const { stdout } = await lab.run('lamp01', script);
  const [mine, foreign, uncertified, plain, read] = stdout.split('--\n');
  assert.is(mine, '');
  assert.match(foreign!, /[Nn]ot authori[sz]ed/);
  assert.match(uncertified!, /status|[Ee]rror/);
  assert.match(plain!, /status|[Ee]rror/);
  // Retained: what the bridge itself says of its state.
  assert.match(read!, new RegExp(`^devices/${id}/`));
});

test('people come by password over secure websockets, and read only', async () => {
  const url = `wss://${await lab.address('cloud')}:9443`;
  const ca = readFileSync(pki('ca.crt'));
  const login = (password: string) =>
    mqtt.connectAsync(
      url,
      { username: 'web', password, ca, reconnectPeriod: 0, connectTimeout: 5000, protocolVersion: 5 },
      false,
    );
  const client = await login(SECRETS.web);
  try {
    const state = new Promise((resolve) => client.once('message', (topic, payload) => resolve(`${topic} ${payload}`)));
    await client.subscribeAsync('devices/+/status', { qos: 1 });
    assert.is(await state, `devices/${id}/status 1`);
    const refused = await client.publishAsync('devices/x/y', 'x', { qos: 1 }).then(() => '', String);
    assert.match(refused, /Not authorized/i);

    // A lamp that dies says so by its bridge's will, and comes back by itself.
    const states: string[] = [];
    const both = new Promise<void>((resolve) => {
      client.on('message', (_topic, payload) => {
        states.push(payload.toString());
        if (states.length === 2) resolve();
      });
    });
    await lab.run(
      'lamp01',
      'systemctl kill -s KILL mosquitto; systemctl reset-failed mosquitto; systemctl start mosquitto',
    );
    await both;
    assert.equal(states, ['0', '1']);
  } finally {
    await client.endAsync(true);
  }
  const wrong = await login(SECRETS.nobody).then(
    () => 'admitted',
    (error: Error) => error.message,
  );
  assert.match(wrong, /not authorized|refused|closed/i);
});

test('nothing is lost while the cloud is away, unless the session is clean', async () => {
  const checks = (...more: string[]) => [
    '-e',
    'verify_vars_file=vars/secure.yml',
    '-e',
    '{"lamp_verify_checks": ["outage"]}',
    ...more,
  ];
  const kept = await site('verify', ...checks());
  assert.is(kept.exitCode, 0, complaint(kept));
  const { outage } = kept.tasks.find((line) => line.status === 'changed')!.result as { outage: Record<string, number> };
  assert.equal([outage.sent, outage.out_arrived, outage.in_arrived], [50, 50, 50]);
  await lab.run(
    'lamp01',
    "sed -i 's/^cleansession false/cleansession true/' /etc/mosquitto/conf.d/bridging.conf; systemctl restart mosquitto",
  );
  const lost = await site('verify', ...checks('-e', 'lamp_verify_timeout=12'));
  assert.is(lost.exitCode, 2);
  const failed = lost.tasks.find((line) => line.status === 'failed')!.result;
  assert.equal([failed.leg, failed.cause], ['outage', 'clean-session'], String(failed.msg));
  assert.match(String(failed.msg), /bridging\.conf:\d+: cleansession true/);
});

test('certificates are renewed before they end, taken, and otherwise left alone', async () => {
  const serial = () =>
    execFileSync('openssl', ['x509', '-in', pki(`${id}.crt`), '-noout', '-serial'], { encoding: 'utf8' });
  const before = serial();
  const fewer = ['-e', '{"lamp_verify_checks": ["bridge"]}'];
  const renewed = await site('secure', '-e', 'authority_renew_before=400d', ...fewer);
  assert.is(renewed.exitCode, 0, complaint(renewed));
  assert.is.not(serial(), before);
  assert.ok(withStatus(renewed, 'changed').some((line) => line.includes('Put its certificate there @ lamp01')));
  const cloud = new X509Certificate(readFileSync(pki('cloud.crt')));
  const [host, ca, cert, key] = [
    await lab.address('cloud'),
    ...['ca.crt', 'verify.crt', 'verify.key'].map((name) => readFileSync(pki(name))),
  ];
  const socket = connect({ host, port: PORT, ca, cert, key, checkServerIdentity: () => undefined });
  await once(socket, 'secureConnect');
  assert.is(socket.getPeerX509Certificate()?.serialNumber, cloud.serialNumber, 'the cloud shows its new certificate');
  socket.destroy();
  const again = await site('secure', ...fewer);
  assert.is(again.exitCode, 0, complaint(again));
  assert.equal(withStatus(again, 'changed'), []);
});

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
