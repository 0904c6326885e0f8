import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LamplighterError } from '../errors.ts';
import { processesIn } from './cgroups.ts';
import { consoleTail, groupOf } from './host.ts';
import { initOf, runInside } from './inside.ts';
import type { LabNetwork } from './network.ts';
import type { LabPaths } from './paths.ts';
import type { Progress } from './progress.ts';
import { type HostState, hostDir } from './state.ts';

/** What a host says of itself. */
export interface Health {
  /** `off`, or what `systemctl is-system-running` says: `starting`, `running`, `degraded`, `stopping`… */
  state: string;
  /** Units that have failed. */
  failed: string[];
}

const PATIENCE_MS = 300_000;
/** Looks in a row, 50 ms apart, that find nothing of a host before it counts as ended. */
const GONE_FOR_GOOD = 40;

/** How a host is now, without waiting. */
export async function healthOf(network: LabNetwork, name: string): Promise<Health> {
  const init = await initOf(await groupOf(network, name));
  if (init === undefined) return { state: 'off', failed: [] };
  const answer = await runInside(
    init,
    'systemctl is-system-running; systemctl list-units --failed --plain --no-legend',
  );
  const [state, ...units] = answer.stdout.trim().split('\n');
  const failed = units.map((line) => line.split(' ')[0]!).filter(Boolean);
  return { state: state || 'starting', failed: state === 'degraded' ? failed : [] };
}

/** Waits until a host has booted and its sshd answers. Throws LAB when it ends instead or takes five minutes. */
export async function waitForBoot(
  paths: LabPaths,
  network: LabNetwork,
  host: HostState,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Health> {
  const group = await groupOf(network, host.name);
  const end = Date.now() + PATIENCE_MS;
  let health: Health = { state: 'off', failed: [] };
  let gone = 0;
  for (;;) {
    if (signal?.aborted) throw new LamplighterError('INTERRUPTED', `interrupted while ${host.name} boots`);
    health = await healthOf(network, host.name);
    const booted = health.state === 'running' || health.state === 'degraded';
    if (booted && (await greets(host.address))) return health;
    progress({ host: host.name, text: booted ? 'waiting for sshd' : 'booting', passing: true });
    // A supervisor that has only just started is in no group yet.
    gone = health.state === 'off' && (await processesIn(group)).length === 0 ? gone + 1 : 0;
    const ended = gone > GONE_FOR_GOOD;
    if (ended || Date.now() > end) {
      throw new LamplighterError('LAB', `${host.name} ${ended ? 'ended' : `is ${health.state} after five minutes`}`, {
        hint: `The end of its console: ${await consoleTail(hostDir(paths, host.name))}`,
      });
    }
    await sleep(50);
  }
}

/** Whether an SSH server greets at an address within a second. */
async function greets(address: string): Promise<boolean> {
  const socket = connect({ host: address, port: 22 });
  try {
    const [chunk] = await once(socket, 'data', { signal: AbortSignal.timeout(1000) });
    return String(chunk).startsWith('SSH-');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
