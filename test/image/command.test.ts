import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { imageCommand } from '../../run/image/command.ts';
import { shaCrypt } from '../../run/jinja/filters/sha-crypt.ts';
import { fakeIo } from '../cli/fake-io.ts';

const test = suite('the command image');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINfA9Qx8pHPsOU9cmQxj3Yr6CyNYAnGtfOuTnAeZd5an ana@desk';
const HOSTS = `all:
  children:
    home:
      hosts:
        futro.lan:
          ansible_user: ana
          ansible_ssh_private_key_file: KEY
          static_address: "{{ net }}.20/24"
          static_gateway: 192.168.1.1
          install_root_disk: /dev/mmcblk0
      vars:
        net: 192.168.1
        install_password_hash: "{{ 'secret' | password_hash('sha512', 'abcdefgh', rounds=5000) }}"
`;
let cwd: string;
const at = (...path: string[]) => join(cwd, ...path);

/** @returns the exit code and what was said */
async function image(argv: string[], more: { kernel?: Parameters<typeof imageCommand>[2]; type?: string } = {}) {
  const { io, stdin, out, err } = fakeIo({ cwd, isTTY: more.type !== undefined });
  if (more.type !== undefined) stdin.write(more.type);
  const code = await imageCommand(argv, io, more.kernel);
  return { code, out: out(), err: err() };
}

interface Seed {
  identity: { hostname: string; username: string; password: string };
  network: { ethernets: Record<string, { addresses: string[] }> };
  storage: { config: { path?: string }[] };
  ssh: { 'authorized-keys': string[] };
}
const seed = (directory: string) => parse(readFileSync(at(directory, 'user-data'), 'utf8')).autoinstall as Seed;

test.before.each(() => {
  cwd = mkdtempSync(join(tmpdir(), 'image-'));
  writeFileSync(at('id.pub'), `${KEY}\n`);
  writeFileSync(at('password'), 'open sesame\n');
  writeFileSync(at('hosts.yaml'), HOSTS.replace('KEY', at('id')));
});
test.after.each(() => rmSync(cwd, { recursive: true }));

test('a host of the inventory: its variables, and options above them', async () => {
  const made = await image(['futro.lan', '-i', 'hosts.yaml', '--data-disk', 'none']);
  assert.is(made.code, 0, made.err);
  assert.match(made.out, /ERASES \/dev\/mmcblk0 of/);
  const { identity, network, storage, ssh } = seed('install-futro');
  assert.equal(identity, { hostname: 'futro', username: 'ana', realname: 'ana', password: identity.password });
  assert.match(identity.password, /^\$6\$rounds=5000\$abcdefgh\$/);
  assert.equal(network.ethernets.lan?.addresses, ['192.168.1.20/24']);
  assert.equal(
    storage.config.flatMap(({ path }) => (path?.startsWith('/dev') ? [path] : [])),
    ['/dev/mmcblk0'],
  );
  assert.equal(ssh['authorized-keys'], [KEY]);
  for (const file of ['user-data', 'meta-data', 'cidata.img'])
    assert.is(statSync(at('install-futro', file)).mode & 0o777, 0o600, file);
  const volume = readFileSync(at('install-futro/cidata.img'));
  assert.ok(volume.includes(readFileSync(at('install-futro/user-data'))), 'the volume holds the same');
});

test('without an inventory: a password from a file, hashed, and nowhere else', async () => {
  const words = ['--hostname', 'a', '--user', 'ana', '--key', 'id.pub', '--password-file', 'password', '-o', 'out'];
  const made = await image(words);
  assert.is(made.code, 0, made.err);
  const { password } = seed('out').identity;
  const [, , , salt] = password.split('$');
  assert.is(password, shaCrypt('sha512', 'open sesame', salt!, 100_000));
  assert.not.match(made.out + made.err, /sesame/);
});

test('a password that is asked for twice', async () => {
  const words = ['--hostname', 'a', '--user', 'ana', '--key', 'id.pub'];
  const nobody = await image(words);
  assert.is(nobody.code, 1);
  assert.match(nobody.err, /--password-file FILE or --no-password/);
  assert.not(existsSync(at('install-a')));
  assert.is((await image([...words, '--no-password'])).code, 0);
  assert.is(seed('install-a').identity.password, '*');
});

