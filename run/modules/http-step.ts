import { lines, type Sh, sh } from '../shell/script.ts';
import { shellFunctions } from './shell-file.ts';

/*
 * An HTTP request that the host makes itself, by curl. What it is told goes into a file in the scratch, not into the
 * argument list: headers and passwords are secrets.
 */

export interface HttpRequest {
  url: string;
  method: string;
  headers: readonly (readonly [string, string])[];
  timeoutSeconds: number;
  follow: 'all' | 'safe' | 'none';
  agent: string;
  username?: string | undefined;
  password?: string | undefined;
  forceBasicAuth: boolean;
  validateCerts: boolean;
  useProxy: boolean;
  useNetrc: boolean;
  decompress: boolean;
  ciphers?: string[] | undefined;
  clientCert?: string | undefined;
  clientKey?: string | undefined;
  caPath?: string | undefined;
  unixSocket?: string | undefined;
  /** A body goes with it: `data-binary` is said by the step. */
  hasBody?: boolean;
}

/** The shell functions, and the request as curl and wget read it: `m_config` and `m_wgetrc`. */
export function httpSettings(request: HttpRequest): Sh {
  return lines(
    shellFunctions(new URL('./http.sh', import.meta.url)),
    sh`m_url=${request.url} m_config=${curlConfig(request)} m_wgetrc=${wgetConfig(request)}`,
  );
}

function curlConfig(request: HttpRequest): string {
  const config: string[] = ['silent', 'show-error', 'globoff'];
  const set = (name: string, value: string | number | undefined) => {
    if (value !== undefined) config.push(`${name} = "${escaped(String(value))}"`);
  };
  set('url', request.url);
  set('user-agent', request.agent);
  set('connect-timeout', request.timeoutSeconds);
  set('speed-time', request.timeoutSeconds);
  set('speed-limit', 1);
  for (const [name, value] of request.headers) set('header', value === '' ? `${name};` : `${name}: ${value}`);
  // No waiting for `100 Continue`.
  if (request.hasBody) config.push('header = "Expect:"');
  if (request.method === 'HEAD' && !request.hasBody) config.push('head');
  else if (request.method !== (request.hasBody ? 'POST' : 'GET')) set('request', request.method);
  const readsOnly = request.method === 'GET' || request.method === 'HEAD';
  if (request.follow === 'all' || (request.follow === 'safe' && readsOnly)) config.push('location');
  set('max-redirs', 10);
  if (request.username !== undefined) {
    set('user', `${request.username}:${request.password ?? ''}`);
    config.push(request.forceBasicAuth ? 'basic' : 'anyauth');
  } else if (request.useNetrc) config.push('netrc-optional');
  if (!request.validateCerts) config.push('insecure');
  if (!request.useProxy) set('noproxy', '*');
  if (request.decompress) config.push('compressed');
  if (request.ciphers?.length) set('ciphers', request.ciphers.join(':'));
  set('cert', request.clientCert);
  set('key', request.clientKey);
  set('cacert', request.caPath);
  set('unix-socket', request.unixSocket);
  return config.join('\n');
}

/** GNU wget's; only what a download needs. */
function wgetConfig(request: HttpRequest): string {
  const config = [
    `timeout = ${request.timeoutSeconds}`,
    'tries = 1',
    `user_agent = ${request.agent}`,
    ...request.headers.map(([name, value]) => `header = ${name}: ${value}`),
    `check_certificate = ${request.validateCerts ? 'on' : 'off'}`,
    `use_proxy = ${request.useProxy ? 'on' : 'off'}`,
    `netrc = ${request.useNetrc ? 'on' : 'off'}`,
  ];
  if (request.username !== undefined)
    config.push(`http_user = ${request.username}`, `http_password = ${request.password ?? ''}`);
  if (request.forceBasicAuth) config.push('auth_no_challenge = on');
  if (request.clientCert !== undefined) config.push(`certificate = ${request.clientCert}`);
  if (request.clientKey !== undefined) config.push(`private_key = ${request.clientKey}`);
  return config.join('\n');
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
}

/** The headers of the last answer in what curl and wget wrote of them, and its reason. */
export function lastHeaders(dump: string): { reason: string; headers: [string, string][] } {
  let reason = '';
  let headers: [string, string][] = [];
  for (const line of dump.split(/\r?\n/)) {
    const text = line.trim();
    const status = /^HTTP\/[\d.]+ \d+ ?(.*)$/.exec(text);
    if (status) {
      reason = status[1]!;
      headers = [];
      continue;
    }
    const colon = text.indexOf(':');
    if (colon > 0) headers.push([text.slice(0, colon), text.slice(colon + 1).trim()]);
  }
  return { reason, headers };
}

/** `msg` of Ansible's fetch_url. */
export function fetchMessage(status: number, reason: string, headers: readonly (readonly [string, string])[]): string {
  if (status >= 300 || status < 200) return `HTTP Error ${status}: ${reason || (REASONS[status] ?? '')}`;
  const length = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  return `OK (${length ?? 'unknown'} bytes)`;
}

/** HTTP/2 sends no reasons. */
const REASONS: Record<number, string> = {
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};
