import { existsSync } from 'node:fs';
import { correction, LamplighterError, type Place } from '../../errors.ts';
import type { Host, Inventory } from '../../inventory/model.ts';
import { expandHome } from '../../playbook/expand-home.ts';
import { WORDS } from '../../playbook/keywords.ts';
import { isTemplate } from '../../playbook/mapping.ts';
import { contentPlaceOf, keyPlaceOf } from '../../playbook/places.ts';
import { VaultText } from '../../playbook/yaml-values.ts';
import { CONNECTION_VARIABLES, readVars } from '../../transport/vars.ts';
import type { LocatedFinding } from './finding.ts';

const KNOWN = new Set(CONNECTION_VARIABLES);
const KEY_FILES = ['ansible_private_key_file', 'ansible_ssh_private_key_file'];

/** Names that people write for a connection variable, however unlike it. */
const HABITS = new Map([
  ['ansible_ip', 'ansible_host'],
  ['ansible_address', 'ansible_host'],
  ['ansible_hostaddress', 'ansible_host'],
  ['ansible_username', 'ansible_user'],
  ['ansible_login', 'ansible_user'],
  ['ansible_key', 'ansible_ssh_private_key_file'],
  ['ansible_key_file', 'ansible_ssh_private_key_file'],
  ['ansible_ssh_key', 'ansible_ssh_private_key_file'],
  ['ansible_ssh_key_file', 'ansible_ssh_private_key_file'],
  ['ansible_private_key', 'ansible_ssh_private_key_file'],
  ['ansible_ssh_private_key', 'ansible_ssh_private_key_file'],
]);

/**
 * What is wrong or doubtful in the connection variables that the inventory gives hosts: values of the wrong kind, names
 * that nearly are one, key files that are not there. Templates are left to the run.
 * @param given variables of the command line, which are stronger
 */
export function inspectConnections(
  hosts: Iterable<Host>,
  inventory: Inventory,
  playbookDir: string | undefined,
  given: ReadonlySet<string>,
): LocatedFinding[] {
  const meant = new Map<string, string | undefined>();
  return [...hosts].flatMap((host) => {
    const vars = inventory.variables(host, playbookDir);
    return Object.keys(vars).flatMap((name): LocatedFinding[] => {
      if (given.has(name)) return [];
      const finding = KNOWN.has(name) ? wrongValue(name, vars[name]) : misspelt(name, meant);
      if (!finding) return [];
      const { about, ...rest } = finding;
      const place = (about === 'name' ? keyPlaceOf(vars, name) : contentPlaceOf(vars, name)) ?? host.place;
      return [{ ...rest, hosts: [host.name], places: place ? [place as Place] : [] }];
    });
  });
}

type Found = Pick<LocatedFinding, 'level' | 'rule' | 'message' | 'hint'> & { about: 'name' | 'value' };

function misspelt(name: string, meant: Map<string, string | undefined>): Found | undefined {
  if (!meant.has(name))
    meant.set(name, HABITS.get(name) ?? (nearly(name) ? correction(name, KNOWN)?.right : undefined));
  const right = meant.get(name);
  if (right === undefined) return undefined;
  return {
    level: 'warning',
    rule: 'connection-variable',
    message: `the variable "${name}" says nothing about the connection; did you mean "${right}"?`,
    about: 'name',
  };
}

/** Whether it looks as if it were meant to be one of Ansible's own. */
function nearly(name: string): boolean {
  return /^a\w{5,8}_/.test(name) && !/\d$/.test(name);
}

function wrongValue(name: string, value: unknown): Found | undefined {
  if (value instanceof VaultText || isTemplate(value)) return undefined;
  try {
    readVars({ inventory_hostname: '', [name]: value });
  } catch (error) {
    if (!(error instanceof LamplighterError)) throw error;
    const message = error.message.replace(/^: /, '');
    return { level: 'error', rule: 'argument', message, ...(error.hint ? { hint: error.hint } : {}), about: 'value' };
  }
  if (name === 'ansible_become_method') return wrongMethod(value);
  if (!KEY_FILES.includes(name) || typeof value !== 'string' || value === '') return undefined;
  const path = expandHome(value);
  if (existsSync(path) || /%[a-zA-Z]/.test(path)) return undefined;
  return {
    level: 'warning',
    rule: 'key-file',
    message: `there is no key file ${value}`,
    hint: `${name} names a private key on this machine`,
    about: 'value',
  };
}

function wrongMethod(value: unknown): Found | undefined {
  if (typeof value !== 'string') return undefined;
  const methods = WORDS.become_method!;
  const near = methods.includes(value) ? undefined : correction(value, methods)?.right;
  if (near === undefined) return undefined;
  const message = `there is no become method "${value}"; did you mean "${near}"?`;
  return { level: 'error', rule: 'argument', message, about: 'value' };
}
