import { LamplighterError, type Place } from '../errors.ts';
import { kindOf } from '../playbook/fail.ts';
import { readYaml } from '../playbook/yaml.ts';
import type { Reading } from './reading.ts';
import { entriesOf, isMapping } from './yaml.ts';

/**
 * Adds what an executable inventory says to `--list` and, without `_meta`, to `--host NAME` for each host.
 * https://docs.ansible.com/ansible/latest/dev_guide/developing_inventory.html#inventory-scripts
 * @throws LamplighterError INVENTORY_SHAPE
 */
export async function readScript(path: string, reading: Reading): Promise<void> {
  const place: Place = { file: path, line: 1, column: 1 };
  const data = parse(path, '--list', await run(path, ['--list']));
  const hosts = new Set<string>();
  let meta: unknown;
  for (const [name, group] of entriesOf(data)) {
    if (name === '_meta') meta = isMapping(group) ? valueIn(group, 'hostvars') : undefined;
    else addGroup(String(name), group, hosts, place, reading);
  }
  for (const name of hosts) {
    const vars = isMapping(meta) ? valueIn(meta, name) : await hostVars(path, name);
    if (vars === undefined || vars === null) continue;
    if (!isMapping(vars)) throw bad(path, `the variables of the host "${name}" are ${kindOf(vars)}, not a mapping`);
    const host = reading.graph.hosts.get(name)!;
    for (const [key, value] of entriesOf(vars)) host.vars[String(key)] = value;
  }
}

function addGroup(name: string, written: unknown, hosts: Set<string>, place: Place, reading: Reading): void {
  const { graph } = reading;
  const group = graph.addGroup(name);
  let data = isMapping(written) ? Object.fromEntries(entriesOf(written)) : { hosts: written };
  // A mapping with none of these keys is a host of that name with its variables.
  if (!('hosts' in data) && !('vars' in data) && !('children' in data)) data = { hosts: [name], vars: data };
  if ('hosts' in data) {
    if (!Array.isArray(data.hosts)) throw bad(place.file, `the hosts of the group "${name}" are not a list`);
    for (const host of data.hosts) {
      hosts.add(String(host));
      graph.addHost(String(host), name, place);
    }
  }
  if ('vars' in data) {
    if (!isMapping(data.vars)) throw bad(place.file, `the variables of the group "${name}" are not a mapping`);
    for (const [key, value] of entriesOf(data.vars)) graph.setGroupVariable(group, String(key), value, place);
  }
  if ('children' in data) {
    if (!Array.isArray(data.children)) throw bad(place.file, `the children of the group "${name}" are not a list`);
    for (const child of data.children) graph.addChild(name, String(child), place);
  }
}

async function hostVars(path: string, name: string): Promise<unknown> {
  const text = await run(path, ['--host', name]);
  return text.trim() === '' ? undefined : parse(path, `--host ${name}`, text);
}

async function run(path: string, args: string[]): Promise<string> {
  // Imported here: most inventories are no programs, and execa is a hundred files.
  const { execa } = await import('execa');
  const result = await execa(path, args, { reject: false, stripFinalNewline: false, stdin: 'ignore' });
  if (!result.failed) return result.stdout;
  const status = result.exitCode === undefined ? result.shortMessage : `exit status ${result.exitCode}`;
  throw bad(path, `${args.join(' ')} failed (${status})`, String(result.stderr ?? '').trim());
}

function parse(path: string, what: string, text: string): Record<string, unknown> | Map<unknown, unknown> {
  try {
    JSON.parse(text);
  } catch (error) {
    throw bad(path, `its answer to ${what} is not JSON: ${(error as Error).message}`);
  }
  const value = readYaml(text, path);
  if (!isMapping(value)) throw bad(path, `its answer to ${what} is ${kindOf(value)}, not a mapping`);
  return value;
}

function valueIn(mapping: Record<string, unknown> | Map<unknown, unknown>, key: string): unknown {
  if (mapping instanceof Map) return mapping.get(key);
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

function bad(path: string, reason: string, stderr = ''): LamplighterError {
  const said = stderr ? `\n${stderr}` : '';
  return new LamplighterError('INVENTORY_SHAPE', `inventory script ${path}: ${reason}${said}`, {
    place: { file: path, line: 1, column: 1 },
    sourceLine: '',
  });
}
