import type { StepReply, TaskContext, TaskResult } from '../task.ts';

/** Ansible's return values of `systemd` and `service`, with the diff that Ansible lacks. */
export function unitResult(reply: StepReply, args: { name?: string | undefined }, context: TaskContext): TaskResult {
  const { fields } = reply;
  const result: TaskResult = { changed: reply.status === 'changed', name: args.name ?? null };
  if (reply.status === 'failed') {
    result.failed = true;
    result.msg = fields.msg ?? (reply.stderr.trim() || `the service manager ended with status ${reply.rc}`);
    return result;
  }
  if (fields.show !== undefined) result.status = parseShow(fields.show);
  else if (args.name === undefined) result.status = {};
  if (fields.enabled !== undefined) result.enabled = fields.enabled === '1';
  if (fields.state !== undefined) result.state = fields.state;
  if (context.diff && result.changed) {
    const before = pictured(fields, 'before');
    const after = pictured(fields, 'after');
    // A restart changes nothing that lasts; it is named so that the diff is not empty.
    if (fields.verb === 'restart' || fields.verb === 'reload') after.action = fields.verb;
    result.diff = { before, after, path: args.name ?? '' };
  }
  return result;
}

function pictured(fields: Record<string, string>, side: 'before' | 'after'): Record<string, unknown> {
  const picture: Record<string, unknown> = {};
  const state = fields[`active_${side}`];
  if (state !== undefined) picture.state = state === 'active' ? 'started' : state === 'inactive' ? 'stopped' : state;
  for (const name of ['enabled', 'masked'])
    if (fields[`${name}_${side}`] !== undefined) picture[name] = fields[`${name}_${side}`] === '1';
  return picture;
}

/** `systemctl show` as a mapping; only Exec… values span lines, and those begin with a brace. */
export function parseShow(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  let open: { key: string; lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    if (open !== undefined) {
      open.lines.push(line);
      if (!line.trimEnd().endsWith('}')) continue;
      properties[open.key] = open.lines.join('\n').trim();
      open = undefined;
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 0) continue;
    const key = line.slice(0, equals);
    const value = line.slice(equals + 1);
    if (key.startsWith('Exec') && value.trimStart().startsWith('{') && !value.trimEnd().endsWith('}'))
      open = { key, lines: [value] };
    else properties[key] = value.trim();
  }
  return properties;
}
