import { LamplighterError } from '../errors.ts';
import { fetchOnController } from './http-client.ts';

/** Whom to ask about PPAs and their keys. */
export interface Launchpad {
  api: string;
  keyserver: string;
}

export const LAUNCHPAD: Launchpad = {
  api: 'https://launchpad.net/api/1.0',
  keyserver: 'https://keyserver.ubuntu.com',
};

export interface Ppa {
  owner: string;
  name: string;
}

/** `ppa:OWNER/NAME`, or `ppa:OWNER` for the one that is called ppa. @throws LamplighterError BAD_ARGUMENT */
export function ppaOf(repo: string): Ppa {
  const match = /^ppa:([\w.+-]+)(?:\/([\w.+-]+))?$/.exec(repo.trim());
  if (!match) throw new LamplighterError('BAD_ARGUMENT', `Invalid repository string: ${repo}`);
  return { owner: match[1]!, name: match[2] ?? 'ppa' };
}

/**
 * The public key that signs a PPA, armoured: Launchpad says which, the key server has it. The controller asks both.
 * @throws LamplighterError MODULE_FAILED, CONNECT
 */
export async function ppaKey(
  { owner, name }: Ppa,
  { api, keyserver }: Launchpad,
  options: { validateCerts: boolean; signal: AbortSignal },
): Promise<string> {
  const ask = async (url: string, accept: string) => {
    const response = await fetchOnController(url, { ...options, headers: [['Accept', accept]] });
    if (response.status === 200) return response.body.toString('utf8');
    throw new LamplighterError(
      'MODULE_FAILED',
      response.status === 404 && url.startsWith(api)
        ? `Launchpad has no PPA ${name} of ${owner}`
        : `failed to fetch PPA information, error was: ${response.status} of ${url}`,
    );
  };
  const archive = parsed(await ask(`${api}/~${owner}/+archive/${name}`, 'application/json'));
  const print = String(archive.signing_key_fingerprint);
  if (!/^[0-9A-F]{16,40}$/.test(print))
    throw new LamplighterError('MODULE_FAILED', `the PPA ${owner}/${name} has no key`);
  const key = await ask(`${keyserver}/pks/lookup?op=get&options=mr&search=0x${print}`, '*/*');
  if (!key.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----'))
    throw new LamplighterError('MODULE_FAILED', `${keyserver} has no key ${print}`);
  return key;
}

function parsed(text: string): { signing_key_fingerprint?: unknown } {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new LamplighterError('MODULE_FAILED', 'Launchpad did not answer with JSON');
  }
}
