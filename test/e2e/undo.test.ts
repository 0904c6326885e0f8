import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { type Lab, openLab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { complaint, lighter, type Outcome, scratch } from '../helpers/lighter.ts';

/* A broker on a real host: set up, broken and rolled back, and taken away again by `undo`. */

const test = suite('undo');
const possible = await canBeLab();
const files = scratch();
const inventory = files.path('hosts.yaml');
let lab: Lab;

function play(name: string, tasks: object[]): Promise<Outcome> {
  const book = files.write(`${name}.yaml`, stringify([{ hosts: 'all', become: true, gather_facts: false, tasks }]));
  return lighter(['-i', inventory, book, '--diff']);
}

const undo = (...args: string[]): Promise<Outcome> => lighter(['undo', '-i', inventory, ...args]);
const on = async (script: string): Promise<string> => (await lab.run('box', script)).stdout.trim();

/** The newest run that is neither put back nor puts one back. */
async function lastRun(): Promise<string> {
  const { stdout } = await undo('--list');
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  const runs = lines.map((line) => JSON.parse(line) as { id: string; undone?: string; undoes?: string });
  return runs.filter(({ undone, undoes }) => !undone && !undoes).at(-1)!.id;
}

test.before(async () => {
  lab = await openLab({ instance: `undo${process.pid}` });
  const [host] = await lab.up(['box']);
  const box = {
    ansible_host: host!.address,
    ansible_user: host!.user,
    ansible_ssh_private_key_file: lab.paths.keyFile,
    ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.paths.knownHosts} -o StrictHostKeyChecking=yes`,
  };
  files.write('hosts.yaml', stringify({ all: { hosts: { box } } }));
});

test.after(async () => {
  await lab?.down();
  files.remove();
});

const BROKER = { mosquitto_broker: { listeners: [{ port: 1883 }], allow_anonymous: true } };
let setUp = '';
let enabled = '';

test('a run that installs, writes, stops and disables', async () => {
  enabled = await on('systemctl is-enabled apt-daily.timer; systemctl is-active apt-daily.timer');
  const made = await play('set-up', [
    { apt: { name: ['mosquitto', 'mosquitto-clients'], update_cache: true } },
    BROKER,
    { service: { name: 'apt-daily.timer', state: 'stopped', enabled: false } },
  ]);
  assert.is(made.exitCode, 0, complaint(made));
  setUp = await lastRun();
});

test('a block that breaks the broker is rolled back: the previous configuration, and the broker runs on it', async () => {
  const before = await on('cat /etc/mosquitto/conf.d/*.conf');
  const broken = await play('broken', [
    { copy: { dest: '/etc/mosquitto/conf.d/stays.conf', content: 'max_keepalive 60000\n' } },
    {
      block: [
        { copy: { dest: '/etc/mosquitto/conf.d/port.conf', content: 'listener 1884\nno_such_option true\n' } },
        { copy: { dest: '/etc/mosquitto/conf.d/more.conf', content: 'listener 1885\n' } },
        { service: { name: 'mosquitto', state: 'restarted' } },
        { wait_for: { port: 1884, timeout: 2 } },
      ],
      rescue: [{ rollback: {} }],
    },
  ]);
  assert.is(broken.exitCode, 0, complaint(broken));
  const { result } = broken.tasks.at(-1)!;
  assert.equal(result.put_back, [
    '/etc/mosquitto/conf.d/more.conf',
    '/etc/mosquitto/conf.d/port.conf',
    'mosquitto.service (restarted)',
  ]);
  assert.is(await on('rm /etc/mosquitto/conf.d/stays.conf; cat /etc/mosquitto/conf.d/*.conf'), before);
  assert.is(await on('mosquitto_pub -t a -m b && systemctl is-active mosquitto'), 'active');
});

test('the whole run is put back: shown first, then done', async () => {
  const state = 'dpkg-query -W mosquitto; cat /etc/mosquitto/conf.d/*.conf';
  const before = await on(state);
  const shown = await undo(setUp, '--check', '--diff');
  assert.is(shown.exitCode, 0, complaint(shown));
  assert.is(await on(state), before);
  const done = await undo(setUp);
  assert.is(done.exitCode, 0, complaint(done));
  const putBack = done.tasks.at(-1)!.result.put_back as string[];
  assert.equal(shown.tasks.at(-1)!.result.put_back, putBack);
  for (const what of ['package mosquitto', '/etc/mosquitto/conf.d/port.conf', 'apt-daily.timer (started)'])
    assert.ok(putBack.includes(what), `${what} in ${putBack}`);
  assert.is(await on('systemctl is-enabled apt-daily.timer; systemctl is-active apt-daily.timer'), enabled);
  assert.is(await on('command -v mosquitto; ls /etc/mosquitto/conf.d 2>/dev/null | grep conf; true'), '');
  assert.is((await undo(setUp)).recap.box?.changed, 0, 'nothing more to put back');
});

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
