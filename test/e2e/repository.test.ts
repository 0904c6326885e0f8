import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, openLab } from '../../run/lab/lab.ts';
import { canBeLab } from '../../run/lab/requirements.ts';
import { asVersion, forget, type SigningKey, serveRepository, signingKey } from '../helpers/apt-repository.ts';
import type { TestServer } from '../helpers/http-server.ts';
import { complaint, lighter, scratch, withStatus } from '../helpers/lighter.ts';

/*
 * Mosquitto from a repository that is signed by a key of its own and served by this machine: trusted by that key alone, held
 * by a pin, and refused, in apt's own words, when the key is another one.
 */

const test = suite('a signed repository');
const possible = await canBeLab();
const files = scratch();
const NEWER = '2.0.99-1lamps1';
let lab: Lab;
let own: SigningKey;
let other: SigningKey;
let server: TestServer;

const repository = (more: Record<string, unknown> = {}) => ({
  uris: server.url,
  suites: 'lamps',
  components: 'main',
  signed_by: `${server.url}/key.asc`,
  ...more,
});
const install = (vars: Record<string, unknown>, ...options: string[]) =>
  lighter(['-i', files.path('hosts.yaml'), files.path('install.yaml'), '-e', JSON.stringify(vars), ...options]);
const inside = async (command: string) => (await lab.run('home', command)).stdout.trim();
const version = () => inside("dpkg-query -W -f '${Version}' mosquitto");

test.before(async () => {
  lab = await openLab({ instance: `repository${process.pid}` });
  const host = (await lab.up(['home'], { also: [] }))[0]!;
  files.write(
    'hosts.yaml',
    JSON.stringify({
      all: {
        hosts: { home: { ansible_host: host.address, ansible_user: host.user } },
        vars: {
          ansible_ssh_private_key_file: lab.paths.keyFile,
          ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.paths.knownHosts}`,
        },
      },
    }),
  );
  files.write(
    'install.yaml',
    `- hosts: all\n  become: true\n  roles:\n    - ${process.cwd()}/playbooks/roles/mosquitto\n`,
  );
  const directory = files.path('');
  execFileSync('apt-get', ['download', '-qq', 'mosquitto', 'mosquitto-clients', 'libmosquitto1'], { cwd: directory });
  const debs = execFileSync('ls', { cwd: directory, encoding: 'utf8' })
    .split('\n')
    .filter((name) => name.endsWith('.deb'))
    .map((name) => asVersion(files.path(name), NEWER, directory));
  own = signingKey(files.path('own'));
  other = signingKey(files.path('other'));
  server = await serveRepository(debs, own, host.address.replace(/\d+$/, '1'));
});

test.after(async () => {
  await server?.close();
  for (const key of [own, other]) if (key) forget(key);
  await lab?.down();
  files.remove();
});

test("a key that is not the repository's: refused in apt's words, and nothing is installed from it", async () => {
  const refused = await install({ mosquitto_repository: repository({ signed_by: other.public }) });
  assert.is(refused.exitCode, 2);
  assert.match(complaint(refused), /NO_PUBKEY|not available|not signed/);
  assert.is(await version(), '');
});

test('the right key: the broker comes from there, and a second run has nothing to do', async () => {
  const vars = { mosquitto_repository: repository() };
  const dry = await install(vars, '--check', '--diff');
  assert.is(dry.exitCode, 0, complaint(dry));
  const made = await install(vars);
  assert.is(made.exitCode, 0, complaint(made));
  assert.is(await version(), NEWER);
  assert.match(await inside('apt-cache policy mosquitto'), server.url);
  assert.is(await inside('systemctl is-active mosquitto'), 'active');
  assert.equal(withStatus(await install(vars), 'changed', 'failed'), []);
});

test('a pin holds a version, goes back to it, and is taken away', async () => {
  const vars = { mosquitto_repository: repository(), mosquitto_state: 'latest' };
  const pinned = await install({ ...vars, mosquitto_pin: 'version 2.0.11*' });
  assert.is(pinned.exitCode, 0, complaint(pinned));
  assert.match(await version(), /^2\.0\.11/);
  assert.is(
    await inside('cat /etc/apt/preferences.d/mosquitto'),
    'Package: mosquitto mosquitto-clients libmosquitto1\nPin: version 2.0.11*\nPin-Priority: 1001',
  );
  assert.equal(withStatus(await install({ ...vars, mosquitto_pin: 'version 2.0.11*' }), 'changed', 'failed'), []);
  const free = await install({ ...vars, mosquitto_pin: '' });
  assert.is(free.exitCode, 0, complaint(free));
  assert.is(await version(), NEWER);
});

if (possible.ok) test.run();
else console.log(`skipped: ${possible.reason}`);
