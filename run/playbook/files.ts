import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { LamplighterError, type Place } from '../errors.ts';
import { failure, type Report, raise } from './fail.ts';
import { SourceText } from './source.ts';
import type { VaultSecrets } from './vault.ts';
import { readYamlSource } from './yaml.ts';
import { UnsafeText } from './yaml-values.ts';

/** The files of a run: each is read, decrypted and parsed once. */
export class YamlFiles {
  private readonly vault: VaultSecrets | undefined;
  private readonly values = new Map<string, unknown>();
  private readonly kinds = new Map<string, 'file' | 'directory' | undefined>();
  private readonly listings = new Map<string, string[]>();

  private readonly report: Report;

  /** `report` hears of mistakes in the YAML after which reading can go on. */
  constructor(vault?: VaultSecrets, report: Report = raise) {
    this.vault = vault;
    this.report = report;
  }

  /**
   * The value of a YAML or JSON file, vault or not; shared by all who ask, so never changed.
   * @throws LamplighterError FILE_NOT_FOUND, FILE_UNREADABLE, VAULT, and what readYaml throws
   */
  read(path: string, askedFrom?: Place): unknown {
    if (this.values.has(path)) return this.values.get(path);
    const value = this.parse(path, askedFrom);
    this.values.set(path, value);
    return value;
  }

  /** Paths of all that was read. */
  paths(): string[] {
    return [...this.values.keys()];
  }

  /** What is at a path, links followed. */
  kind(path: string): 'file' | 'directory' | undefined {
    if (this.kinds.has(path)) return this.kinds.get(path);
    const stat = statSync(path, { throwIfNoEntry: false });
    const kind = stat === undefined ? undefined : stat.isDirectory() ? 'directory' : 'file';
    this.kinds.set(path, kind);
    return kind;
  }

  isFile(path: string): boolean {
    return this.kind(path) === 'file';
  }

  /** Names in a directory, sorted. */
  list(path: string): string[] {
    let names = this.listings.get(path);
    if (!names) {
      names = readdirSync(path).sort();
      this.listings.set(path, names);
    }
    return names;
  }

  /**
   * Files that hold the variables of `name` in a directory, as Ansible's find_vars_files: `name.yml`, `.yaml`, `.json`,
   * or `name` itself (`bareFirst`: tried before those); a directory gives all files below it, in order.
   */
  find(directory: string, name: string, options: { bareFirst?: boolean; directories: boolean }): string[] {
    const extensions = options.bareFirst ? ['', '.yml', '.yaml', '.json'] : ['.yml', '.yaml', '.json', ''];
    for (const extension of extensions) {
      const path = join(directory, name + extension);
      const kind = this.kind(path);
      if (kind === 'file') return [path];
      if (kind === 'directory' && options.directories) return this.filesBelow(path);
    }
    return [];
  }

  private filesBelow(directory: string): string[] {
    const found: string[] = [];
    for (const name of this.list(directory)) {
      if (name.startsWith('.') || name.endsWith('~')) continue;
      const path = join(directory, name);
      const extension = extname(name);
      if (this.kind(path) === 'directory') {
        if (extension === '') found.push(...this.filesBelow(path));
      } else if (extension === '' || /^\.(?:yml|yaml|json)$/.test(extension)) found.push(path);
    }
    return found;
  }

  private parse(path: string, askedFrom: Place | undefined): unknown {
    const data = readBytes(path, askedFrom);
    const encrypted = this.vault?.isEncrypted(data) ?? data.subarray(0, 15).toString() === '$ANSIBLE_VAULT;';
    if (!encrypted) return readYamlSource(new SourceText(path, utf8(data, path)), this.vault, this.report);
    if (!this.vault) throw new LamplighterError('VAULT', `the file ${path} is encrypted`, { place: askedFrom });
    const clear = this.vault.decryptFile(data, path);
    const value = readYamlSource(new SourceText(path, utf8(clear, path), true), this.vault);
    announceTexts(value, this.vault);
    return value;
  }
}

/** Bytes of a file. @throws LamplighterError FILE_NOT_FOUND, FILE_UNREADABLE */
export function readBytes(path: string, askedFrom?: Place): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw failure('FILE_NOT_FOUND', `there is no file ${path}`, askedFrom, { cause: error });
    const reason = code === 'EISDIR' ? 'it is a directory' : code === 'EACCES' ? 'permission denied' : String(code);
    throw failure('FILE_UNREADABLE', `the file ${path} cannot be read: ${reason}`, askedFrom, { cause: error });
  }
}

/** Text of a file's bytes. @throws LamplighterError FILE_UNREADABLE */
export function utf8(data: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch (error) {
    throw new LamplighterError('FILE_UNREADABLE', `the file ${path} is not UTF-8 text`, { cause: error });
  }
}

function announceTexts(value: unknown, vault: VaultSecrets): void {
  if (typeof value === 'string') vault.announceFromFile(value);
  else if (value instanceof UnsafeText) vault.announceFromFile(value.text);
  else if (Array.isArray(value)) for (const item of value) announceTexts(item, vault);
  else if (value instanceof Map) for (const item of value.values()) announceTexts(item, vault);
  else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    for (const item of Object.values(value)) announceTexts(item, vault);
}
