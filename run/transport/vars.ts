import { LamplighterError } from '../errors.ts';

/** A host's variables, templated. Only the connection variables are looked at. */
export type ConnectionVars = { inventory_hostname: string } & Readonly<Record<string, unknown>>;

/** The connection variables of one host, checked. */
export interface GivenVars {
  name: string;
  address: string;
  transport: 'ssh' | 'openssh' | 'local';
  port: number | undefined;
  user: string | undefined;
  password: string | undefined;
  keyFile: string | undefined;
  keyPassphrase: string | undefined;
  /** As StrictHostKeyChecking; undefined leaves it to ssh_config. */
  hostKeyChecking: 'accept-new' | 'yes' | 'no' | undefined;
  timeoutSeconds: number | undefined;
  sshArgs: string | undefined;
  commonArgs: string | undefined;
  extraArgs: string | undefined;
}

/** The names of all of them, and of those about becoming another user. */
export const CONNECTION_VARIABLES = `
  ansible_connection ansible_host ansible_ssh_host ansible_port ansible_ssh_port ansible_user ansible_ssh_user
  ansible_password ansible_ssh_pass ansible_ssh_password ansible_private_key_file ansible_ssh_private_key_file
  ansible_private_key_passphrase ansible_ssh_private_key_passphrase ansible_host_key_checking
  ansible_ssh_host_key_checking ansible_timeout ansible_ssh_timeout ansible_ssh_args ansible_ssh_common_args
  ansible_ssh_extra_args ansible_become ansible_become_user ansible_become_method ansible_become_flags
  ansible_become_exe ansible_become_pass ansible_become_password
`
  .trim()
  .split(/\s+/);

const TRANSPORTS: Record<string, GivenVars['transport']> = {
  smart: 'ssh',
  ssh: 'ssh',
  paramiko: 'ssh',
  paramiko_ssh: 'ssh',
  openssh: 'openssh',
  local: 'local',
};

/**
 * Reads the variables of Ansible's ssh connection plugin; of two names for one thing the longer wins, as there. Those about
 * pipelining, retries, executables, control paths and transfer have no meaning here.
 * @throws LamplighterError BAD_ARGUMENT, UNSUPPORTED_ARGUMENT
 */
export function readVars(vars: ConnectionVars, connection = 'ssh'): GivenVars {
  const text = (...names: string[]) => textOf(vars, names);
  const wanted = text('ansible_connection') ?? connection;
  const transport = TRANSPORTS[wanted.replace(/^ansible\.(builtin|legacy)\./, '')];
  if (transport === undefined)
    throw new LamplighterError(
      'UNSUPPORTED_ARGUMENT',
      `${vars.inventory_hostname}: there is no connection "${wanted}"`,
      {
        hint: 'ansible_connection is one of ssh, openssh, local.',
      },
    );
  return {
    name: vars.inventory_hostname,
    transport,
    address: text('ansible_host', 'ansible_ssh_host') ?? vars.inventory_hostname,
    port: numberOf(vars, ['ansible_port', 'ansible_ssh_port'], 65535),
    user: text('ansible_user', 'ansible_ssh_user'),
    password: text('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'),
    keyFile: text('ansible_private_key_file', 'ansible_ssh_private_key_file'),
    keyPassphrase: text('ansible_private_key_passphrase', 'ansible_ssh_private_key_passphrase'),
    hostKeyChecking: checkingOf(vars),
    timeoutSeconds: numberOf(vars, ['ansible_timeout', 'ansible_ssh_timeout'], 86400),
    sshArgs: text('ansible_ssh_args'),
    commonArgs: text('ansible_ssh_common_args'),
    extraArgs: text('ansible_ssh_extra_args'),
  };
}

function lastOf(vars: ConnectionVars, names: readonly string[]): [name: string, value: unknown] | undefined {
  const name = names.findLast((each) => vars[each] !== undefined && vars[each] !== null);
  return name === undefined ? undefined : [name, vars[name]];
}

function textOf(vars: ConnectionVars, names: readonly string[]): string | undefined {
  const found = lastOf(vars, names);
  if (found === undefined) return undefined;
  const [name, value] = found;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw badVariable(vars, name, 'a text');
}

function numberOf(vars: ConnectionVars, names: readonly string[], most: number): number | undefined {
  const found = lastOf(vars, names);
  if (found === undefined) return undefined;
  const [name, value] = found;
  const number = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number === 'bigint') return Number(number);
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw badVariable(vars, name, `a number from 1 to ${most}`);
}

const TRUE = new Set(['true', 'yes', 'on', '1', 'y', 't', '1.0']);
const FALSE = new Set(['false', 'no', 'off', '0', 'n', 'f', '0.0']);

/** Ansible's boolean: false accepts every key. True leaves it to ssh_config; `accept-new` may be said outright. */
function checkingOf(vars: ConnectionVars): GivenVars['hostKeyChecking'] {
  const found = lastOf(vars, ['ansible_host_key_checking', 'ansible_ssh_host_key_checking']);
  if (found === undefined) return undefined;
  const text = String(found[1]).trim().toLowerCase();
  if (text === 'accept-new') return 'accept-new';
  if (FALSE.has(text)) return 'no';
  if (TRUE.has(text)) return undefined;
  throw badVariable(vars, found[0], 'true, false or accept-new');
}

function badVariable(vars: ConnectionVars, name: string, expected: string): LamplighterError {
  const value = vars[name];
  const isShown = !/pass/.test(name) && (typeof value !== 'object' || value === null);
  const shown = isShown ? `, not ${typeof value === 'string' ? `"${value}"` : String(value)}` : '';
  return new LamplighterError('BAD_ARGUMENT', `${vars.inventory_hostname}: ${name} must be ${expected}${shown}`);
}
