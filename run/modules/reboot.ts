import { setTimeout as sleep } from 'node:timers/promises';
import { lines, type Sh, sh } from '../shell/script.ts';
import type { ActionHost, TaskResult } from '../task.ts';

export interface RebootRequest {
  pre_reboot_delay: number;
  post_reboot_delay: number;
  reboot_timeout: number;
  connect_timeout: number;
  test_command: string;
  msg: string;
  search_paths: string[];
  boot_time_command: string;
  reboot_command?: string | undefined;
}

/**
 * Reboots and waits for a boot id that differs: a connection that breaks is not yet a new boot, and one that can be made
 * is not either.
 */
export async function reboot(args: RebootRequest, host: ActionHost): Promise<TaskResult> {
  if (host.variable('ansible_connection') === 'local')
    return {
      changed: false,
      elapsed: 0,
      rebooted: false,
      failed: true,
      msg: 'Running reboot with local connection would reboot the control node.',
    };
  if (host.check) return { changed: true, elapsed: 0, rebooted: true };

  const before = await bootTime(args, host);
  // shutdown counts in minutes; what is left of them is waited here.
  const delay = Math.max(0, args.pre_reboot_delay);
  if (delay % 60 > 0) await pause(delay % 60, host);

  const start = Date.now();
  const elapsed = () => Math.floor((Date.now() - start) / 1000);
  host.progress('rebooting');
  const refusal = await order(args, Math.floor(delay / 60), host);
  if (refusal !== undefined) return { changed: false, rebooted: false, failed: true, elapsed: elapsed(), msg: refusal };
  if (args.post_reboot_delay > 0) await pause(args.post_reboot_delay, host);

  const booted = await until(args, host, 'last boot time check', start, async () => {
    const now = await bootTime(args, host);
    if (now === '' || now === before) throw new Error('boot time has not changed');
  });
  if (booted !== undefined) return { changed: true, rebooted: false, failed: true, elapsed: elapsed(), msg: booted };
  const usable = await until(args, host, 'post-reboot test command', Date.now(), () => test(args, host));
  if (usable !== undefined) return { changed: true, rebooted: true, failed: true, elapsed: elapsed(), msg: usable };
  return { changed: true, rebooted: true, elapsed: elapsed() };
}

async function bootTime(args: RebootRequest, host: ActionHost): Promise<string> {
  const reply = await host.run(sh`ll_command '' ${args.boot_time_command}`, { readOnly: true });
  if (reply.status === 'failed')
    throw new Error(
      `reboot: failed to get host boot time info, rc: ${reply.rc}, stdout: ${reply.stdout}, stderr: ${reply.stderr}`,
    );
  return reply.stdout.trim();
}

async function test(args: RebootRequest, host: ActionHost): Promise<void> {
  const reply = await host.run(sh`ll_command '' ${args.test_command}`, { readOnly: true });
  if (reply.status === 'failed') throw new Error(`Test command failed: ${reply.stderr} ${reply.stdout}`.trim());
}

/** Gives the order; what the command said against it, if it did. A connection that ends meanwhile is no refusal. */
async function order(args: RebootRequest, minutes: number, host: ActionHost): Promise<string | undefined> {
  try {
    const reply = await host.run(orderStep(args, minutes));
    if (reply.status !== 'failed') return undefined;
    return reply.fields.msg ?? `Reboot command failed. Error was: '${reply.stdout.trim()}, ${reply.stderr.trim()}'`;
  } catch (error) {
    if (isConnectionError(error)) return undefined;
    throw error;
  }
}

/**
 * The command runs detached, so that the answer comes back before the connection ends; for a moment the step waits for
 * it to fail.
 */
