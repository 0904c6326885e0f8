import { LamplighterError, type Place } from '../errors.ts';
import { failure } from './fail.ts';
import { decrypt, header, isEncrypted } from './vault-cipher.ts';
import { DEFAULT_ID, readVaultPasswords, type VaultSecret } from './vault-passwords.ts';

export interface VaultOptions {
  /** Asks the person for a password, without echo. */
  prompt?: (label: string) => Promise<string>;
  /** Hears of every text that was decrypted, so that it is kept out of all output. */
  announce?: (secret: string, origin: 'inline' | 'file') => void;
}

/** What a ciphertext held, and the password that opened it. */
export interface Unlocked {
  clear: Buffer;
  secret: VaultSecret;
  /** The id in the header; undefined in format 1.1. */
  id: string | undefined;
}

/**
 * The vault passwords of a run, and what they decrypt (formats 1.1 and 1.2). Every ciphertext is decrypted once.
 * https://docs.ansible.com/ansible/latest/vault_guide/
 */
export class VaultSecrets {
  private readonly secrets: VaultSecret[] = [];
  private readonly announce: VaultOptions['announce'];
  private readonly known = new Map<string, Unlocked>();

  constructor(options: Pick<VaultOptions, 'announce'> = {}) {
    this.announce = options.announce;
  }

  /** Secrets from `--vault-id` and `--vault-password-file` words (vault-passwords.ts). @throws LamplighterError VAULT */
  static async open(words: readonly string[], options: VaultOptions = {}): Promise<VaultSecrets> {
    const vault = new VaultSecrets(options);
    const secrets = await readVaultPasswords(words, (id, plain) => askPassword(id, plain, options));
    for (const { id, password } of secrets) vault.add(id, password);
    return vault;
  }

  add(id: string, password: string): void {
    if (password === '') throw new LamplighterError('VAULT', `the vault password for the id "${id}" is empty`);
    this.secrets.push({ id, password });
  }

  get ids(): string[] {
    return this.secrets.map((secret) => secret.id);
  }

  isEncrypted(data: Buffer | string): boolean {
    return isEncrypted(data);
  }

  /** The clear text of an inline value. @throws LamplighterError VAULT */
  decryptText(ciphertext: string, place: Place | undefined): string {
    const text = this.unlock(ciphertext, place, 'this value').clear.toString('utf8');
    this.announce?.(text, 'inline');
    return text;
  }

  /** The clear content of a whole file, as bytes. @throws LamplighterError VAULT naming the file */
  decryptFile(data: Buffer, file: string): Buffer {
    return this.unlockFile(data, file).clear;
  }

  /** The same with the password that opened it. @throws LamplighterError VAULT naming the file */
  unlockFile(data: Buffer, file: string): Unlocked {
    return this.unlock(data.toString('latin1'), { file, line: 1, column: 1 }, `the file ${file}`);
  }

  /** Announces a text that stood in a decrypted file. */
  announceFromFile(secret: string): void {
    this.announce?.(secret, 'file');
  }

  private unlock(ciphertext: string, place: Place | undefined, what: string): Unlocked {
    const text = ciphertext.trim();
    const known = this.known.get(text);
    if (known) return known;
    const head = header(text);
    if (!head) throw failure('VAULT', `${what} is not in a vault format that is known (1.1 or 1.2, AES256)`, place);
    if (this.secrets.length === 0)
      throw failure('VAULT', `${what} is encrypted, and there is no vault password`, place, {
        hint: 'give one with --vault-password-file, --vault-id ID@FILE or --ask-vault-password',
      });
    // As Ansible: the secrets of the id in the header first, then all others.
    const matching = this.secrets.filter((secret) => secret.id === head.id);
    const others = this.secrets.filter((secret) => secret.id !== head.id);
    for (const secret of [...matching, ...others]) {
      const clear = decrypt(text, secret.password);
      if (clear === undefined) continue;
      const unlocked = { clear, secret, id: head.id };
      this.known.set(text, unlocked);
      return unlocked;
    }
    const written = head.id ? ` (it was encrypted for the id "${head.id}")` : '';
    throw failure('VAULT', `no vault password decrypts ${what}${written}`, place, {
      hint: `tried the passwords of: ${this.ids.join(', ')}`,
    });
  }
}

async function askPassword(id: string, plain: boolean, options: VaultOptions): Promise<string> {
  if (!options.prompt) throw new LamplighterError('VAULT', `nobody can be asked for the vault password "${id}" here`);
  return options.prompt(plain || id === DEFAULT_ID ? 'Vault password: ' : `Vault password (${id}): `);
}
