import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { LamplighterError, nearest, type Place } from '../errors.ts';
import { loadInventory } from '../inventory/loader.ts';
import type { Inventory } from '../inventory/model.ts';
import { publicKeys } from '../modules/public-keys.ts';
import { layer, VariableScope } from '../plan/scope.ts';
import { services } from '../plan/services.ts';
import { Templar } from '../plan/templar.ts';
import { YamlFiles } from '../playbook/files.ts';
import { placeOf } from '../playbook/places.ts';
import type { VaultSecrets } from '../playbook/vault.ts';
import { type Plan, planSchema } from './plan.ts';

/** Where each part of the plan is said: an option of the command, or a variable of the host. */
const SAID_BY: Record<keyof Plan, { option: string; variable: string }> = {
  hostname: { option: '--hostname', variable: 'install_hostname' },
  user: { option: '--user', variable: 'ansible_user' },
  address: { option: '--address', variable: 'static_address' },
  gateway: { option: '--gateway', variable: 'static_gateway' },
  dns: { option: '--dns', variable: 'static_dns' },
  interface: { option: '--interface', variable: 'static_interface' },
  root_disk: { option: '--root-disk', variable: 'install_root_disk' },
  data_disk: { option: '--data-disk', variable: 'install_data_disk' },
  swap: { option: '--swap', variable: 'install_swap' },
  firmware: { option: '--firmware', variable: 'install_firmware' },
  source: { option: '--source', variable: 'install_source' },
  locale: { option: '--locale', variable: 'install_locale' },
  keyboard: { option: '--keyboard', variable: 'install_keyboard' },
  timezone: { option: '--timezone', variable: 'install_timezone' },
};

/** Variables of one host, templates rendered, and where each was written. */
export interface HostValues {
  name: string;
  value(variable: string): unknown;
  place(variable: string): Place | undefined;
}

/**
 * A host of the inventory.
 * @throws LamplighterError HOST_PATTERN for a name that is none, and what reading the inventory throws
 */
export async function hostValues(
  name: string,
  inventory: { sources: string[]; vault: VaultSecrets; warn: (message: string, place?: Place) => void },
): Promise<HostValues> {
  const { sources, vault, warn } = inventory;
  const known = await loadInventory(sources, { vault, warn, files: new YamlFiles(vault) });
  const host = hostNamed(name, known);
  const vars = known.variables(host, undefined);
  const templar: Templar = new Templar(
    services({
      playbookDir: () => dirname(resolve(sources[0]!)),
      vault,
      warn,
      template: (text, scope) => templar.value(text, scope),
    }),
  );
  const magic = { inventory_hostname: host.name, inventory_hostname_short: host.name.split('.')[0] };
  const scope = new VariableScope([layer(magic, false), layer(vars, true)], templar.evaluate);
  return { name, value: (variable) => scope.value(variable), place: (variable) => placeOf(vars, variable) };
}

function hostNamed(name: string, inventory: Inventory) {
  const host = inventory.hosts.get(name);
  if (host) return host;
  const near = nearest(name, inventory.hosts.keys());
  throw new LamplighterError('HOST_PATTERN', `the inventory has no host "${name}"`, {
    hint: near ? `did you mean "${near}"?` : `It has ${[...inventory.hosts.keys()].join(', ') || 'none'}.`,
  });
}

/**
 * What the options say, and where they say nothing the host's variables.
 * @throws LamplighterError USAGE for an option, BAD_ARGUMENT for a variable, with its place
 */
export function planFrom(options: Record<string, unknown>, host: HostValues | undefined): Plan {
  const given: Record<string, unknown> = {};
  const isOption = new Set<string>();
  for (const [part, { variable }] of Object.entries(SAID_BY)) {
    if (options[part] !== undefined) isOption.add(part);
    const value = options[part] ?? host?.value(variable);
    if (value !== undefined && value !== null) given[part] = value;
  }
  // The first label of kitchen.lan.
  if (given.hostname === undefined && host !== undefined) given.hostname = host.name.split('.')[0];
  for (const part of ['hostname', 'user'] as const)
    if (given[part] === undefined)
      throw new LamplighterError('USAGE', `nothing says the ${part} of the machine`, { hint: howToSay(part, host) });
  const parsed = planSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const part = path[0] as keyof Plan;
  const { option, variable } = SAID_BY[part];
  if (isOption.has(part) || given[part] === undefined || host?.value(variable) === undefined)
    throw new LamplighterError('USAGE', `${option}: ${message}`);
  throw new LamplighterError('BAD_ARGUMENT', `${variable} of ${host.name}: ${message}`, {
    place: host.place(variable),
  });
}

function howToSay(part: keyof Plan, host: HostValues | undefined): string {
  const { option, variable } = SAID_BY[part];
  return host
    ? `Set ${variable} for ${host.name}, or say ${option}.`
    : `Say ${option}, or name a host of the inventory.`;
}

/**
 * The keys that let the user in: those of the files named, or the public half of the key that the inventory logs in with.
 * @throws LamplighterError USAGE, FILE_NOT_FOUND, FILE_UNREADABLE
 */
export function keysFrom(files: readonly string[], host: HostValues | undefined, cwd: string): string[] {
  const own = host?.value('ansible_ssh_private_key_file') ?? host?.value('ansible_private_key_file');
  const named = files.length > 0 ? files : typeof own === 'string' ? [`${own}.pub`] : [];
  if (named.length === 0)
    throw new LamplighterError('USAGE', 'nothing says which key lets the user in', {
      hint: 'Say --key FILE, the public half of a key (ssh-keygen makes one), or set ansible_ssh_private_key_file.',
    });
  return [...new Set(named.flatMap((file) => keysIn(resolve(cwd, file.replace(/^~(?=\/)/, homedir())))))];
}

function keysIn(file: string): string[] {
  if (!existsSync(file))
    throw new LamplighterError('FILE_NOT_FOUND', `there is no key ${file}`, {
      hint: 'It is the public half that is wanted: ssh-keygen -y -f KEY prints it.',
    });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new LamplighterError('FILE_UNREADABLE', `cannot read the key ${file}`, { cause: error });
  }
  if (text.includes('PRIVATE KEY'))
    throw new LamplighterError('USAGE', `${file} is a private key, which never leaves this machine`, {
      hint: existsSync(`${file}.pub`)
        ? `Did you mean ${file}.pub?`
        : `ssh-keygen -y -f ${file} prints its public half.`,
    });
  let keys: ReturnType<typeof publicKeys>;
  try {
    keys = publicKeys(text, {});
  } catch {
    keys = [];
  }
  if (keys.length === 0) throw new LamplighterError('USAGE', `${file} holds no public key`);
  return keys.map(({ options, type, blob, comment }) => [options, type, blob, comment].filter(Boolean).join(' '));
}
