import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { LamplighterError } from '../errors.ts';

/*
 * HTTP spoken by the controller: over its own network, or through a host's SSH connection when the host has no curl, so
 * that the request still comes from the host.
 */

export interface ClientOptions {
  method?: string;
  headers?: readonly (readonly [string, string])[];
  body?: Buffer | undefined;
  validateCerts?: boolean;
  username?: string | undefined;
  password?: string | undefined;
  /** Seconds without any progress. */
  timeoutSeconds?: number;
  /** Redirects to follow: all, those of GET and HEAD, or none. */
  follow?: 'all' | 'safe' | 'none';
  signal?: AbortSignal;
  /** A connection in place of one of this machine's own. */
  connect?: (address: string, port: number) => Promise<Duplex>;
}

/** The last answer, after redirects. */
export interface ClientResponse<Body> {
  status: number;
  reason: string;
  url: string;
  headers: [string, string][];
  body: Body;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 10;

/** @throws LamplighterError CONNECT when there is no answer */
export async function openUrl(url: string, options: ClientOptions = {}): Promise<ClientResponse<Readable>> {
  let method = options.method ?? 'GET';
  let { body } = options;
  let at = new URL(url);
  const origin = at.host;
  for (let hop = 0; ; hop++) {
    const sameHost = at.host === origin;
    const answer = await send(at, method, body, options, sameHost);
    const status = answer.statusCode ?? 0;
    const location = answer.headers.location;
    const wanted = options.follow === 'all' || (options.follow !== 'none' && (method === 'GET' || method === 'HEAD'));
    if (!REDIRECTS.has(status) || location === undefined || !wanted || hop === MOST_REDIRECTS)
      return { status, reason: answer.statusMessage ?? '', url: at.href, headers: pairs(answer), body: answer };
    answer.resume();
    at = new URL(location, at);
    if (status <= 303 && method !== 'HEAD') {
      method = 'GET';
      body = undefined;
    }
  }
}

/** The same with the whole body. @throws LamplighterError CONNECT */
export async function fetchOnController(url: string, options: ClientOptions = {}): Promise<ClientResponse<Buffer>> {
  const response = await openUrl(url, options);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response.body) chunks.push(chunk as Buffer);
  } catch (error) {
    throw unanswered(url, error);
  }
  return { ...response, body: Buffer.concat(chunks) };
}

async function send(
  url: URL,
  method: string,
  body: Buffer | undefined,
  options: ClientOptions,
  sameHost: boolean,
): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:')
    throw new LamplighterError('CONNECT', `the host has no curl, and without it ${url.protocol} is not spoken`, {
      hint: 'install curl on the host',
    });
  const port = Number(url.port) || (secure ? 443 : 80);
  const address = url.hostname.replace(/^\[|\]$/g, '');
  const username = options.username ?? decodeURIComponent(url.username);
  const password = options.password ?? decodeURIComponent(url.password);
  try {
    const stream = await options.connect?.(address, port);
    // The request hears of it as well, but not before it has the stream.
    stream?.on('error', () => {});
    const validate = options.validateCerts !== false;
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)({
        host: address,
        port,
        method,
        path: `${url.pathname}${url.search}`,
        // A header for the first host is not for another.
        headers: Object.fromEntries(
          (options.headers ?? []).filter(([name]) => sameHost || !/^(authorization|cookie)$/i.test(name)),
        ),
        ...(username !== '' && sameHost ? { auth: `${username}:${password}` } : {}),
        ...(options.signal ? { signal: options.signal } : {}),
        rejectUnauthorized: validate,
        // An agent, even a new one, makes connections of its own and asks createConnection for none.
        ...(stream
          ? {
              createConnection: () =>
                (secure
                  ? tlsConnect({ socket: stream, servername: address, rejectUnauthorized: validate })
                  : stream) as never,
            }
          : { agent: false }),
      });
      const seconds = options.timeoutSeconds ?? 30;
      const timer = setTimeout(() => request.destroy(new Error('timed out')), seconds * 1000);
      request.on('response', (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.end(body);
    });
  } catch (error) {
    throw unanswered(url.href, error);
  }
}

function unanswered(url: string, error: unknown): LamplighterError {
  if (error instanceof LamplighterError) return error;
  return new LamplighterError('CONNECT', `no answer from ${url}: ${(error as Error).message}`);
}

function pairs({ rawHeaders }: IncomingMessage): [string, string][] {
  const out: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) out.push([rawHeaders[i]!, rawHeaders[i + 1]!]);
  return out;
}
