import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { LamplighterError, type Place } from '../errors.ts';
import { failure } from './fail.ts';
import { decrypt, header, isEncrypted } from './vault-cipher.ts';

export interface VaultOptions {
  /** Asks the person for a password, without echo. */
  prompt?: (label: string) => Promise<string>;
  /** Hears of every text that was decrypted, so that it is kept out of all output. */
  announce?: (secret: string, origin: 'inline' | 'file') => void;
}

interface Secret {
  id: string;
  password: string;
}

/**
 * The vault passwords of a run, and what they decrypt (formats 1.1 and 1.2). Every ciphertext is decrypted once.
 * https://docs.ansible.com/ansible/latest/vault_guide/
 */
export class VaultSecrets {
  private readonly secrets: Secret[] = [];
  private readonly announce: VaultOptions['announce'];
  private readonly known = new Map<string, Buffer>();

  constructor(options: Pick<VaultOptions, 'announce'> = {}) {
    this.announce = options.announce;
  }

  /**
   * Secrets from `--vault-id` and `--vault-password-file` words: `file`, `id@file`, `prompt`, `id@prompt`. A file that is
   * executable is run for the password (one whose name ends with `-client` is told `--vault-id ID`).
   * @throws LamplighterError VAULT
   */
  static async open(words: readonly string[], options: VaultOptions = {}): Promise<VaultSecrets> {
    const vault = new VaultSecrets(options);
    for (const word of words) {
      const at = word.indexOf('@');
      const id = at > 0 ? word.slice(0, at) : 'default';
      const from = at >= 0 ? word.slice(at + 1) : word;
      if (from === 'prompt' || from === 'prompt_ask_vault_pass') vault.add(id, await askPassword(id, options));
      else vault.add(id, passwordFromFile(id, from));
    }
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
    const text = this.decrypt(ciphertext, place, 'this value').toString('utf8');
    this.announce?.(text, 'inline');
    return text;
  }

  /** The clear content of a whole file, as bytes. @throws LamplighterError VAULT naming the file */
  decryptFile(data: Buffer, file: string): Buffer {
    return this.decrypt(data.toString('latin1'), { file, line: 1, column: 1 }, `the file ${file}`);
  }

  /** Announces a text that stood in a decrypted file. */
  announceFromFile(secret: string): void {
    this.announce?.(secret, 'file');
  }

  private decrypt(ciphertext: string, place: Place | undefined, what: string): Buffer {
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
      this.known.set(text, clear);
      return clear;
    }
    const written = head.id ? ` (it was encrypted for the id "${head.id}")` : '';
    throw failure('VAULT', `no vault password decrypts ${what}${written}`, place, {
      hint: `tried the passwords of: ${this.ids.join(', ')}`,
    });
  }
}

async function askPassword(id: string, options: VaultOptions): Promise<string> {
  if (!options.prompt) throw new LamplighterError('VAULT', `nobody can be asked for the vault password "${id}" here`);
  return options.prompt(id === 'default' ? 'Vault password: ' : `Vault password (${id}): `);
}

function passwordFromFile(id: string, file: string): string {
  let password: string;
  try {
    password = isExecutable(file) ? runScript(id, file) : readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof LamplighterError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LamplighterError('VAULT', `the vault password file ${file} cannot be read: ${reason}`, { cause: error });
  }
  const trimmed = password.trim();
  if (trimmed === '') throw new LamplighterError('VAULT', `the vault password file ${file} gave an empty password`);
  return trimmed;
}

function isExecutable(file: string): boolean {
  try {
    if (!statSync(file).isFile()) return false;
    accessSync(file, constants.X_OK);
  } catch {
    return false;
  }
  // Root may "execute" any file by its access bits alone when one is set; a plain password file has none.
  return (statSync(file).mode & 0o111) !== 0;
}

function runScript(id: string, file: string): string {
  const client = /-client$/.test(basename(file).replace(/\.[^.]*$/, ''));
  const args = client ? ['--vault-id', id] : [];
  try {
    return execFileSync(file.includes('/') ? file : `./${file}`, args, {
      encoding: 'utf8',
      stdio: ['inherit', 'pipe', 'inherit'],
    });
  } catch (error) {
    const status = (error as { status?: number }).status;
    throw new LamplighterError('VAULT', `the vault password script ${file} failed (exit status ${status ?? '?'})`, {
      cause: error,
    });
  }
}
