import { spawn } from 'node:child_process';
import { mkdir, open, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LamplighterError } from '../errors.ts';
import { controllerApt, settingsBehind } from './apt.ts';
import { groupsNamed, killGroup, processesIn, removeGroup } from './cgroups.ts';
import { hostsBlock } from './hosts-file.ts';
import { initOf } from './inside.ts';
import { ensureHostKeys } from './keys.ts';
import { type LabNetwork, pathMtu, plugIn, reachableResolvers, unplug } from './network.ts';
import type { LabPaths } from './paths.ts';
import { $, attempt } from './script.ts';
import { type HostState, hostDir, readHosts, writeHost } from './state.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervisor.sh', import.meta.url));
const PREPARE = fileURLToPath(new URL('./prepare.sh', import.meta.url));
/** What systemd's first process takes as "power off": SIGRTMIN+4, which has no name in Node. */
const POWER_OFF = 38;

/** The control group that holds every process of a host. */
export async function groupOf(network: LabNetwork, name: string): Promise<string> {
  return (await groupsNamed(groupName(network, name)))[0];
}

/** Gives a host the files of a machine that was just installed. Its keys stay what they were. */
export async function prepareHost(paths: LabPaths, network: LabNetwork, host: HostState): Promise<void> {
  const dir = hostDir(paths, host.name);
  await writeHost(paths, { ...host, prepared: false });
  await rm(join(dir, 'upper'), { recursive: true, force: true });
  await rm(join(dir, 'work'), { recursive: true, force: true });
  await ensureHostKeys(paths, host.name);
  await writeSeed(paths, network, host, join(dir, 'seed'));
  await attempt(
    `prepare ${host.name}`,
    $`unshare --mount /bin/sh ${PREPARE} ${dir} ${host.base} ${host.name} ${host.user} ${paths.keyFile}.pub`,
  );
  await writeHost(paths, { ...host, prepared: true });
}

/** Switches a host on, which ends what was left of an earlier try. Returns before it has booted. */
export async function bootHost(paths: LabPaths, network: LabNetwork, host: HostState): Promise<void> {
  const dir = hostDir(paths, host.name);
  const group = await groupOf(network, host.name);
  await cutPower(network, host);
  const log = await open(join(dir, 'console.log'), 'a');
  const args = [dir, host.base, `${network.bridge}-${host.name}`, host.name, host.address, network.gateway];
  const supervisor = spawn(
    'unshare',
    ['--net', '--mount', '--propagation=private', '/bin/sh', SUPERVISOR, ...args, String(await pathMtu()), group],
    { detached: true, stdio: ['ignore', log.fd, log.fd], cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
  );
  supervisor.on('error', () => {});
  supervisor.unref();
  try {
    await ownNamespace(supervisor.pid, dir);
    await plugIn(network, host.number, host.mac, supervisor.pid!);
  } finally {
    await log.close();
  }
}

/** Pulls the plug of a host: every process of it is killed, its disk stays. */
export async function cutPower(network: LabNetwork, host: HostState): Promise<void> {
  const groups = await groupsNamed(groupName(network, host.name));
  await killGroup(groups[0]);
  await unplug(network, host.number);
  for (const group of groups) await removeGroup(group);
}

/** Shuts a host down as its power button does, and pulls the plug if that takes more than 20 seconds. */
export async function shutDown(network: LabNetwork, host: HostState): Promise<void> {
  const group = await groupOf(network, host.name);
  const init = await initOf(group);
  if (init !== undefined) {
    process.kill(init, POWER_OFF);
    for (const end = Date.now() + 20_000; Date.now() < end && (await processesIn(group)).length > 0; ) await sleep(20);
  }
  await cutPower(network, host);
}

/** The end of what a host has written on its console. */
export async function consoleTail(dir: string): Promise<string> {
  const text = await readFile(join(dir, 'console.log'), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-6).join('\n');
}

function groupName(network: LabNetwork, name: string): string {
  return `lamplighter-${network.subnet}-${name}`;
}

/** The files of this lab and this controller that differ from the image. */
async function writeSeed(paths: LabPaths, network: LabNetwork, host: HostState, seed: string): Promise<void> {
  const apt = await controllerApt(host.suite);
  const files: Record<string, string> = {
    'etc/hosts': `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\n${hostsBlock(await readHosts(paths))}\n`,
    'etc/resolv.conf': `${(await reachableResolvers()).join('\n')}\n`,
  };
  if (apt.conf.length > 0) {
    files['etc/apt/apt.conf.d/90controller'] = `${settingsBehind(network.gateway, apt.conf).join('\n')}\n`;
  }
  await rm(seed, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    const file = join(seed, path);
    await mkdir(join(file, '..'), { recursive: true, mode: 0o755 });
    await writeFile(file, text, { mode: 0o644 });
  }
}

/** Waits until a process has left the controller's network namespace. */
async function ownNamespace(pid: number | undefined, dir: string): Promise<void> {
  const ours = await readlink('/proc/self/ns/net');
  for (const end = Date.now() + 5_000; pid !== undefined && Date.now() < end; await sleep(5)) {
    const theirs = await readlink(`/proc/${pid}/ns/net`).catch(() => undefined);
    if (theirs === undefined) break;
    if (theirs !== ours) return;
  }
  throw new LamplighterError('LAB', `could not start the supervisor of a host: ${await consoleTail(dir)}`);
}
