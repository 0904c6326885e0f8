import { spawnSync } from 'node:child_process';
import { lookupError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import { splitLines } from '../python/text.ts';
import { dictEntries } from '../values/dict.ts';
import { isDict } from '../values/kinds.ts';
import type { Keywords } from '../values/types.ts';
import { checkOptions, flagOption, type Lookup, textOption } from './plugin.ts';

const names = [
  ...['validate_certs', 'split_lines', 'username', 'password', 'headers', 'force', 'timeout', 'http_agent'],
  ...['force_basic_auth', 'follow_redirects', 'use_proxy', 'ca_path'],
];

/** Reads one request as JSON, fetches it, and answers with JSON: templates are evaluated without waiting. */
const fetcher = `
let text = '';
process.stdin.on('data', (chunk) => (text += chunk)).on('end', async () => {
  const { url, headers, redirect, timeout } = JSON.parse(text);
  try {
    const response = await fetch(url, { headers, redirect, signal: AbortSignal.timeout(timeout) });
    const body = Buffer.from(await response.arrayBuffer()).toString('utf8');
    process.stdout.write(JSON.stringify({ status: response.status, reason: response.statusText, body }));
  } catch (error) {
    process.stdout.write(JSON.stringify({ failure: String(error.cause?.message ?? error.message) }));
  }
});`;

function headersOf(options: Keywords): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': textOption(options, 'http_agent', 'ansible-httpget') };
  if (isDict(options.headers)) {
    for (const [name, value] of dictEntries(options.headers)) headers[pyString(name)] = pyString(value);
  }
  if (options.username !== undefined && options.username !== null) {
    const login = `${pyString(options.username)}:${textOption(options, 'password', '')}`;
    headers.authorization = `Basic ${Buffer.from(login).toString('base64')}`;
  }
  if (flagOption(options, 'force', false)) headers['cache-control'] = 'no-cache';
  return headers;
}

function fetchText(url: string, options: Keywords): string {
  const redirect = ['no', 'none', 'false', 'False'].includes(textOption(options, 'follow_redirects', 'urllib2'))
    ? 'manual'
    : 'follow';
  const timeout = Number(textOption(options, 'timeout', '10')) * 1000;
  const environment = {
    ...process.env,
    ...(flagOption(options, 'validate_certs', true)
      ? {}
      : { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }),
    ...(options.ca_path ? { NODE_EXTRA_CA_CERTS: pyString(options.ca_path) } : {}),
  };
  const result = spawnSync(process.execPath, ['-e', fetcher], {
    input: JSON.stringify({ url, headers: headersOf(options), redirect, timeout }),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: environment,
  });
  if (result.error || result.status !== 0) {
    throw lookupError(`Failed lookup url for ${url} : ${result.error?.message ?? result.stderr}`);
  }
  const answer = JSON.parse(result.stdout) as { status: number; reason: string; body: string; failure?: string };
  if (answer.failure !== undefined) throw lookupError(`Failed lookup url for ${url} : ${answer.failure}`);
  if (answer.status >= 400) {
    throw lookupError(`Received HTTP error for ${url} : HTTP Error ${answer.status}: ${answer.reason}`);
  }
  return answer.body;
}

/** Ansible's `url`: the lines (or the whole) of what a URL has. */
export const url: Lookup = (terms, options) => {
  checkOptions('url', options, names);
  if (!flagOption(options, 'use_proxy', true))
    throw lookupError("the lookup 'url' never uses a proxy: leave use_proxy out");
  return terms.flatMap((term) => {
    const text = fetchText(pyString(term), options);
    return flagOption(options, 'split_lines', true) ? splitLines(text) : [text];
  });
};
