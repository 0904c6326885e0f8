import { Vault } from 'ansible-vault';
import { LamplighterError } from '../errors.ts';
import { isEncrypted } from '../playbook/vault-cipher.ts';
import { DEFAULT_ID, type VaultSecret } from '../playbook/vault-passwords.ts';

/**
 * The ciphertext of any bytes as ansible-vault writes it, with a line end: format 1.2 with the secret's id, or 1.1 for the
 * default id. @throws LamplighterError VAULT when the data is encrypted already
 */
export function encrypt(data: Buffer, { id, password }: VaultSecret): string {
  if (isEncrypted(data)) throw new LamplighterError('VAULT', 'input is already encrypted');
  // Declared for strings; Buffer.from, to which it goes, keeps the bytes of a Buffer as they are.
  const bytes = data as unknown as string;
  return `${new Vault({ password }).encryptSync(bytes, id === DEFAULT_ID ? '' : id)}\n`;
}
