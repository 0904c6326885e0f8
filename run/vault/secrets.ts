import { resolve } from 'node:path';
import { ask } from '../cli/ask.ts';
import type { Io } from '../cli/io.ts';
import type { Config } from '../config.ts';
import { LamplighterError } from '../errors.ts';
import { expandHome } from '../playbook/expand-home.ts';
import { DEFAULT_ID, readVaultPasswords, type VaultSecret } from '../playbook/vault-passwords.ts';

/** Options that every action has. */
export interface PasswordOptions {
  vaultId: string[];
  vaultPasswordFile: string[];
  askVaultPass?: boolean;
  encryptVaultId?: string;
  verbose: number;
}

export interface RekeyOptions extends PasswordOptions {
  newVaultId?: string;
  newVaultPasswordFile?: string;
}

/** Where passwords are asked for and configured. */
export interface Asking {
  io: Pick<Io, 'stdin' | 'stderr' | 'cwd'>;
  config: Config;
}

/** The word for a question whose text names no id. */
const PROMPT = `${DEFAULT_ID}@prompt_ask_vault_pass`;

/** The passwords that may open a file, in Ansible's order; one is asked for when none is given. */
export async function openingSecrets(options: PasswordOptions, asking: Asking): Promise<VaultSecret[]> {
  return readVaultPasswords(givenWords(options, asking), (id, plain) =>
    askOnce(plain ? 'Vault password: ' : `Vault password (${id}): `, asking),
  );
}

/** The password to encrypt with. @throws LamplighterError USAGE when it is not clear which */
export async function encryptingSecret(options: PasswordOptions, asking: Asking): Promise<VaultSecret> {
  const secrets = await readVaultPasswords(givenWords(options, asking), (id, plain) => askTwice(id, plain, asking));
  const wanted = options.encryptVaultId ?? asking.config.vaultEncryptIdentity;
  if (secrets.length > 1 && wanted === undefined)
    throw new LamplighterError('USAGE', `the vault ids ${idsOf(secrets)} are there to encrypt with`, {
      hint: 'Say which with --encrypt-vault-id.',
    });
  return wanted === undefined ? secrets[0]! : knownSecret(secrets, wanted);
}

/** The password that `rekey` encrypts with. */
export async function rekeySecret(options: RekeyOptions, asking: Asking): Promise<VaultSecret> {
  const { config } = asking;
  const wanted = options.encryptVaultId ?? config.vaultEncryptIdentity;
  const words = [
    ...(wanted === undefined ? [] : (config.vaultIdentityList ?? [])),
    ...(options.newVaultId === undefined ? [] : [options.newVaultId]),
    ...fileWords([options.newVaultPasswordFile, config.vaultPasswordFile]),
  ];
  const known = located(words.length > 0 ? words : [PROMPT], asking);
  const secrets = await readVaultPasswords(known, (id, plain) => askTwice(id, plain, asking));
  return wanted === undefined ? secrets[0]! : knownSecret(secrets, wanted);
}

/** The password of an id. @throws LamplighterError USAGE */
export function knownSecret(secrets: readonly VaultSecret[], id: string): VaultSecret {
  const secret = secrets.find((each) => each.id === id);
  if (secret) return secret;
  throw new LamplighterError('USAGE', `there is no password for --encrypt-vault-id ${id}`, {
    hint: `The vault ids that are known: ${idsOf(secrets)}.`,
  });
}

function givenWords(options: PasswordOptions, asking: Asking): string[] {
  const { config } = asking;
  const words = [
    ...(config.vaultIdentityList ?? []),
    ...options.vaultId,
    ...fileWords([...options.vaultPasswordFile, config.vaultPasswordFile]),
  ];
  return located(options.askVaultPass || words.length === 0 ? [...words, PROMPT] : words, asking);
}

/** A path may hold an "@" of its own. */
function fileWords(files: (string | undefined)[]): string[] {
  return files.flatMap((file) => (file === undefined ? [] : [`${DEFAULT_ID}@${file}`]));
}

/** The words with their files as seen from the working directory. @throws LamplighterError USAGE for a ";" in an id */
function located(words: readonly string[], { io }: Asking): string[] {
  return words.map((word) => {
    const [, id = '', from = ''] = /^([^@]*@)?(.*)$/s.exec(word)!;
    if (id.includes(';'))
      throw new LamplighterError('USAGE', `"${id.slice(0, -1)}" is not a vault id: a ";" cannot stand in one`);
    return id + (from.startsWith('prompt') ? from : resolve(io.cwd(), expandHome(from)));
  });
}

function idsOf(secrets: readonly VaultSecret[]): string {
  return secrets.map(({ id }) => id).join(', ');
}

async function askTwice(id: string, plain: boolean, asking: Asking): Promise<string> {
  const first = await askOnce(plain ? 'New Vault password: ' : `New vault password (${id}): `, asking);
  const second = await askOnce(plain ? 'Confirm New Vault password: ' : `Confirm new vault password (${id}): `, asking);
  if (first === second) return first;
  throw new LamplighterError('USAGE', 'Passwords do not match');
}

async function askOnce(text: string, { io }: Asking): Promise<string> {
  const answer = await ask(io, { text, private: true });
  if (answer !== undefined) return answer.trim();
  throw new LamplighterError('USAGE', 'a vault password is needed, and there is no terminal to ask for it', {
    hint: 'Use --vault-password-file FILE or --vault-id ID@FILE.',
  });
}
