import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { lines, raw, type Sh, sh } from '../shell/script.ts';
import type { ActionHost, StepReply, TaskResult } from '../task.ts';
import { ANY_V4, ANY_V6, addressHex, portHex, TCP_STATES } from './proc-net.ts';
import { isGrepPattern, pythonRegex } from './python-regex.ts';
import { shellFunctions } from './shell-file.ts';

export interface WaitRequest {
  host: string;
  port?: number | undefined;
  path?: string | undefined;
  state: 'absent' | 'drained' | 'present' | 'started' | 'stopped';
  search_regex?: string | undefined;
  delay: number;
  timeout: number;
  sleep: number;
  connect_timeout: number;
  exclude_hosts?: string[] | undefined;
  active_connection_states: string[];
  msg?: string | undefined;
}

/**
 * Waits on the host itself where that is possible, so that the step travels with the others: files, ports of the host's
 * own loopback, connections that drain, a plain delay. Other addresses and patterns that need Python's regular
 * expressions go to `waitFromHere`.
 */
export function waitStep(args: WaitRequest): Sh | undefined {
  const probe = probeOf(args);
  if (probe === undefined) return undefined;
  return lines(
    shellFunctions(new URL('./wait-for.sh', import.meta.url)),
    sh`m_delay=${args.delay} m_timeout=${args.timeout} m_sleep=${args.sleep} m_want=${wanted(args)}`,
    probe,
  );
}

function probeOf(args: WaitRequest): Sh | undefined {
  const message = timeoutMessage(args);
  if (args.path !== undefined) {
    if (args.search_regex !== undefined && !isGrepPattern(args.search_regex)) return undefined;
    return sh`
ll_home ${args.path}; m_path=$ll_path m_pattern=${args.search_regex ?? ''}
wait_main wait_path ${message}`;
  }
  if (args.port === undefined) return args.state === 'drained' ? undefined : raw('wait_nothing');
  const addresses = addressHex(args.host);
  if (args.state === 'drained') {
    if (addresses === undefined) return undefined;
    const any = addresses.includes(ANY_V4) || addresses.includes(ANY_V6);
    const states = args.active_connection_states.map((state) => TCP_STATES[state]!);
    const except = (args.exclude_hosts ?? []).flatMap((host) => addressHex(host) ?? []);
    return sh`
m_port=${portHex(args.port)} m_local=${any ? 'any' : addresses.join(' ')} m_states=${states.join(' ')} m_except=${except.join(' ')}
wait_main wait_drained ${message}`;
  }
  const loopback = ['127.0.0.1', 'localhost', '::1', '0.0.0.0', '::'].includes(args.host);
  if (!loopback || addresses === undefined || args.search_regex !== undefined) return undefined;
  // Connecting to "any address" means the loopback.
  const local = args.host === '0.0.0.0' || args.host === '::' ? addressHex('localhost')! : addresses;
  return sh`
m_port=${portHex(args.port)} m_local=${[ANY_V4, ANY_V6, ...local].join(' ')}
wait_main wait_port ${message}`;
}

function wanted(args: WaitRequest): string {
  if (args.state === 'drained') return 'drained';
  return args.state === 'absent' || args.state === 'stopped' ? 'absent' : 'present';
}

export function waitResult(reply: StepReply, args: WaitRequest): TaskResult {
  const elapsed = Number(reply.fields.elapsed ?? 0);
  if (reply.status === 'failed') return { changed: false, failed: true, elapsed, msg: reply.fields.msg };
  return found(args, elapsed, null);
}

/** From the controller, through the host's connection: addresses that are not the host's own, and texts to be matched. */
export async function waitFromHere(args: WaitRequest, host: ActionHost): Promise<TaskResult> {
  const start = Date.now();
  const elapsed = () => Math.floor((Date.now() - start) / 1000);
  const pattern = args.search_regex === undefined ? undefined : pythonRegex(args.search_regex);
  const attempt =
    args.path === undefined
      ? (limit: number) => tryPort(args, pattern, limit, host)
      : () => tryFile(args.path!, pattern!, host);
  if (host.check) {
    const match = await attempt(args.connect_timeout);
    if (match !== undefined) return found(args, 0, match);
    return { changed: false, unknown: `would wait: ${timeoutMessage(args)}` };
  }
  const end = start + args.timeout * 1000;
  if (args.delay > 0) await sleep(args.delay * 1000, undefined, { signal: host.signal });
  while (Date.now() < end) {
    const match = await attempt(Math.min(args.connect_timeout, Math.ceil((end - Date.now()) / 1000)));
    if (match !== undefined) return found(args, elapsed(), match);
    await sleep(args.sleep * 1000, undefined, { signal: host.signal });
  }
  return { changed: false, failed: true, elapsed: elapsed(), msg: timeoutMessage(args) };
}

