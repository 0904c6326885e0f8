import type { StepReply } from '../task.ts';
import { readFields, readLines } from './fields.ts';

const STATUS: Record<number, StepReply['status']> = {
  0: 'ok',
  100: 'changed',
  101: 'skipped',
  102: 'unknown',
  103: 'guarded',
  104: 'stopped',
};
const TIMED_OUT = 105;

/** What a step left behind on the host: its status by the runtime's numbers, its output, its records. */
export interface StepRemains {
  status: number;
  stdout?: Buffer | undefined;
  stderr?: Buffer | undefined;
  fields?: Buffer | undefined;
  /** Fields of a line each, `KEY VALUE`. */
  lines?: Buffer | undefined;
  /** Fields that the controller knew before. */
  known?: Readonly<Record<string, string>> | undefined;
  /** The word that ends contents in the records. */
  mark: string;
  seconds: number;
  /** The message of a step whose time was over. */
  lateMessage: string;
}

/** The reply of a step from what it left behind. */
export function stepReply(remains: StepRemains): StepReply {
  const { fields, diffs, warnings, code } = readFields(remains.fields ?? Buffer.alloc(0), remains.mark);
  for (const [name, value] of Object.entries(remains.known ?? {})) fields[name] ??= value;
  if (remains.lines) readLines(remains.lines.toString('utf8'), fields);
  const stderr = remains.stderr?.toString('utf8') ?? '';
  const status = STATUS[remains.status] ?? 'failed';
  if (remains.status === TIMED_OUT) fields.msg = remains.lateMessage;
  if (status === 'failed' && fields.msg === undefined)
    fields.msg = lastLine(stderr) ?? `the step ended with status ${code ?? remains.status}`;
  return {
    status,
    rc: status === 'failed' ? (code ?? remains.status) : 0,
    fields,
    diffs,
    warnings,
    stdout: remains.stdout?.toString('utf8') ?? '',
    stderr,
    seconds: remains.seconds,
  };
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .at(-1);
}
