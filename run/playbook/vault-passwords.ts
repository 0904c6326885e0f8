import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { LamplighterError } from '../errors.ts';
import { expandHome } from './expand-home.ts';
import { decrypt, isEncrypted } from './vault-cipher.ts';

/** A vault password with the id by which it is known. */
export interface VaultSecret {
  id: string;
  password: string;
}

export const DEFAULT_ID = 'default';

/** Asks the person; `plain` is the word of `--ask-vault-pass`, whose question names no id. */
export type AskVaultPassword = (id: string, plain: boolean) => Promise<string>;

/**
 * Passwords from `--vault-id` and `--vault-password-file` words: `file`, `id@file`, `prompt`, `id@prompt`. A file that is
 * executable is run for the password (one whose name ends with `-client` is told `--vault-id ID`); one that is itself
 * encrypted is opened with the passwords before it.
 * @throws LamplighterError VAULT
 */
export async function readVaultPasswords(words: readonly string[], ask: AskVaultPassword): Promise<VaultSecret[]> {
  const secrets: VaultSecret[] = [];
  for (const word of words) {
    const at = word.indexOf('@');
    const named = at > 0 ? word.slice(0, at) : undefined;
    const id = named ?? DEFAULT_ID;
    const from = at >= 0 ? word.slice(at + 1) : word;
    const isPrompt = from === 'prompt' || from === 'prompt_ask_vault_pass';
    const password = isPrompt
      ? await ask(id, from !== 'prompt' || named === undefined)
      : passwordFromFile(named, expandHome(from), secrets);
    if (password === '') throw new LamplighterError('VAULT', `the vault password for the id "${id}" is empty`);
    secrets.push({ id, password });
  }
  return secrets;
}

function passwordFromFile(id: string | undefined, file: string, known: readonly VaultSecret[]): string {
  const password = isExecutable(file) ? runScript(id, file) : readPasswordFile(file, known);
  if (password === '') throw new LamplighterError('VAULT', `the vault password file ${file} gave an empty password`);
  return password;
}

function readPasswordFile(file: string, known: readonly VaultSecret[]): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LamplighterError('VAULT', `the vault password file ${file} cannot be read: ${reason}`, { cause: error });
  }
  if (!isEncrypted(text)) return text;
  for (const { password } of known) {
    const clear = decrypt(text, password);
    if (clear) return stripLineEnds(clear.toString('utf8'));
  }
  throw new LamplighterError('VAULT', `no vault password before it decrypts the vault password file ${file}`);
}

function stripLineEnds(text: string): string {
  return text.replace(/^[\r\n]+|[\r\n]+$/g, '');
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

function runScript(id: string | undefined, file: string): string {
  const client = /-client$/.test(basename(file).replace(/\.[^.]*$/, ''));
  const args = client && id !== undefined ? ['--vault-id', id] : [];
  try {
    const output = execFileSync(file.includes('/') ? file : `./${file}`, args, {
      encoding: 'utf8',
      stdio: ['inherit', 'pipe', 'inherit'],
    });
    return stripLineEnds(output);
  } catch (error) {
    const { status, code } = error as { status?: number | null; code?: string };
    const reason = typeof status === 'number' ? `exit status ${status}` : (code ?? '?');
    throw new LamplighterError('VAULT', `the vault password script ${file} failed (${reason})`, {
      hint: code === undefined ? undefined : 'a file that holds the password itself must not be executable',
      cause: error,
    });
  }
}