function found(args: WaitRequest, elapsed: number, match: RegExpExecArray | null): TaskResult {
  return {
    changed: false,
    elapsed,
    state: args.state,
    port: args.port ?? null,
    path: args.path ?? null,
    search_regex: args.search_regex ?? null,
    match_groups: match === null ? [] : match.slice(1).map((group) => group ?? null),
    match_groupdict: { ...match?.groups },
  };
}

async function tryFile(path: string, pattern: RegExp, host: ActionHost): Promise<RegExpExecArray | undefined> {
  const reply = await host.run(sh`ll_home ${path}; ll_read "$ll_path" && ll_ret_file content "$ll_at"; return 0`);
  return reply.fields.content === undefined ? undefined : (pattern.exec(reply.fields.content) ?? undefined);
}

/** A match, null for a success without a pattern, undefined for "not yet". */
async function tryPort(
  args: WaitRequest,
  pattern: RegExp | undefined,
  limit: number,
  host: ActionHost,
): Promise<RegExpExecArray | null | undefined> {
  const waitsForEnd = args.state === 'absent' || args.state === 'stopped';
  const socket = await connect(args, limit, host);
  if (socket === undefined || socket === 'open') {
    const there = socket === 'open';
    if (there && pattern !== undefined)
      throw new Error('search_regex on a port needs TCP forwarding, which the SSH server of the host forbids');
    return there === waitsForEnd ? undefined : null;
  }
  try {
    if (waitsForEnd) return undefined;
    if (pattern === undefined) return null;
    return await matchStream(socket, pattern, args.timeout, host);
  } finally {
    socket.destroy();
  }
}

/** A connection from the host; `open` when only its being there could be told; undefined when there is none. */
async function connect(args: WaitRequest, limit: number, host: ActionHost): Promise<Duplex | 'open' | undefined> {
  const late = new AbortController();
  const opening = host.forward(args.host, args.port!);
  // A connection that comes too late is closed again.
  opening.then(
    (socket) => late.signal.aborted && socket.destroy(),
    () => undefined,
  );
  try {
    const socket = await Promise.race([
      opening,
      sleep(limit * 1000, undefined, { ref: false }).then(() => {
        late.abort();
        return undefined;
      }),
    ]);
    return socket === undefined || (await isOpen(socket)) ? socket : undefined;
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    if (!/forbid|prohibit|disabled/i.test(`${message} ${hint ?? ''}`)) return undefined;
    return (await probeByTools(args, limit, host)) ? 'open' : undefined;
  }
}

/** A connection made on this machine may tell of a refusal only afterwards. */
function isOpen(socket: Duplex): Promise<boolean> {
  if (!('connecting' in socket) || !socket.connecting) return Promise.resolve(true);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
}

/** Where the SSH server forbids forwarding: bash's own sockets or nc, on the host. */
async function probeByTools(args: WaitRequest, limit: number, host: ActionHost): Promise<boolean> {
  const reply = await host.run(
    sh`
if command -v bash >/dev/null; then
  m_try() { bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash ${args.host} ${args.port!}; }
elif command -v nc >/dev/null; then
  m_try() { nc -w ${limit} ${args.host} ${args.port!} </dev/null; }
else ll_fail 'TCP forwarding is forbidden on this host, and it has neither bash nor nc to connect with'; fi
m_try >/dev/null 2>&1 && ll_ret open 1; return 0`,
    { timeoutSeconds: limit + 1, readOnly: true },
  );
  if (reply.status === 'failed' && reply.fields.msg?.startsWith('TCP forwarding')) throw new Error(reply.fields.msg);
  return reply.fields.open === '1';
}

function matchStream(
  socket: Duplex,
  pattern: RegExp,
  timeoutSeconds: number,
  host: ActionHost,
): Promise<RegExpExecArray | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (match: RegExpExecArray | undefined) => {
      clearTimeout(timer);
      host.signal.removeEventListener('abort', stop);
      resolve(match);
    };
    const stop = () => finish(undefined);
    const timer = setTimeout(stop, timeoutSeconds * 1000);
    host.signal.addEventListener('abort', stop);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const match = pattern.exec(text);
      if (match !== null) finish(match);
    });
    socket.on('end', stop);
    socket.on('error', stop);
    socket.on('close', stop);
  });
}

function timeoutMessage(args: WaitRequest): string {
  if (args.msg !== undefined) return args.msg;
  const end = wanted(args);
  if (args.path !== undefined) {
    if (end === 'absent') return `Timeout when waiting for ${args.path} to be absent.`;
    if (args.search_regex !== undefined)
      return `Timeout when waiting for search string ${args.search_regex} in ${args.path}`;
    return `Timeout when waiting for file ${args.path}`;
  }
  const address = `${args.host}:${args.port}`;
  if (end === 'drained') return `Timeout when waiting for ${address} to drain`;
  if (end === 'absent') return `Timeout when waiting for ${address} to stop.`;
  if (args.search_regex !== undefined)
    return `Timeout when waiting for search string ${args.search_regex} in ${address}`;
  return `Timeout when waiting for ${address}`;
}
