import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Io } from '../cli/io.ts';
import { readConfig } from '../config.ts';
import { LamplighterError } from '../errors.ts';
import { type Unlocked, VaultSecrets } from '../playbook/vault.ts';
import { isEncrypted } from '../playbook/vault-cipher.ts';
import { DEFAULT_ID, type VaultSecret } from '../playbook/vault-passwords.ts';
import { editText } from './editor.ts';
import { encrypt } from './encrypt.ts';
import { collectStrings, encryptStrings, type StringOptions } from './encrypt-string.ts';
import { pathOf, type Replacing, readData, replaceFile, STREAM } from './files.ts';
import { showText } from './pager.ts';
import {
  type Asking,
  encryptingSecret,
  knownSecret,
  openingSecrets,
  type PasswordOptions,
  type RekeyOptions,
  rekeySecret,
} from './secrets.ts';

export interface FileOptions extends PasswordOptions {
  output?: string;
}

/** What the actions of `vault` do, once the command line is read. */
export class VaultActions {
  private readonly io: Io;
  private readonly terminal: () => Io['stdin'] | undefined;
  private asked: Asking | undefined;

  constructor(io: Io, terminal: () => Io['stdin'] | undefined) {
    this.io = io;
    this.terminal = terminal;
  }

  async encrypt(names: string[], options: FileOptions): Promise<void> {
    oneInput(names, options);
    const secret = await encryptingSecret(options, this.asking(options));
    for (const name of orStdin(names)) {
      const path = this.path(name);
      const ciphertext = encrypt(await this.read(path, 'plaintext'), secret);
      this.write(ciphertext, options.output ?? path, { keep: !options.output, shred: !options.output });
      this.verbose(options, `${path}: encrypted for the id "${secret.id}"`);
    }
    this.done('Encryption successful');
  }

  async decrypt(names: string[], options: FileOptions): Promise<void> {
    oneInput(names, options);
    const { unlock } = await this.opening(options);
    for (const name of orStdin(names)) {
      const path = this.path(name);
      this.write((await unlock(path)).clear, options.output ?? path, { keep: false });
    }
    this.done('Decryption successful');
  }

  async view(names: string[], options: PasswordOptions): Promise<void> {
    const { unlock } = await this.opening(options);
    for (const name of names) await showText((await unlock(this.path(name))).clear, this.io);
  }

  /** The password and the id of a file stay as they are, unless `--encrypt-vault-id` names another. */
  async edit(names: string[], options: PasswordOptions): Promise<void> {
    const { unlock, secrets } = await this.opening(options);
    const { encryptVaultId } = options;
    const wanted = encryptVaultId === undefined ? undefined : knownSecret(secrets, encryptVaultId);
    for (const name of names) {
      const path = this.path(name);
      if (path === STREAM) throw new LamplighterError('USAGE', 'stdin cannot be edited: name a file');
      const { clear, secret, id } = await unlock(path);
      const edited = await editText(clear, path, this.io);
      if (edited.equals(clear)) continue;
      const same = { id: id ?? DEFAULT_ID, password: secret.password };
      this.write(encrypt(edited, wanted ?? same), path, { keep: true });
    }
  }

  async create(name: string, options: PasswordOptions): Promise<void> {
    const path = resolve(this.io.cwd(), name);
    if (existsSync(path)) throw new LamplighterError('USAGE', `${path} is there already`, { hint: 'Use vault edit.' });
    const secret = await encryptingSecret(options, this.asking(options));
    const text = await editText(Buffer.alloc(0), path, this.io);
    if (!existsSync(dirname(path))) {
      this.io.stderr.write(`[WARNING]: ${dirname(path)} does not exist, creating...\n`);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    }
    this.write(encrypt(text, secret), path, { keep: false });
  }

  async rekey(names: string[], options: RekeyOptions): Promise<void> {
    const { unlock } = await this.opening(options);
    const paths = names.map((name) => this.path(name));
    if (paths.includes(STREAM)) throw new LamplighterError('USAGE', 'stdin cannot be encrypted anew: name a file');
    // All are opened before one is written: no half of them under the new password when another does not open.
    const opened: Unlocked[] = [];
    for (const path of paths) opened.push(await unlock(path));
    const secret = await rekeySecret(options, this.asking(options));
    for (const [index, path] of paths.entries())
      this.write(encrypt(opened[index]!.clear, secret), path, { keep: true });
    this.io.stderr.write('Rekey successful\n');
  }

  async encryptString(words: string[], options: FileOptions & StringOptions): Promise<void> {
    const asking = this.asking(options);
    const secret = await encryptingSecret(options, asking);
    const strings = await collectStrings(words, options, asking.io, () => this.read(STREAM, 'plaintext'));
    const { yaml, comments } = encryptStrings(strings, secret);
    this.io.stderr.write(comments);
    this.write(yaml, options.output ?? STREAM, { keep: false });
    this.done('Encryption successful');
  }

  /** The passwords that are given, and what opens a file with them. */
  private async opening(options: PasswordOptions): Promise<{
    secrets: VaultSecret[];
    unlock: (path: string) => Promise<Unlocked>;
  }> {
    const secrets = await openingSecrets(options, this.asking(options));
    const vault = new VaultSecrets();
    for (const { id, password } of secrets) vault.add(id, password);
    const unlock = async (path: string): Promise<Unlocked> => {
      const data = await this.read(path, 'ciphertext');
      const what = path === STREAM ? 'stdin' : path;
      if (!isEncrypted(data)) throw new LamplighterError('VAULT', `${what} is not encrypted`);
      const unlocked = vault.unlockFile(data, what);
      this.verbose(options, `${what}: opened by the password of the id "${unlocked.secret.id}"`);
      return unlocked;
    };
    return { secrets, unlock };
  }

  /** Questions go to the terminal, also when stdin brings data. */
  private asking(options: PasswordOptions): Asking {
    if (this.asked) return this.asked;
    const { stdin, stderr } = this.io;
    const config = readConfig({ cwd: this.io.cwd(), env: this.io.env });
    for (const warning of config.warnings) stderr.write(`[WARNING]: ${warning}\n`);
    if (config.file !== undefined) this.verbose(options, `Using ${config.file}`);
    const cwd = (): string => this.io.cwd();
    this.asked = { io: { stdin: stdin.isTTY === true ? stdin : (this.terminal() ?? stdin), stderr, cwd }, config };
    return this.asked;
  }

  private path(name: string): string {
    return pathOf(name, this.io.cwd());
  }

  private async read(path: string, what: string): Promise<Buffer> {
    if (path !== STREAM) return readData(path);
    if (this.io.stdin.isTTY === true) this.io.stderr.write(`Reading ${what} input from stdin\n`);
    return buffer(this.io.stdin);
  }

  private write(data: Buffer | string, to: string, how: Replacing): void {
    if (to === STREAM) {
      this.io.stdout.write(data);
      return;
    }
    const { leftBehind } = replaceFile(this.path(to), data, how);
    if (leftBehind)
      this.io.stderr.write(`[WARNING]: the clear text is still there under another (hard linked) name of ${to}\n`);
  }

  private done(text: string): void {
    if (this.io.stdout.isTTY === true) this.io.stderr.write(`${text}\n`);
  }

  private verbose({ verbose }: PasswordOptions, text: string): void {
    if (verbose > 0) this.io.stderr.write(`${text}\n`);
  }
}

function orStdin(names: string[]): string[] {
  return names.length > 0 ? names : [STREAM];
}

function oneInput(names: string[], { output }: FileOptions): void {
  if (output !== undefined && names.length > 1)
    throw new LamplighterError('USAGE', 'with --output there can be only one file');
}
