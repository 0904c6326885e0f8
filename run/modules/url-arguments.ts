import { bool, list, path, str } from '../args.ts';
import type { ClientOptions } from './http-client.ts';
import type { HttpRequest } from './http-step.ts';

/* What get_url and uri have in common: Ansible's document fragment "url". */

export const urlArguments = {
  url: str(),
  force: bool().default(false),
  http_agent: str().default('ansible-httpget'),
  url_username: str().optional(),
  url_password: str().optional(),
  force_basic_auth: bool().default(false),
  validate_certs: bool().default(true),
  use_proxy: bool().default(true),
  use_netrc: bool().default(true),
  decompress: bool().default(true),
  ciphers: list(str()).optional(),
  client_cert: path().optional(),
  client_key: path().optional(),
};

export const URL_UNSUPPORTED = {
  unredirected_headers: 'headers go where redirects lead; Authorization and Cookie to the same host only',
  use_gssapi: 'Kerberos is not spoken: use url_username and url_password, or headers',
};

/** Arguments as the schemas give them. */
interface UrlArgs {
  url: string;
  timeout: number;
  http_agent: string;
  url_username?: string | undefined;
  url_password?: string | undefined;
  force_basic_auth: boolean;
  validate_certs: boolean;
  use_proxy: boolean;
  use_netrc: boolean;
  decompress: boolean;
  ciphers?: string[] | undefined;
  client_cert?: string | undefined;
  client_key?: string | undefined;
}

/** What they say to the host's own curl or wget. */
export function hostRequest(args: UrlArgs): Omit<HttpRequest, 'method' | 'headers' | 'follow'> {
  return {
    url: args.url,
    timeoutSeconds: args.timeout,
    agent: args.http_agent,
    username: args.url_username,
    password: args.url_password,
    forceBasicAuth: args.force_basic_auth,
    validateCerts: args.validate_certs,
    useProxy: args.use_proxy,
    useNetrc: args.use_netrc,
    decompress: args.decompress,
    ciphers: args.ciphers,
    clientCert: args.client_cert,
    clientKey: args.client_key,
  };
}

/** What they say to the controller when it asks for the host, and the headers beside its own. */
export function controllerRequest(
  args: UrlArgs,
  headers: readonly (readonly [string, string])[],
): Pick<ClientOptions, 'headers' | 'username' | 'password' | 'validateCerts' | 'timeoutSeconds'> {
  return {
    headers: [['User-Agent', args.http_agent], ...headers],
    username: args.url_username,
    password: args.url_password,
    validateCerts: args.validate_certs,
    timeoutSeconds: args.timeout,
  };
}
