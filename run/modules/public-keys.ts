import { LamplighterError } from '../errors.ts';

/** One line of authorized_keys. */
export interface PublicKey {
  type: string;
  /** The key itself, base64. */
  blob: string;
  options: string;
  comment: string;
}

const TYPE =
  /^(ssh-(rsa|dss|ed25519|xmss@openssh\.com)|rsa-sha2-(256|512)|ecdsa-sha2-nistp(256|384|521)|(webauthn-)?sk-ecdsa-sha2-nistp256@openssh\.com|sk-ssh-ed25519@openssh\.com|(sk-)?(ssh-(rsa|dss|ed25519|xmss)|rsa-sha2-(256|512)|ecdsa-sha2-nistp(256|384|521))-cert-v01@openssh\.com)$/;

/**
 * The keys of a text, one a line; comments and empty lines are left out.
 * @throws LamplighterError BAD_ARGUMENT for a line that is no key
 */
export function publicKeys(
  text: string,
  given: { key_options?: string | undefined; comment?: string | undefined },
): PublicKey[] {
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const key = publicKey(line);
      return { ...key, options: given.key_options ?? key.options, comment: given.comment ?? key.comment };
    });
}

function publicKey(line: string): PublicKey {
  const words = line.replaceAll('\\#', '#').split(/\s+/).filter(Boolean);
  const at = words.findIndex((word) => TYPE.test(word));
  const blob = words[at + 1];
  if (at < 0 || blob === undefined) throw new LamplighterError('BAD_ARGUMENT', `invalid key specified: ${line}`);
  return { type: words[at]!, blob, options: words.slice(0, at).join(' '), comment: words.slice(at + 2).join(' ') };
}
