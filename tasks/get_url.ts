import type { Readable } from 'node:stream';
import { z } from 'zod';
import { bool, dict, int, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { CONTENT_LIBRARY, contentVariables } from '../run/modules/content.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments, pathFacts, replyFacts } from '../run/modules/file-arguments.ts';
import { type ClientResponse, openUrl } from '../run/modules/http-client.ts';
import { fetchMessage, type HttpRequest, httpSettings, lastHeaders } from '../run/modules/http-step.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { controllerRequest, hostRequest, URL_UNSUPPORTED, urlArguments } from '../run/modules/url-arguments.ts';
import { lines, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const args = z.strictObject({
  ...urlArguments,
  dest: path(),
  checksum: str().default(''),
  backup: bool().default(false),
  tmp_dest: path().optional(),
  timeout: int({ min: 1 }).default(10),
  headers: dict().optional(),
  ...fileArguments,
});

type Args = z.infer<typeof args>;

/** In check mode more than this is not downloaded: the file is predicted, its content is not. */
const CHECK_LIMIT = 1024 * 1024;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/get_url_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.get_url',
  summary: 'Downloads a file to the host, by its curl or wget, or else through its SSH connection.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { url_username: ['username'], url_password: ['password'], ...FILE_ALIASES },
  unsupported: { ...FILE_UNSUPPORTED, ...URL_UNSUPPORTED },
  secrets: ['url_password'],
  checkMode: 'full',
  returns: {
    dest: 'The file.',
    url: 'Where it came from in the end.',
    checksum_src: 'SHA-1 of what was downloaded.',
    checksum_dest: 'SHA-1 of what was there before.',
    md5sum: 'MD5 of what was downloaded.',
    status_code: 'The status of the answer.',
    by: 'What made the request: curl, wget, or `controller`, through the SSH connection of the host.',
    elapsed: 'Seconds that it took.',
    backup_file: 'The copy of what was there, with `backup`.',
  },
  example: `
- ansible.builtin.get_url:
    url: https://repo.mosquitto.org/debian/mosquitto-repo.gpg
    dest: /etc/apt/keyrings/mosquitto.gpg
    mode: "0644"`,
  action: async (args, host) => {
    const sum = await wantedSum(args, host);
    const settings = lines(opening(args, sum), sh`g_start ${args.dest}`);
    const first = await host.run(
      sh`${settings}
if g_have; then return 0; fi
if g_fetch; then if [ "$m_got" ]; then g_install; fi; else ll_ret fetch 1; ll_ret force "$m_force"; g_room; ll_ret upload "$m_got"; fi`,
    );
    if (first.fields.fetch === undefined || first.status === 'failed') return result(first, args, host);
    return fetched(args, host, settings, first);
  },
});

function request(args: Args, url = args.url): HttpRequest {
  return { ...hostRequest({ ...args, url }), method: 'GET', headers: headersOf(args.headers), follow: 'all' };
}

function headersOf(headers: Record<string, unknown> | undefined): [string, string][] {
  return Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
}

function opening(args: Args, sum: { algorithm: string; hex: string }): Sh {
  return lines(
    shellFunctions(CONTENT_LIBRARY),
    shellFunctions(new URL('../run/modules/get-url.sh', import.meta.url)),
    httpSettings(request(args)),
    contentVariables({ ...args, follow: true, force: true }),
    sh`
m_force=${args.force ? '1' : ''} m_algorithm=${sum.algorithm} m_sum=${sum.hex} m_tmp_dest=${args.tmp_dest ?? ''}
m_head= m_final=${args.url}`,
  );
}

