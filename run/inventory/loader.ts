import { accessSync, constants } from 'node:fs';
import { extname, join } from 'node:path';
import { LamplighterError, type Place } from '../errors.ts';
import type { WarningCode } from '../playbook/context.ts';
import { failure } from '../playbook/fail.ts';
import { readBytes, utf8, YamlFiles } from '../playbook/files.ts';
import { SourceText } from '../playbook/source.ts';
import type { VaultSecrets } from '../playbook/vault.ts';
import { parseAddress } from './address.ts';
import { InventoryGraph } from './graph.ts';
import { readIni } from './ini.ts';
import { LoadedInventory } from './loaded.ts';
import type { Inventory } from './model.ts';
import type { Reading } from './reading.ts';
import { readScript } from './script.ts';
import { isMapping, readYamlInventory } from './yaml.ts';

export interface InventoryOptions {
  vault?: VaultSecrets | undefined;
  /** Share the playbook's files, so that each is read once. */
  files?: YamlFiles;
  warn: (message: string, place?: Place, code?: WarningCode) => void;
}

/** Names that Ansible skips in a directory of sources. */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:~|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry))$/;

/**
 * Reads inventory sources in order: files (YAML, JSON, INI), executable scripts, directories of those, and comma lists of hosts.
 * @throws LamplighterError FILE_NOT_FOUND, INVENTORY_SHAPE, VAULT, YAML_SYNTAX and what else reading YAML throws
 */
export async function loadInventory(sources: readonly string[], options: InventoryOptions): Promise<Inventory> {
  const files = options.files ?? new YamlFiles(options.vault);
  const reading: Reading = { graph: new InventoryGraph(), files, vault: options.vault, warn: options.warn };
  for (const source of sources) await readSource(source, reading);
  reading.graph.reconcile();
  for (const [name, group] of reading.graph.groups) {
    const host = reading.graph.hosts.get(name);
    // A group of that one host means the same thing by both readings.
    const same = group.children.length === 0 && group.hosts.length === 1 && group.hosts[0] === host;
    if (host && !same) options.warn(`Found both group and host with same name: ${name}`);
  }
  return new LoadedInventory(sources, reading.graph, files, options.warn);
}

async function readSource(source: string, reading: Reading): Promise<void> {
  const kind = reading.files.kind(source);
  if (kind === undefined && source.includes(',')) return readHostList(source, reading);
  if (kind === undefined)
    throw new LamplighterError('FILE_NOT_FOUND', `there is no inventory ${source}`, {
      hint: 'a list of hosts needs a comma, also for one: host1,',
    });
  if (kind === 'directory') {
    for (const name of reading.files.list(source))
      if (!IGNORED.test(name)) await readSource(join(source, name), reading);
    return;
  }
  return readSourceFile(source, reading);
}

function readHostList(list: string, { graph }: Reading): void {
  for (const written of list.split(',')) {
    const text = written.trim();
    if (text === '') continue;
    const address = parseAddress(text, false);
    const name = address?.host ?? text;
    if (graph.hosts.has(name)) continue;
    const host = graph.addHost(name, 'ungrouped');
    if (address?.port !== undefined) host.vars.ansible_port = address.port;
  }
}

async function readSourceFile(path: string, reading: Reading): Promise<void> {
  const data = readBytes(path);
  if (isScript(path, data)) return readScript(path, reading);
  const extension = extname(path);
  if (extension === '.toml')
    throw new LamplighterError('INVENTORY_SHAPE', `${path}: TOML inventories are not read here`, {
      hint: 'convert it: ansible-inventory --list --yaml --output hosts.yml',
    });
  if (extension === '.yml' || extension === '.yaml' || extension === '.json')
    return readYamlInventory(reading.files.read(path), path, reading);
  const source = new SourceText(path, clearText(path, data, reading));
  if (extension !== '' || looksLikeIni(source.text)) return readIni(source, reading);
  const value = reading.files.read(path);
  if (isMapping(value)) return readYamlInventory(value, path, reading);
  readIni(source, reading);
}

/** A file without extension is YAML when its first line that says something opens a mapping, as Ansible finds by trying. */
function looksLikeIni(text: string): boolean {
  const first = text.split('\n').find((line) => /^[^\s#;]/.test(line) && !/^(?:---|%YAML)/.test(line));
  return first === undefined || !/^(?:[{]|"[^"]*"\s*:|'[^']*'\s*:|[^\s=]+\s*:(?:\s|$))/.test(first);
}

/** What Ansible would manage to execute: a file with a "#!" line, or a program. An executable bit alone is no script. */
function isScript(path: string, data: Buffer): boolean {
  if (data.subarray(0, 2).toString() !== '#!' && data.subarray(0, 4).toString('latin1') !== '\x7fELF') return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    throw failure('INVENTORY_SHAPE', `the inventory script ${path} is not executable`, undefined, {
      hint: `chmod +x ${path}`,
    });
  }
}

function clearText(path: string, data: Buffer, { vault }: Reading): string {
  if (!vault?.isEncrypted(data)) return utf8(data, path);
  return utf8(vault.decryptFile(data, path), path);
}
