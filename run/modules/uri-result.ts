import type { StepReply, TaskContext, TaskResult } from '../task.ts';
import { pathFacts, replyFacts } from './file-arguments.ts';
import { fetchMessage, lastHeaders } from './http-step.ts';

interface UriRequest {
  url: string;
  status_code: number[];
  return_content: boolean;
}

/** No answer at all. In check mode the service may come with what was not done yet. */
export function uriFailure(why: string, args: UriRequest, context: TaskContext, reply: StepReply): TaskResult {
  if (context.check) return { changed: false, skipped: true, unknown: `${args.url} does not answer: ${why}`, msg: why };
  const { status_code: statuses } = args;
  return {
    changed: false,
    failed: true,
    status: -1,
    url: args.url,
    redirected: false,
    elapsed: Math.floor(reply.seconds),
    msg: `Status code was -1 and not [${statuses.join(', ')}]: Request failed: ${why}`,
  };
}

/** Ansible's return values of `uri` from an answer: the headers by name, what is known of it, the body as asked for. */
export function uriResult(reply: StepReply, args: UriRequest, context: TaskContext): TaskResult {
  const { fields } = reply;
  if (reply.status === 'failed' || reply.status === 'unknown') return { ...replyFacts(reply), url: args.url };
  const status = Number(fields.code);
  const { reason, headers } = lastHeaders(fields.headers ?? '');
  const url = withoutDefaultSlash(fields.url ?? args.url, args.url);
  const message = fetchMessage(status, reason, headers);
  const result: TaskResult = {
    ...Object.fromEntries(merged(headers)),
    ...cookies(headers),
    ...replyFacts(reply),
    status,
    url,
    redirected: url !== args.url,
    elapsed: Math.floor(reply.seconds),
    msg: message,
    by: fields.by ?? 'curl',
  };
  if (typeof result.location === 'string') result.location = absolute(args.url, result.location);
  if (fields.path !== undefined) Object.assign(result, pathFacts(reply), { path: fields.path });
  const { type, charset } = contentType(headers);
  const text = fields.body === undefined ? undefined : decoded(Buffer.from(fields.body, 'base64'), charset);
  if (text !== undefined && /[/+](json|javascript)$/.test(type)) {
    try {
      result.json = JSON.parse(text);
    } catch {
      // It only claims to be JSON.
    }
  }
  if (args.return_content && text !== undefined) result.content = text;
  if (context.diff && reply.diffs.length > 0) result.diff = reply.diffs;
  if (args.status_code.includes(status)) return result;
  result.msg = `Status code was ${status} and not [${args.status_code.join(', ')}]: ${message}`;
  if (context.check) return { ...result, skipped: true, unknown: result.msg as string };
  return { ...result, changed: false, failed: true };
}

/** Programs add the slash that a bare address lacks. */
function withoutDefaultSlash(url: string, asked: string): string {
  return url === `${asked}/` ? asked : url;
}

/** `Content-Type` as `content_type`; what comes twice is joined. */
function merged(headers: readonly (readonly [string, string])[]): Map<string, string> {
  const out = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase().replaceAll('-', '_');
    const before = out.get(key);
    out.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return out;
}

function cookies(headers: readonly (readonly [string, string])[]): Record<string, unknown> {
  const all: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== 'set-cookie') continue;
    const match = /^\s*([^=;]+)=([^;]*)/.exec(value);
    if (match) all[match[1]!] = match[2]!;
  }
  return {
    cookies: all,
    cookies_string: Object.entries(all)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
  };
}

function contentType(headers: readonly (readonly [string, string])[]): { type: string; charset: string } {
  const header = headers.findLast(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'application/octet-stream';
  const charset = /charset="?([^\s;"]+)/i.exec(header)?.[1] ?? 'utf-8';
  return { type: header.split(';')[0]!.trim().toLowerCase(), charset };
}

function decoded(body: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString('utf8');
  }
}

function absolute(url: string, location: string): string {
  try {
    return new URL(location, url).href;
  } catch {
    return location;
  }
}
