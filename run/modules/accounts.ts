import type { z } from 'zod';
import { str } from '../args.ts';
import type { StepReply, TaskContext, TaskResult } from '../task.ts';
import { replyFacts } from './file-arguments.ts';

/** A user's or group's name: what cannot be a field of /etc/passwd or an option of a command is refused. */
export function accountName(): z.ZodType<string> {
  return str().refine(
    (name) => /^[^-:,/\s][^:,/\n]*$/.test(name),
    'expected a name without : , / and line feeds that does not begin with -',
  ) as unknown as z.ZodType<string>;
}

/** A field of /etc/passwd. */
export function accountField(): z.ZodType<string> {
  return str().refine(
    (text) => !/[:\n]/.test(text),
    'cannot hold a colon or a line feed',
  ) as unknown as z.ZodType<string>;
}

/** What the commands of the step said, and how it ended. */
export function accountResult(reply: StepReply): TaskResult {
  const { rc, stdout, stderr } = reply.fields;
  const result: TaskResult = replyFacts(reply);
  if (reply.status === 'failed') {
    if (reply.fields.msg === undefined) result.msg = reply.stderr.trim();
    if (rc !== undefined) result.rc = Number(rc);
    return result;
  }
  if (stdout !== undefined) result.stdout = stdout;
  if (stderr !== undefined) result.stderr = stderr;
  return result;
}

/** The fields that differ, as the step told them by `a_differs`. */
export function accountDiff(
  reply: StepReply,
  context: Pick<TaskContext, 'diff'>,
  name: string,
): Pick<TaskResult, 'diff'> {
  if (!context.diff) return {};
  const side = (prefix: string) =>
    Object.fromEntries(
      Object.entries(reply.fields)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]),
    );
  return { diff: { path: name, before: side('before.'), after: side('after.') } };
}
