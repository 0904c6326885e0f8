import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabPaths } from './paths.ts';
import { $, attempt } from './script.ts';
import { type HostState, hostDir, readHosts } from './state.ts';

/** What a Debian sshd looks for; made here, so that the controller knows them before the first login. */
const HOST_KEY_TYPES = ['ed25519', 'ecdsa'];

/** Makes the key pair of the lab, readable by its owner alone, unless it is there. */
export async function ensureLoginKey(paths: LabPaths): Promise<void> {
  await makeKey(paths.keyFile, 'ed25519', `lamplighter ${paths.instance}`);
}

/** Makes the host keys of a host unless they are there. They outlive a reset. */
export async function ensureHostKeys(paths: LabPaths, name: string): Promise<void> {
  const dir = join(hostDir(paths, name), 'keys');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await Promise.all(HOST_KEY_TYPES.map((type) => makeKey(join(dir, `ssh_host_${type}_key`), type, `root@${name}`)));
}

/** Writes the lab's known_hosts: each host by address and by name. */
export async function writeKnownHosts(paths: LabPaths): Promise<void> {
  const lines = await Promise.all((await readHosts(paths)).map((host) => knownLines(paths, host)));
  const text = lines.flat().join('');
  if (text === (await readFile(paths.knownHosts, 'utf8').catch(() => undefined))) return;
  await writeFile(`${paths.knownHosts}.new`, text);
  await rename(`${paths.knownHosts}.new`, paths.knownHosts);
}

async function knownLines(paths: LabPaths, host: HostState): Promise<string[]> {
  const keys = join(hostDir(paths, host.name), 'keys');
  const publics = HOST_KEY_TYPES.map((type) =>
    readFile(join(keys, `ssh_host_${type}_key.pub`), 'utf8').catch(() => ''),
  );
  return (await Promise.all(publics)).filter(Boolean).map((line) => {
    const [type, key] = line.split(' ');
    return `${host.address},${host.name} ${type} ${key}\n`;
  });
}

/** ssh-keygen writes two files: the private one gets its name last, and says that both are whole. */
async function makeKey(file: string, type: string, comment: string): Promise<void> {
  if ((await readFile(file).catch(() => undefined)) !== undefined) return;
  const made = `${file}.making`;
  await Promise.all([rm(made, { force: true }), rm(`${made}.pub`, { force: true })]);
  await attempt('make an SSH key', $`ssh-keygen -q -t ${type} -N "" -C ${comment} -f ${made}`);
  await rename(`${made}.pub`, `${file}.pub`);
  await rename(made, file);
}
