import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { LamplighterError } from '../errors.ts';
import { pythonJson } from './python-json.ts';

export type BodyFormat = 'raw' | 'json' | 'form-urlencoded' | 'form-multipart';

export interface HttpBody {
  content: Buffer;
  /** What the format says of itself, unless a header does. */
  type?: string | undefined;
}

/**
 * The body of a request in a format of Ansible's uri.
 * @param read gives the content of a file that a form names
 * @throws LamplighterError BAD_ARGUMENT for a body that the format cannot hold
 */
export async function httpBody(
  body: unknown,
  format: BodyFormat,
  read: (file: string) => Promise<Buffer>,
): Promise<HttpBody | undefined> {
  if (format === 'json')
    return { content: Buffer.from(typeof body === 'string' ? body : pythonJson(body)), type: 'application/json' };
  if (format === 'form-urlencoded')
    return { content: Buffer.from(urlEncoded(body)), type: 'application/x-www-form-urlencoded' };
  if (format === 'form-multipart') return multipart(body, read);
  if (body === undefined || body === null) return undefined;
  return { content: Buffer.from(typeof body === 'object' ? pythonJson(body) : text(body)) };
}

function text(value: unknown): string {
  return value === true ? 'True' : value === false ? 'False' : String(value);
}

function urlEncoded(body: unknown): string {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null)
    throw new LamplighterError('BAD_ARGUMENT', 'failed to parse body as form_urlencoded: a list or a mapping is due');
  const pairs = Array.isArray(body) ? body : Object.entries(body);
  const form = new URLSearchParams();
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new LamplighterError('BAD_ARGUMENT', 'failed to parse body as form_urlencoded: pairs are due');
    const values = Array.isArray(pair[1]) ? pair[1] : [pair[1]];
    for (const value of values) if (value !== null && value !== undefined) form.append(text(pair[0]), text(value));
  }
  return form.toString();
}

async function multipart(body: unknown, read: (file: string) => Promise<Buffer>): Promise<HttpBody> {
  const wrong = (why: string) => new LamplighterError('BAD_ARGUMENT', `failed to parse body as form-multipart: ${why}`);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw wrong('a mapping is due');
  const boundary = `===============${randomBytes(16).toString('hex')}==`;
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(body)) {
    let disposition = `form-data; name="${name}"`;
    let type: string | undefined;
    let content: Buffer;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const { filename, content: given, mime_type: mime } = value as Record<string, unknown>;
      if (filename === undefined && given === undefined)
        throw wrong('at least one of filename or content must be provided');
      content = given === undefined ? await read(text(filename)) : Buffer.from(text(given));
      if (filename !== undefined) disposition += `; filename="${basename(text(filename))}"`;
      type = mime === undefined ? (filename === undefined ? undefined : 'application/octet-stream') : text(mime);
    } else if (Array.isArray(value)) throw wrong('value must be a string, or mapping, cannot be a list');
    else content = Buffer.from(text(value));
    const header = `--${boundary}\r\nContent-Disposition: ${disposition}\r\n${type ? `Content-Type: ${type}\r\n` : ''}\r\n`;
    parts.push(Buffer.from(header), content, Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { content: Buffer.concat(parts), type: `multipart/form-data; boundary="${boundary}"` };
}
