import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LamplighterError } from '../../errors.ts';
import { lines, type Sh, sh } from '../../shell/script.ts';
import type { ActionHost, StepReply } from '../../task.ts';
import { type Found, has, hostFunctions } from './found.ts';
import { families, type StaticAddress, type Wanted } from './request.ts';

const DIRECTORY = '/var/lib/lamplighter/static-address';
const NAME = 'lamplighter-static-address';
/** How long a host that went back may take until it answers at its former address. */
const BACK_SECONDS = 60;

/** A change that the host takes back unless it is told in time that it works. */
export interface Trial {
  found: Found;
  request: StaticAddress;
  files: readonly Wanted[];
  /** Writes them. */
  write: Sh;
  /** Where the runner looks for the host; undefined: where it is now. */
  reach: string | undefined;
  timeout: number;
  /** NetworkManager's names of the connections. */
  uuids: { now: string; before: string };
}

/** Runs before the network is set up, after a restart in the middle of a trial. */
const UNIT = `[Unit]
Description=Put the network's set-up back that was on trial when the host went down
DefaultDependencies=no
ConditionPathExists=${DIRECTORY}/settings
RequiresMountsFor=${DIRECTORY} /etc
After=local-fs.target
Before=network-pre.target systemd-networkd.service NetworkManager.service networking.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh ${DIRECTORY}/guard.sh boot

[Install]
WantedBy=sysinit.target
`;

/** The guard's script, as it goes to the host. */
function guardScript(): string {
  return readFileSync(new URL('./guard.sh', import.meta.url), 'utf8');
}

/** Carries the change out. @returns why it was taken back; undefined when it stands */
export async function trial(move: Trial, host: ActionHost): Promise<string | undefined> {
  const token = randomBytes(8).toString('hex');
  const started = Date.now();
  const elapsed = () => (Date.now() - started) / 1000;
  host.progress(`changing the address of ${move.found.interface}: it goes back by itself after ${move.timeout} s`);
  const armed = await host.run(armStep(move, token));
  if (armed.status === 'failed') {
    await host.run(guard('back', 'the files could not be written')).catch(() => undefined);
    throw new LamplighterError('MODULE_FAILED', armed.fields.msg ?? armed.stderr.trim());
  }
  let last = 'no answer';
  const limit = move.timeout - 1;
  for (let tries = 0; elapsed() < limit; tries++) {
    // Every fourth time at the former address: the host may have gone back because the change could not be applied.
    const there = move.reach === undefined || tries % 4 === 3 ? undefined : move.reach;
    const state = await look(move, token, there, host, Math.max(1, Math.min(5, limit - elapsed()))).catch((error) => {
      host.signal.throwIfAborted();
      last = (error as Error).message;
      return undefined;
    });
    const verdict = state && judge(state, move, there);
    if (verdict === 'keep') {
      const kept = await host.run(guard('keep', '')).catch(() => undefined);
      if (kept?.status === 'ok') return undefined;
    } else if (verdict?.back !== undefined) {
      await host.run(guard('back', verdict.back));
      return wentBack(move, token, host, verdict.back);
    } else if (verdict?.over !== undefined) return verdict.over;
    if (state === undefined) host.progress(`waiting for the host at ${move.reach ?? 'its address'} (${last})`);
    await sleep(500, undefined, { signal: host.signal });
  }
  return wentBack(
    move,
    token,
    host,
    `nobody reached the host at ${move.reach ?? 'its address'} within ${move.timeout} s: ${last}`,
  );
}

function armStep(move: Trial, token: string): Sh {
  const { found, request, uuids } = move;
  const lent = found.live.some((line) => line.startsWith(`${found.interface} `) && line.includes(' dynamic '));
  const settings = {
    token,
    backend: found.backend,
    interface: found.interface,
    families: families(request).join(' '),
    uuid: uuids.now,
    old_uuid: uuids.before,
    patience: lent ? 15 : 3,
  };
  const text = Object.entries(settings).map(([name, value]) => `${name}=${sh`${value}`.text}`);
  return lines(
    hostFunctions(),
    sh`
m_dir=${DIRECTORY} m_name=${NAME} m_interface=${found.interface} m_timeout=${move.timeout}
m_guard=${guardScript()}
m_unit=${UNIT}
m_settings=${text.join('\n')}
a_arm ${move.files.map(({ path }) => path)}`,
    move.write,
    sh`a_try`,
  );
}

/** The guard acts outside of the session that tells it to, which may end with the address. */
function guard(what: 'back' | 'keep', reason: string): Sh {
  const script = `${DIRECTORY}/guard.sh`;
  if (what === 'keep') return sh`ll_try sh ${script} keep || ll_fail "$ll_why"`;
  return sh`ll_try systemd-run -q --collect --unit=${`${NAME}-back`} /bin/sh ${script} back ${reason} || ll_fail "$ll_why"`;
}

interface State {
  state: string;
  outcome: string;
  live: string[];
  silent: string | undefined;
}

async function look(
  move: Trial,
  token: string,
  address: string | undefined,
  host: ActionHost,
  seconds: number,
): Promise<State> {
  await host.disconnect();
  await host.moveTo(address);
  await host.reconnect(seconds);
  const reply = await host.run(
    lines(
      hostFunctions(),
      sh`
m_dir=${DIRECTORY} m_token=${token} m_interface=${move.found.interface}
a_state ${move.request.gateway}`,
    ),
    { readOnly: true, timeoutSeconds: 20 },
  );
  return stateIn(reply);
}

function stateIn({ fields }: StepReply): State {
  const { state = '', outcome = '', live = '', silent } = fields;
  return { state, outcome: outcome.trim(), live: live.split('\n'), silent };
}

/** `keep`, why to go back, that it is over already, or nothing yet. */
function judge(
  state: State,
  move: Trial,
  at: string | undefined,
): 'keep' | { back?: string; over?: string } | undefined {
  if (state.state === 'back') return { over: failed(state.outcome) };
  if (state.state === 'other')
    return { over: `the host that answers at ${at ?? 'the address'} is not the one that was changed` };
  const { interface: device } = move.found;
  const isThere = move.request.address.every((address) => has({ live: state.live, interface: device }, address));
  if (state.state !== 'applied' || !isThere || at !== move.reach) return undefined;
  if (state.silent !== undefined) return { back: `the gateway ${state.silent} does not answer` };
  return 'keep';
}

/** Waits until the host answers as it did before. */
async function wentBack(move: Trial, token: string, host: ActionHost, reason: string): Promise<string> {
  const end = Date.now() + BACK_SECONDS * 1000;
  while (Date.now() < end) {
    try {
      const state = await look({ ...move, request: { ...move.request, gateway: [] } }, token, undefined, host, 5);
      if (state.state === 'back') return failed(reason);
    } catch {
      host.signal.throwIfAborted();
    }
    await sleep(500, undefined, { signal: host.signal });
  }
  await host.moveTo(undefined);
  return `${reason}; the host does not answer at its former address either`;
}

function failed(reason: string): string {
  return `${reason}; the former set-up of the network is back`;
}