function orderStep(args: RebootRequest, minutes: number): Sh {
  return lines(
    args.reboot_command === undefined ? defaultCommand(args, minutes) : givenCommand(args, args.reboot_command),
    sh`
ll_temp; m_out=$ll_tmp; ll_temp; m_rc_file=$ll_tmp
( trap '' HUP; /bin/sh -c "$m_command" >"$m_out" 2>&1; echo "$?" >"$m_rc_file" ) </dev/null >/dev/null 2>&1 3>&- &
m_tries=0
while [ ! -s "$m_rc_file" ] && [ "$m_tries" -lt 10 ]; do sleep 0.2 2>/dev/null || sleep 1; m_tries=$((m_tries + 1)); done
m_rc=0; [ ! -s "$m_rc_file" ] || read -r m_rc <"$m_rc_file"
ll_changed
[ "$m_rc" = 0 ] || ll_fail "Reboot command failed. Error was: '$(cat "$m_out")'"`,
  );
}

function givenCommand(args: RebootRequest, command: string): Sh {
  const program = command.split(' ', 1)[0]!;
  if (program.startsWith('/')) return sh`m_command=${command}`;
  const missing = `Unable to find command "${program}" in search paths: ${args.search_paths.join(', ')}`;
  return sh`
m_command=
for m_each in ${args.search_paths}; do [ -x "$m_each/"${program} ] && { m_command=$m_each/${command}; break; }; done
[ "$m_command" ] || ll_fail ${missing}`;
}

/** shutdown tells the people who are logged in; a small system may have reboot alone. */
function defaultCommand(args: RebootRequest, minutes: number): Sh {
  const arguments_ = sh`-r ${String(minutes)} ${args.msg}`.text;
  const missing = `Unable to find command "shutdown" in search paths: ${args.search_paths.join(', ')}`;
  return sh`
m_command=
for m_each in ${args.search_paths}; do
  [ -e /etc/alpine-release ] || { [ -x "$m_each/shutdown" ] && m_command="$m_each/shutdown "${arguments_} && break; }
done
if [ -z "$m_command" ]; then
  for m_each in ${args.search_paths}; do [ -x "$m_each/reboot" ] && { m_command="sleep $((${minutes} * 60)); $m_each/reboot"; break; }; done
fi
[ "$m_command" ] || ll_fail ${missing}`;
}

/** Tries until it succeeds; the message of a timeout otherwise. Every try has a connection of its own. */
async function until(
  args: RebootRequest,
  host: ActionHost,
  what: string,
  start: number,
  attempt: () => Promise<void>,
): Promise<string | undefined> {
  let last = '';
  while (Date.now() - start < args.reboot_timeout * 1000) {
    try {
      await withLimit(args.connect_timeout, host, async () => {
        await host.disconnect();
        await host.reconnect(args.connect_timeout);
        await attempt();
      });
      return undefined;
    } catch (error) {
      host.signal.throwIfAborted();
      last = (error as Error).message;
      const seconds = Math.floor((Date.now() - start) / 1000);
      host.progress(`waiting for the reboot, ${seconds} s (${last})`);
      await pause(seconds < 60 ? 1 : 5, host);
    }
  }
  return `Timed out waiting for ${what} (timeout=${args.reboot_timeout})${last === '' ? '' : `: ${last}`}`;
}

/** A host that is going down may leave a connection open and say nothing more on it. */
async function withLimit(seconds: number, host: ActionHost, work: () => Promise<void>): Promise<void> {
  const done = new AbortController();
  const late = sleep((seconds * 2 + 5) * 1000, undefined, { signal: done.signal }).then(
    async () => {
      await host.disconnect();
      throw new Error('the host does not answer');
    },
    () => undefined,
  );
  try {
    await Promise.race([work(), late]);
  } finally {
    done.abort();
  }
}

function pause(seconds: number, host: ActionHost): Promise<void> {
  return sleep(seconds * 1000, undefined, { signal: host.signal });
}

function isConnectionError(error: unknown): boolean {
  const code = (error as { code?: string }).code;
  return code === 'CONNECTION_LOST' || code === 'CONNECT' || code === 'PROTOCOL';
}