test('mistakes: where they stand, and what to say instead', async () => {
  const said = async (...argv: string[]) => {
    const { code, err } = await image(argv);
    assert.is(code, 1, argv.join(' '));
    return err;
  };
  const base = ['--hostname', 'a', '--user', 'ana', '--no-password'];
  assert.match(await said('futor.lan', '-i', 'hosts.yaml'), /did you mean "futro.lan"/);
  assert.match(await said('--user', 'ana', '--key', 'id.pub'), /nothing says the hostname/);
  assert.match(await said(...base), /which key lets the user in/);
  assert.match(await said(...base, '--key', 'none.pub'), /there is no key .*none.pub/);
  writeFileSync(at('id'), '-----BEGIN OPENSSH PRIVATE KEY-----\n');
  assert.match(await said(...base, '--key', 'id'), /private key[\s\S]*Did you mean .*id.pub/);
  writeFileSync(at('junk.pub'), 'ssh-ed25519\n');
  assert.match(await said(...base, '--key', 'junk.pub'), /holds no public key/);
  assert.match(await said(...base, '--key', 'id.pub', '--swap', '4'), /^ERROR! --swap: expected a size/);
  assert.match(await said(...base, '--key', 'id.pub', '--password-file', 'password'), /exclude each other/);
  assert.match(await said(...base, '--wirte', '/dev/sdb'), /unknown option .*--wirte[\s\S]*--write/);
  writeFileSync(at('hosts.yaml'), HOSTS.replace('KEY', at('id')).replace('/dev/mmcblk0', 'mmcblk0'));
  const placed = await said('futro.lan', '-i', 'hosts.yaml');
  assert.match(placed, /install_root_disk of futro.lan: expected a disk/);
  assert.match(placed, /hosts\.yaml:10:30/);
  writeFileSync(
    at('hosts.yaml'),
    HOSTS.replace('KEY', at('id')).replace(/install_password_hash:.*/, 'install_password_hash: hunter2'),
  );
  const hash = await said('futro.lan', '-i', 'hosts.yaml');
  assert.match(hash, /install_password_hash of futro.lan is no hash/);
});

test('a stick is written after its name was typed, and not otherwise', async () => {
  const kernel = { dev: at('dev'), sys: at('sys'), proc: at('proc') };
  const about = at('sys/class/block/sdb');
  for (const directory of [at('dev'), at('proc/self'), join(about, 'device'), join(about, 'holders')])
    mkdirSync(directory, { recursive: true });
  for (const [file, text] of Object.entries({
    size: '8192',
    removable: '1',
    ro: '0',
    dev: '8:16',
    'device/model': 'DT 101',
  }))
    writeFileSync(join(about, file), `${text}\n`);
  writeFileSync(at('proc/self/mountinfo'), '');
  writeFileSync(at('dev/sdb'), Buffer.alloc(4 << 20, 7));
  symlinkSync(at('dev/sdb'), at('dev/stick'));
  const argv = ['futro.lan', '-i', 'hosts.yaml', '--write', at('dev/stick')];
  const before = readFileSync(at('dev/sdb'));
  const unasked = await image(argv, { kernel });
  assert.is(unasked.code, 1);
  assert.match(unasked.err, /no terminal to confirm/);
  const other = await image(argv, { kernel, type: 'sda\n' });
  assert.is(other.code, 1);
  assert.match(other.err, /DT 101, 4 MB, with no partitions[\s\S]*Type sdb[\s\S]*not confirmed/);
  assert.ok(readFileSync(at('dev/sdb')).equals(before));
  const written = await image(argv, { kernel, type: 'sdb\n' });
  assert.is(written.code, 0, written.err);
  const volume = readFileSync(at('install-futro/cidata.img'));
  assert.ok(readFileSync(at('dev/sdb')).subarray(0, volume.length).equals(volume));
});

test.run();