/** The checksum that the file must have; one that is a URL is fetched first. */
async function wantedSum(args: Args, host: ActionHost): Promise<{ algorithm: string; hex: string }> {
  if (args.checksum === '') return { algorithm: '', hex: '' };
  const colon = args.checksum.indexOf(':');
  if (colon < 0)
    throw new LamplighterError('BAD_ARGUMENT', 'The checksum parameter has to be in format <algorithm>:<checksum>');
  const algorithm = args.checksum.slice(0, colon).trim();
  let text = args.checksum.slice(colon + 1).trim();
  if (!/^(md5|sha1|sha224|sha256|sha384|sha512)$/.test(algorithm))
    throw new LamplighterError('BAD_ARGUMENT', `Could not hash file with algorithm '${algorithm}'.`);
  if (/^(https?|ftp|file):\/\//.test(text)) text = await sumFromUrl(args, host, text);
  const hex = text.replace(/\W+/g, '').toLowerCase();
  if (!/^[0-9a-f]+$/.test(hex)) throw new LamplighterError('BAD_ARGUMENT', 'The checksum format is invalid');
  return { algorithm, hex };
}

async function sumFromUrl(args: Args, host: ActionHost, url: string): Promise<string> {
  const reply = await host.run(
    sh`${httpSettings(request(args, url))}
command -v curl >/dev/null || { ll_ret fetch 1; return 0; }
ll_temp; m_got=$ll_tmp; h_curl "$m_got"
[ "$m_rc" = 0 ] || ll_fail "Request failed: $m_why"
case $m_code in 200|226|000) ;; *) ll_fail 'Request failed';; esac
ll_ret_file text "$m_got"`,
    { readOnly: true },
  );
  if (reply.status === 'failed') throw new LamplighterError('MODULE_FAILED', `${reply.fields.msg} (${url})`);
  let text = reply.fields.text;
  if (text === undefined) {
    const response = await throughHost(args, host, url, {});
    const chunks: Buffer[] = [];
    for await (const chunk of response.body) chunks.push(chunk as Buffer);
    if (response.status !== 200) throw new LamplighterError('MODULE_FAILED', `Request failed (${url})`);
    text = Buffer.concat(chunks).toString('utf8');
  }
  const name = new URL(args.url).pathname.split('/').at(-1) || 'index.html';
  const found = sumOf(text, name);
  if (found === undefined)
    throw new LamplighterError('MODULE_FAILED', `Unable to find a checksum for file '${name}' in '${url}'`);
  return found;
}

/** A file of sums: one sum alone, or lines of a sum and a name. */
function sumOf(text: string, name: string): string | undefined {
  const all = text.replace(/\n$/, '').split('\n');
  if (all.length === 1 && all[0]!.trim().split(/\s+/).length === 1) return all[0]!.trim();
  for (const line of all) {
    const match = /^(\S+) [ *]?(.*)$/.exec(line);
    if (match && match[2]!.replace(/^[./]+/, '') === name) return match[1];
  }
  return undefined;
}

/** The host has no program for it: the controller asks, through the host's connection where that is allowed. */
function throughHost(args: Args, host: ActionHost, url: string, more: Record<string, string>) {
  return openUrl(url, {
    ...controllerRequest(args, [...headersOf(args.headers), ...Object.entries(more)]),
    follow: 'all',
    signal: host.signal,
    connect: (address, port) => host.forward(address, port),
  });
}

async function fetched(args: Args, host: ActionHost, settings: Sh, first: StepReply): Promise<TaskResult> {
  const upload = first.fields.upload!;
  const drop = () => host.run(sh`rm -f ${upload}`, { readOnly: true });
  let response: ClientResponse<Readable>;
  try {
    response = await throughHost(args, host, args.url, await since(args, host, first));
  } catch (error) {
    await drop();
    const why = (error as Error).message;
    if (host.check) return { changed: false, skipped: true, unknown: why, msg: why };
    return { changed: false, failed: true, msg: `Request failed: ${why}`, url: args.url, dest: first.fields.dest };
  }
  const told = { status_code: response.status, url: response.url, by: 'controller' };
  const message = fetchMessage(response.status, response.reason, response.headers);
  if (response.status !== 200) {
    response.body.resume();
    await drop();
    if (response.status === 304) return { changed: false, dest: first.fields.dest, msg: message, ...told };
    return { changed: false, failed: true, msg: 'Request failed', response: message, dest: first.fields.dest, ...told };
  }
  const dump = response.headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  const rest = sh`${settings}
ll_temp; m_head=$ll_tmp; printf '%s\n' ${dump} >"$m_head"; m_final=${response.url}`;
  const length = Number(response.headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1]);
  let reply: StepReply;
  if (host.check && !(length <= CHECK_LIMIT)) {
    response.body.destroy();
    reply = await host.run(sh`${rest}
rm -f ${upload}; g_name; h_unknown_content "$m_dest" "$m_mode" "$m_owner" "$m_group"`);
  } else {
    await host.upload(response.body, upload, (total) => host.progress(`${args.url}: ${total} bytes`));
    reply = await host.run(sh`${rest}
m_got=${upload}; g_install`);
  }
  return { ...result(reply, args, host), ...told, ...(reply.status === 'failed' ? {} : { msg: message }) };
}

/** The header that asks for a newer file, by the time of the one that is there. */
async function since(args: Args, host: ActionHost, first: StepReply): Promise<Record<string, string>> {
  if (first.fields.force === '1') return {};
  const reply = await host.run(
    sh`ll_home ${args.dest}; ll_stat "$ll_path" follow; ll_ret kind "$ll_kind"; ll_ret mtime "$ll_mtime"`,
  );
  const seconds = Number(reply.fields.mtime);
  if (reply.fields.kind !== 'file' || !(seconds > 0)) return {};
  return { 'If-Modified-Since': new Date(seconds * 1000).toUTCString() };
}

function result(reply: StepReply, args: Args, context: { diff: boolean }): TaskResult {
  const { fields } = reply;
  const out: TaskResult = {
    ...replyFacts(reply),
    dest: fields.dest,
    url: fields.url ?? args.url,
    elapsed: Math.floor(reply.seconds),
  };
  if (fields.by !== undefined) out.by = fields.by;
  const { reason, headers } = lastHeaders(fields.headers ?? '');
  const status = Number(fields.code ?? 0);
  if (status > 0) out.status_code = status;
  if (reply.status === 'failed') {
    if (status > 0) out.response = fetchMessage(status, reason, headers);
    return out;
  }
  if (reply.status === 'unknown') return out;
  out.msg =
    fields.note ?? (status > 0 ? fetchMessage(status, reason, headers) : `OK (${fields.size ?? 'unknown'} bytes)`);
  if (fields.unmodified !== undefined) return out;
  Object.assign(out, pathFacts(reply));
  out.checksum_src = fields.checksum_src ?? null;
  out.checksum_dest = fields.checksum_dest ?? null;
  if (fields.md5sum !== undefined) out.md5sum = fields.md5sum;
  if (fields.size !== undefined) out.size = Number(fields.size);
  if (fields.backup_file) out.backup_file = fields.backup_file;
  if (context.diff && reply.diffs.length > 0) out.diff = reply.diffs;
  return out;
}
