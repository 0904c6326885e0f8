import { userInfo } from 'node:os';
import { LamplighterError } from '../errors.ts';
import { preload } from './connect.ts';
import { expandHome, SshConfig } from './ssh-config.ts';
import { applyOptions } from './ssh-options.ts';
import { configFileOf, parseSshWords, type SshOptions, splitWords } from './ssh-words.ts';
import type { ConnectionTarget } from './transport.ts';
import { type ConnectionVars, type GivenVars, readVars } from './vars.ts';

/** What the command line and ansible.cfg say for every host; the host's variables come first. */
export interface ConnectionDefaults {
  /** `-u`, `remote_user`. */
  user?: string | undefined;
  /** `--private-key`. */
  keyFile?: string | undefined;
  /** `-k`. */
  password?: string | undefined;
  /** `-c`. */
  connection?: string | undefined;
  /** `-T`. When nothing is given ssh_config's ConnectTimeout counts, and after it 10 s. */
  timeoutSeconds?: number | undefined;
  /** `no` for `host_key_checking = False`. Otherwise ssh_config decides, and its `ask` is `accept-new`. */
  hostKeyChecking?: 'accept-new' | 'yes' | 'no' | undefined;
  sshArgs?: string | undefined;
  sshCommonArgs?: string | undefined;
  sshExtraArgs?: string | undefined;
  /** Give all hosts of a run the same one: equal questions to `ssh -G` are then asked once. */
  sshConfig?: SshConfig | undefined;
}

const MOST_JUMPS = 8;

/**
 * Where and how to reach a host, from its `ansible_*` connection variables, the command line and ssh_config.
 * @throws LamplighterError USAGE for an option that the transport cannot honour, BAD_ARGUMENT for a variable of the wrong kind,
 *   UNSUPPORTED_ARGUMENT for a connection that Lamplighter has not
 */
export async function resolveTarget(
  vars: ConnectionVars,
  defaults: ConnectionDefaults = {},
): Promise<ConnectionTarget> {
  const given = readVars(vars, defaults.connection);
  const target = blankTarget(given.name, given.address, given.transport);
  if (given.transport === 'local') return target;
  const config = defaults.sshConfig ?? new SshConfig();
  const { shared, own, all, extra } = commandLine(given, defaults);
  const isSsh = given.transport === 'ssh';
  const parsed = parseSshWords(isSsh ? all : own);
  const configFile = configFileOf(shared);
  const looking = config.lookup(given.address, shared, all, configFile);
  // While ssh tells of its configuration.
  void preload(given.transport);
  const found = await looking;
  const options = overlay(found, parsed);

  applyOptions(target, options);
  const password = given.password ?? defaults.password;
  if (password !== undefined) target.password = password;
  const keyFile = given.keyFile ?? defaults.keyFile;
  if (keyFile !== undefined) target.keyFile = expandHome(keyFile);
  if (given.keyPassphrase !== undefined) target.keyPassphrase = given.keyPassphrase;
  target.sshArgs = extra;
  const jump = options.get('proxyjump')?.[0];
  if (isSsh && jump !== undefined && jump.toLowerCase() !== 'none')
    target.jump = await jumpTarget(jump, { defaults, config, configFile, depth: 0 });
  return target;
}

/**
 * The words as Ansible would give them to ssh, in its order: of an option given twice ssh takes the first. `own` are those
 * that differ from host to host, `shared` the others, `extra` those a person wrote.
 */
function commandLine(
  given: GivenVars,
  defaults: ConnectionDefaults,
): Record<'shared' | 'own' | 'all' | 'extra', string[]> {
  const first = splitWords(given.sshArgs ?? defaults.sshArgs ?? '');
  const last = [
    ...splitWords(given.commonArgs ?? defaults.sshCommonArgs ?? ''),
    ...splitWords(given.extraArgs ?? defaults.sshExtraArgs ?? ''),
  ];
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : ['-o', `${name}=${value}`];
  const keyFile = given.keyFile ?? defaults.keyFile;
  const checking = option('StrictHostKeyChecking', given.hostKeyChecking ?? defaults.hostKeyChecking);
  const port = option('Port', given.port);
  const key = option('IdentityFile', keyFile === undefined ? undefined : `"${expandHome(keyFile)}"`);
  const user = option('User', given.user ?? defaults.user);
  const timeout = option('ConnectTimeout', given.timeoutSeconds ?? defaults.timeoutSeconds);
  const all = [...first, ...checking, ...port, ...key, ...user, ...timeout, ...last];
  const shared = [...first, ...checking, ...key, ...timeout, ...last];
  return { shared, own: [...port, ...user], all, extra: [...first, ...last] };
}

/** The command line over the files. Key files of both are in what the files' reader said, when there was one. */
function overlay(found: SshOptions, { options }: { options: SshOptions }): SshOptions {
  const all = new Map([...found, ...options]);
  const keys = found.get('identityfile');
  if (keys) all.set('identityfile', keys);
  return all;
}

function blankTarget(name: string, address: string, transport: ConnectionTarget['transport']): ConnectionTarget {
  return {
    name,
    transport,
    address,
    alias: address,
    port: 22,
    user: userInfo().username,
    hostKeyChecking: 'accept-new',
    knownHosts: [],
    sshArgs: [],
    connectTimeoutSeconds: 10,
    aliveIntervalSeconds: 15,
  };
}

interface JumpContext {
  defaults: ConnectionDefaults;
  config: SshConfig;
  configFile: string | undefined;
  depth: number;
}

/**
 * `ProxyJump` ([user@]host[:port], several by commas, the first one nearest). As in OpenSSH a jump host has the options of its
 * own section in ssh_config and none of the command line's but `-F`.
 */
async function jumpTarget(text: string, context: JumpContext): Promise<ConnectionTarget> {
  if (context.depth >= MOST_JUMPS)
    throw new LamplighterError('USAGE', `ProxyJump ${text}: more than ${MOST_JUMPS} jump hosts, or a circle of them`);
  const comma = text.lastIndexOf(',');
  const { user, host, port } = parseJump(text.slice(comma + 1).trim());
  const { configFile, config, defaults } = context;
  const own = [...(port ? ['-p', port] : []), ...(user ? ['-l', user] : [])];
  const words = configFile === undefined ? [] : ['-F', configFile];
  const found = await config.lookup(host, words, [...words, ...own], configFile);
  const options = overlay(found, parseSshWords(own));
  const target = blankTarget(host, host, 'ssh');
  if (defaults.hostKeyChecking && (options.get('stricthostkeychecking')?.[0] ?? 'ask') === 'ask')
    options.set('stricthostkeychecking', [defaults.hostKeyChecking]);
  applyOptions(target, options);
  const before = comma >= 0 ? text.slice(0, comma) : options.get('proxyjump')?.[0];
  if (before !== undefined && before.toLowerCase() !== 'none')
    target.jump = await jumpTarget(before, { ...context, depth: context.depth + 1 });
  return target;
}

function parseJump(text: string): { user: string; host: string; port: string } {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?\/?$/.exec(text);
  if (!match) throw new LamplighterError('USAGE', `ProxyJump ${text} is not [user@]host[:port]`);
  return { user: match[1] ?? '', host: match[2]!.replace(/^\[|\]$/g, ''), port: match[3] ?? '' };
}
