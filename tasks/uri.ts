import { Readable } from 'node:stream';
import { z } from 'zod';
import { anything, bool, choice, dict, int, list, path, str } from '../run/args.ts';
import { CONTENT_LIBRARY, contentVariables, fitsScript } from '../run/modules/content.ts';
import { FILE_ALIASES, FILE_UNSUPPORTED, fileArguments } from '../run/modules/file-arguments.ts';
import { type HttpBody, httpBody } from '../run/modules/http-body.ts';
import { type ClientResponse, fetchOnController } from '../run/modules/http-client.ts';
import { type HttpRequest, httpSettings } from '../run/modules/http-step.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { uriFailure, uriResult } from '../run/modules/uri-result.ts';
import { controllerRequest, hostRequest, URL_UNSUPPORTED, urlArguments } from '../run/modules/url-arguments.ts';
import { lines, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const args = z
  .strictObject({
    ...urlArguments,
    method: str()
      .transform((text) => text.toUpperCase())
      .refine(
        (text) => /^[A-Z]+$/.test(text),
        "Parameter 'method' needs to be a single word in uppercase, like GET or POST.",
      )
      .default('GET'),
    body: anything().optional(),
    body_format: choice('raw', 'json', 'form-urlencoded', 'form-multipart').default('raw'),
    src: path().optional(),
    remote_src: bool().default(false),
    dest: path().optional(),
    return_content: bool().default(false),
    status_code: list(int()).default([200]),
    headers: dict().default({}),
    follow_redirects: choice('all', 'no', 'none', 'safe', 'urllib2', 'yes').default('safe'),
    creates: path().optional(),
    removes: path().optional(),
    timeout: int({ min: 1 }).default(30),
    ca_path: path().optional(),
    unix_socket: path().optional(),
    ...fileArguments,
  })
  .superRefine((value, context) => {
    if (value.body !== undefined && value.src !== undefined)
      context.addIssue({ code: 'custom', message: 'parameters are mutually exclusive: body|src' });
  });

type Args = z.infer<typeof args>;

/** Methods that change nothing: asked in check mode too. */
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/uri_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.uri',
  summary: 'Talks to a web service from the host, by its curl or else through its SSH connection.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { url_username: ['user'], url_password: ['password'], ca_path: ['cacert'], ...FILE_ALIASES },
  unsupported: { ...FILE_UNSUPPORTED, ...URL_UNSUPPORTED },
  secrets: ['url_password'],
  checkMode: 'full',
  returns: {
    status: 'The status of the answer; -1 when there was none.',
    msg: '`OK (N bytes)`, or what went wrong.',
    url: 'Who answered in the end.',
    redirected: 'Whether that is another than was asked.',
    json: 'The body, when it is JSON.',
    content: 'The body, with return_content.',
    cookies: 'Names and values of the cookies that were set.',
    path: 'The file that was written, with dest.',
    by: 'What made the request: `curl`, or `controller`, through the SSH connection of the host.',
    elapsed: 'Seconds that it took.',
  },
  example: `
- ansible.builtin.uri:
    url: http://localhost:8080/api/lamps
    method: POST
    body: {name: lamp03}
    body_format: json
    status_code: [200, 201]
  register: lamp`,
  action: async (args, host) => {
    const body = await bodyOf(args, host);
    const upload = body && !fitsScript(body.content) ? await sent(host, body.content) : undefined;
    try {
      const reply = await host.run(askStep(args, body, upload, host.check));
      if (reply.fields.ask === undefined || reply.status === 'failed') return fromHost(reply, args, host);
      return await fromController(args, host, body, reply);
    } finally {
      if (upload !== undefined) await host.run(sh`rm -f ${upload}`, { readOnly: true });
    }
  },
});

async function bodyOf(args: Args, host: ActionHost): Promise<HttpBody | undefined> {
  const read = (name: string) => host.readFile(host.findFile('files', name));
  if (args.src !== undefined) return args.remote_src ? undefined : { content: await read(args.src) };
  return httpBody(args.body, args.body === undefined ? 'raw' : args.body_format, read);
}

async function sent(host: ActionHost, content: Buffer): Promise<string> {
  const { fields } = await host.run(sh`ll_upload_path; ll_ret upload "$ll_path"`, { readOnly: true });
  await host.upload(Readable.from([content], { objectMode: false }), fields.upload!);
  return fields.upload!;
}

