import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { pkcs7, Vault } from 'ansible-vault';

/** The parts of ansible-vault that end before it makes a string of the result, which would spoil a binary file. */
interface VaultParts {
  _unpack(text: string, id: undefined): { salt: Buffer; hmac: Buffer; ciphertext: Buffer } | undefined;
  _derivedKeySync(salt: Buffer): { key: Buffer; hmacKey: Buffer; iv: Buffer };
}

export function isEncrypted(data: Buffer | string): boolean {
  return typeof data === 'string'
    ? data.trimStart().startsWith('$ANSIBLE_VAULT;')
    : data.subarray(0, 15).toString('latin1') === '$ANSIBLE_VAULT;';
}

/** The vault id of a header (undefined in format 1.1), or undefined for what is not a known format. */
export function header(text: string): { id: string | undefined } | undefined {
  const match = /^\$ANSIBLE_VAULT;1\.([12]);AES256(?:;([^\r\n]*))?\r?\n/.exec(text);
  return match ? { id: match[2]?.trim() } : undefined;
}

/** Clear bytes, or undefined when the password is not the right one or the text was damaged. */
export function decrypt(text: string, password: string): Buffer | undefined {
  const parts = new Vault({ password }) as unknown as VaultParts;
  // Inline values keep the indentation of their YAML block when they were pasted: the format has no spaces.
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  let unpacked: ReturnType<VaultParts['_unpack']>;
  try {
    unpacked = parts._unpack(lines.join('\n'), undefined);
  } catch {
    return undefined;
  }
  if (!unpacked) return undefined;
  const { key, hmacKey, iv } = parts._derivedKeySync(unpacked.salt);
  const hmac = createHmac('sha256', hmacKey).update(unpacked.ciphertext).digest();
  if (hmac.length !== unpacked.hmac.length || !timingSafeEqual(hmac, unpacked.hmac)) return undefined;
  const cipher = createDecipheriv('aes-256-ctr', key, iv);
  return Buffer.from(pkcs7.unpad(Buffer.concat([cipher.update(unpacked.ciphertext), cipher.final()]), 16));
}
