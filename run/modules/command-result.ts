import type { StepReply, TaskResult } from '../task.ts';

/** Lines as Python's `str.splitlines()` finds them: what Ansible puts into `stdout_lines`. */
function splitLines(text: string): string[] {
  if (text === '') return [];
  const parts = text.split(/\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]/);
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

export interface CommandShape {
  /** The command as it is returned: a text for `shell`, a list for `command`; absent for `raw` and `script`. */
  cmd?: string | string[];
  stripEmptyEnds: boolean;
  /** Return start, end and delta. */
  times: boolean;
}

/** The return values of `command`, `shell`, `raw` and `script` from the reply to their step. */
export function commandResult(reply: StepReply, shape: CommandShape): TaskResult {
  const cmd = shape.cmd === undefined ? {} : { cmd: shape.cmd };
  const { fields } = reply;
  if (fields.outcome === 'present' || fields.outcome === 'absent') return notNeeded(fields, cmd);
  if (fields.outcome === 'would-run') return wouldRun(reply, cmd);
  if (fields.rc === undefined) return notStarted(reply, cmd);
  const rc = Number(fields.rc);
  if (fields.errno !== undefined) return notFound(rc, fields, shape.cmd);
  const clean = (text: string) => (shape.stripEmptyEnds ? text.replace(/[\r\n]+$/, '') : text);
  const stdout = clean(reply.stdout);
  const stderr = clean(reply.stderr);
  return {
    changed: true,
    ...cmd,
    rc,
    stdout,
    stderr,
    stdout_lines: splitLines(stdout),
    stderr_lines: splitLines(stderr),
    ...(shape.times ? times(reply.seconds) : {}),
    ...(rc === 0 ? { msg: '' } : { failed: true, msg: 'non-zero return code' }),
  };
}

/** `creates` is there or `removes` is not. */
function notNeeded(fields: Record<string, string>, cmd: object): TaskResult {
  const state = fields.outcome === 'present' ? 'exists' : 'does not exist';
  const stdout = `skipped, since ${fields.path} ${state}`;
  return {
    changed: false,
    ...cmd,
    rc: 0,
    stdout,
    stderr: '',
    stdout_lines: [stdout],
    stderr_lines: [],
    msg: `${fields.check === '1' ? 'Would' : 'Did'} not run command since '${fields.path}' ${state}`,
  };
}

/** Check mode: a change when `creates` or `removes` asks for it, otherwise skipped; its output is not known either way. */
function wouldRun(reply: StepReply, cmd: object): TaskResult {
  const changed = reply.status === 'changed';
  return {
    changed,
    ...(changed ? {} : { skipped: true }),
    ...cmd,
    rc: 0,
    stdout: '',
    stderr: '',
    stdout_lines: [],
    stderr_lines: [],
    msg: 'Command would have run if not in check mode',
    unknown: 'the command was not run in check mode',
  };
}

/** The step ended before the command began: a directory that is not there, for example. */
function notStarted(reply: StepReply, cmd: object): TaskResult {
  return {
    changed: false,
    failed: true,
    ...cmd,
    rc: null as unknown as number,
    stdout: '',
    stderr: reply.stderr,
    stdout_lines: [],
    stderr_lines: splitLines(reply.stderr),
    msg: reply.fields.msg ?? `the command could not be started (status ${reply.rc})`,
  };
}

/** The program could not be started, which Ansible learns from Python and tells by errno and name. */
function notFound(rc: number, fields: Record<string, string>, cmd: CommandShape['cmd']): TaskResult {
  const reason = fields.errno === '2' ? 'No such file or directory' : 'Permission denied';
  return {
    changed: false,
    failed: true,
    cmd: Array.isArray(cmd) ? cmd.map(pythonQuote).join(' ') : cmd,
    rc,
    stdout: '',
    stderr: '',
    stdout_lines: [],
    stderr_lines: [],
    msg: `[Errno ${fields.errno}] ${reason}: ${fields.program}`,
  };
}

/** Python's `shlex.quote`. */
function pythonQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** Controller's clock: asking the host for its own would cost two processes a command. */
function times(seconds: number): { start: string; end: string; delta: string } {
  const end = Date.now();
  return { start: timestamp(end - seconds * 1000), end: timestamp(end), delta: duration(seconds) };
}

/** As Python prints a `datetime`, in local time. */
export function timestamp(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const micros = Math.round((((milliseconds % 1000) + 1000) % 1000) * 1000) % 1_000_000;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(micros).padStart(6, '0')}`;
}

/** As Python prints a `timedelta`: `0:00:01.500000`. */
function duration(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  const whole = Math.floor(micros / 1e6);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return `${clock}.${String(micros % 1_000_000).padStart(6, '0')}`;
}