/** Headers of the task, and the type of the body where they do not say it. */
function headersOf(args: Args, body: HttpBody | undefined): [string, string][] {
  const given = Object.entries(args.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const typed = given.some(([name]) => name.toLowerCase() === 'content-type');
  if (body?.type === undefined) return given;
  if (args.body_format === 'form-multipart')
    return [...given.filter(([name]) => name.toLowerCase() !== 'content-type'), ['Content-Type', body.type]];
  return typed ? given : [...given, ['Content-Type', body.type]];
}

function follow(args: Args): 'all' | 'safe' | 'none' {
  if (args.follow_redirects === 'all' || args.follow_redirects === 'yes') return 'all';
  return args.follow_redirects === 'no' || args.follow_redirects === 'none' ? 'none' : 'safe';
}

/** Whether something is sent as a body, if only nothing at all. */
function hasBody(args: Args, body: HttpBody | undefined): boolean {
  return body !== undefined || args.src !== undefined || ['POST', 'PUT', 'PATCH'].includes(args.method);
}

function askStep(args: Args, body: HttpBody | undefined, upload: string | undefined, check: boolean): Sh {
  const request: HttpRequest = {
    ...hostRequest(args),
    method: args.method,
    headers: headersOf(args, body),
    follow: follow(args),
    caPath: args.ca_path,
    unixSocket: args.unix_socket,
    hasBody: hasBody(args, body),
  };
  return lines(
    opening(args),
    httpSettings(request),
    sh`
if u_skipped ${args.creates ?? ''} present || u_skipped ${args.removes ?? ''} absent; then return 0; fi
${check && !READING.has(args.method) ? sh`ll_unknown ${`would send ${args.method} to ${args.url}`}` : sh``}
u_dest ${args.dest ?? ''}
command -v curl >/dev/null || { ll_ret ask 1; return 0; }
${bodyFile(args, body, upload)}
u_ask "$m_body"`,
  );
}

function opening(args: Args): Sh {
  return lines(
    shellFunctions(CONTENT_LIBRARY),
    shellFunctions(new URL('../run/modules/uri.sh', import.meta.url)),
    contentVariables({ ...args, follow: true, force: true, backup: false }),
    sh`m_force=${args.force ? '1' : ''} m_content=${args.return_content ? '1' : ''} m_statuses=${args.status_code.join(' ')}`,
  );
}

/** `m_body`: the file that curl sends, or nothing. */
function bodyFile(args: Args, body: HttpBody | undefined, upload: string | undefined): Sh {
  if (upload !== undefined) return sh`m_body=${upload}`;
  if (args.src !== undefined && args.remote_src)
    return sh`ll_home ${args.src}; ll_read "$ll_path" || ll_fail "Unable to open source file $ll_path"; m_body=$ll_at`;
  if (!hasBody(args, body)) return sh`m_body=`;
  return sh`ll_temp; m_body=$ll_tmp; printf %s ${body?.content.toString('utf8') ?? ''} >"$m_body"`;
}

function fromHost(reply: StepReply, args: Args, host: ActionHost): TaskResult {
  const { fields } = reply;
  if (fields.skipped !== undefined) return { changed: false, stdout: fields.skipped };
  if (fields.why !== undefined) return uriFailure(fields.why, args, host, reply);
  return uriResult(reply, args, host);
}

/** Without curl on the host the controller asks, through the host's connection. */
async function fromController(
  args: Args,
  host: ActionHost,
  body: HttpBody | undefined,
  first: StepReply,
): Promise<TaskResult> {
  if (args.unix_socket !== undefined || (args.src !== undefined && args.remote_src))
    return { changed: false, failed: true, msg: 'the host has no curl, which unix_socket and remote_src need' };
  const seconds = Number(first.fields.mtime);
  const since: [string, string][] =
    args.dest !== undefined && seconds > 0 && !args.force
      ? [['If-Modified-Since', new Date(seconds * 1000).toUTCString()]]
      : [];
  let response: ClientResponse<Buffer>;
  const started = Date.now();
  try {
    response = await fetchOnController(args.url, {
      method: args.method,
      ...controllerRequest(args, [...headersOf(args, body), ...since]),
      body: hasBody(args, body) ? (body?.content ?? Buffer.alloc(0)) : undefined,
      follow: follow(args),
      signal: host.signal,
      connect: (address, port) => host.forward(address, port),
    });
  } catch (error) {
    return uriFailure((error as Error).message, args, host, first);
  }
  const upload = args.dest === undefined ? undefined : await sent(host, response.body);
  const dump = [`HTTP/1.1 ${response.status} ${response.reason}`, ...response.headers.map((pair) => pair.join(': '))];
  const reply = await host.run(
    lines(
      opening(args),
      httpSettings({ ...EMPTY, url: args.url }),
      sh`
u_dest ${args.dest ?? ''}
m_code=${response.status} m_final=${response.url}
ll_temp; m_head=$ll_tmp; printf '%s\n' ${dump.join('\n')} >"$m_head"
h_told
${upload === undefined ? sh`` : sh`m_got=${upload}; u_keep; rm -f ${upload}`}`,
    ),
  );
  reply.fields.body = response.body.toString('base64');
  reply.fields.by = 'controller';
  return { ...uriResult(reply, args, host), elapsed: Math.floor((Date.now() - started) / 1000) };
}

const EMPTY: Omit<HttpRequest, 'url'> = {
  method: 'GET',
  headers: [],
  timeoutSeconds: 30,
  follow: 'none',
  agent: '',
  forceBasicAuth: false,
  validateCerts: true,
  useProxy: true,
  useNetrc: false,
  decompress: false,
};
