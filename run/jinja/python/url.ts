import { valueError } from '../errors.ts';

export interface SplitUrl {
  scheme: string;
  netloc: string;
  path: string;
  query: string;
  fragment: string;
  username: string | null;
  password: string | null;
  hostname: string | null;
  port: number | null;
}

/** Python's `urllib.parse.urlsplit`. Throws a `ValueError` for a port that is none. */
export function splitUrl(text: string): SplitUrl {
  const [, scheme = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?([\s\S]*)$/.exec(text.trim())!;
  const [, netloc = '', path = '', query = '', fragment = ''] =
    /^(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/.exec(rest)!;
  const at = netloc.lastIndexOf('@');
  const login = at < 0 ? undefined : netloc.slice(0, at);
  const host = netloc.slice(at + 1);
  const colon = login?.indexOf(':') ?? -1;
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(host) ?? [];
  const hostname = (bracketed ?? plain ?? '').toLowerCase();
  return {
    scheme: scheme.toLowerCase(),
    netloc,
    path,
    query,
    fragment,
    username: login === undefined ? null : colon < 0 ? login : login.slice(0, colon),
    password: login === undefined || colon < 0 ? null : login.slice(colon + 1),
    hostname: hostname === '' ? null : hostname,
    port: portNumber(port),
  };
}

function portNumber(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(port)) throw valueError(`Port could not be cast to integer value as '${text}'`);
  if (port > 65535) throw valueError('Port out of range 0-65535');
  return port;
}
