import type { Diff, StepReply, TaskContext, TaskResult } from '../task.ts';
import { replyFacts } from './file-arguments.ts';

export interface EditShape {
  /** `found` is returned (lineinfile state=absent). */
  always?: boolean;
  /** The copy of what was there is `backup_file`, and only there when one was made; lineinfile always returns `backup`. */
  backupFile?: boolean;
}

/** Ansible's return values of the modules that edit a file in place: lineinfile and its kin. */
export function editResult(reply: StepReply, context: Pick<TaskContext, 'diff'>, shape: EditShape): TaskResult {
  const { fields } = reply;
  const result: TaskResult = replyFacts(reply);
  if (reply.status === 'failed') {
    if (fields.rc !== undefined) result.rc = Number(fields.rc);
    if (fields.exit_status !== undefined)
      result.msg = `failed to validate: rc:${fields.exit_status} error:${fields.stderr ?? ''}`;
    return result;
  }
  if (reply.status === 'unknown') return result;
  result.msg = fields.note ?? '';
  if (fields.missing !== undefined) return result;
  if (!shape.backupFile) result.backup = fields.backup_file ?? '';
  else if (fields.backup_file) result.backup_file = fields.backup_file;
  if (shape.always) result.found = Number(fields.found ?? 0);
  if (context.diff) result.diff = editDiff(reply);
  return result;
}

/** The content first, the attributes after it, each under Ansible's header. */
function editDiff({ diffs, fields }: StepReply): Diff[] {
  const path = fields.path ?? '';
  const content = diffs.find((diff) => typeof diff.after !== 'object' || diff.hidden !== undefined);
  const attributes = diffs.filter((diff) => diff !== content);
  const header = (what: string) => ({ beforeHeader: `${path} (${what})`, afterHeader: `${path} (${what})` });
  const out: Diff[] = [];
  if (content) out.push({ ...content, path, ...header('content') });
  for (const each of attributes) out.push({ ...each, path, ...header('file attributes') });
  return out;
}
