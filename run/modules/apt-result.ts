import type { StepReply, TaskContext, TaskResult } from '../task.ts';
import type { AptRequest } from './apt-step.ts';

/** Ansible's return values of the apt module. */
export function aptResult(reply: StepReply, args: AptRequest, context: TaskContext): TaskResult {
  const { fields } = reply;
  const changed = reply.status === 'changed';
  const result: TaskResult = { changed };
  if (fields.stdout !== undefined) result.stdout = fields.stdout;
  if (fields.stderr !== undefined) result.stderr = fields.stderr;
  if (reply.status === 'failed') {
    result.failed = true;
    result.msg = fields.msg ?? (reply.stderr.trim() || `apt ended with status ${reply.rc}`);
    if (fields.rc !== undefined) result.rc = Number(fields.rc);
    return result;
  }
  if (args.upgrade !== 'no' && fields.stdout !== undefined) result.msg = fields.stdout;
  if (fields.cache_update_time !== undefined) {
    result.cache_updated = fields.cache_updated === '1';
    result.cache_update_time = Number(fields.cache_update_time);
  }
  const prepared = [fields.stdout === undefined ? '' : planOf(fields.stdout), guessed(fields.guess)]
    .filter((text) => text !== '')
    .join('\n');
  if (context.diff && changed && prepared !== '') result.diff = { prepared };
  return result;
}

/** From apt-get's output what a person wants to see: from the plan to the line that counts. */
function planOf(stdout: string): string {
  const lines = stdout.split('\n');
  const start = lines.findIndex((line) => /^(Resolving dependencies|Reading state information)\.\.\./.test(line)) + 1;
  const end = lines.findIndex((line) => /^\d+ (packages )?upgraded/.test(line));
  return lines.slice(start, end < 0 ? undefined : end + 1).join('\n');
}

function guessed(specs: string | undefined): string {
  if (specs === undefined) return '';
  return `The following NEW packages will be installed (the package lists are not there yet):\n  ${specs}`;
}
