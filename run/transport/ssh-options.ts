import { createHash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { LamplighterError } from '../errors.ts';
import { expandHome } from './ssh-config.ts';
import type { SshOptions } from './ssh-words.ts';
import type { AuthMethod, ConnectionTarget } from './transport.ts';

const KEYS = ['rsa', 'ecdsa', 'ecdsa_sk', 'ed25519', 'ed25519_sk', 'xmss', 'dsa'].map((kind) => `~/.ssh/id_${kind}`);
const USER_KNOWN_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
const GLOBAL_KNOWN_HOSTS = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
const METHODS: AuthMethod[] = ['publickey', 'keyboard-interactive', 'password'];

/** What ssh2 has of each kind; of a list in ssh_config these are offered, in its order. */
const SUPPORTED = {
  ciphers: `aes128-gcm@openssh.com aes256-gcm@openssh.com aes128-ctr aes192-ctr aes256-ctr chacha20-poly1305@openssh.com
    aes256-cbc aes192-cbc aes128-cbc 3des-cbc`.split(/\s+/),
  macs: `hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com hmac-sha1-etm@openssh.com hmac-sha2-256
    hmac-sha2-512 hmac-sha1 hmac-md5 hmac-sha2-256-96 hmac-sha2-512-96 hmac-sha1-96 hmac-md5-96`.split(/\s+/),
  kexalgorithms:
    `curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521
    diffie-hellman-group-exchange-sha256 diffie-hellman-group14-sha256 diffie-hellman-group15-sha512
    diffie-hellman-group16-sha512 diffie-hellman-group17-sha512 diffie-hellman-group18-sha512
    diffie-hellman-group-exchange-sha1 diffie-hellman-group14-sha1 diffie-hellman-group1-sha1`.split(/\s+/),
  hostkeyalgorithms: `ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 rsa-sha2-512 rsa-sha2-256
    ssh-rsa ssh-dss`.split(/\s+/),
};

/**
 * Writes ssh_config's options into a target; what it does not name keeps OpenSSH's default.
 * @throws LamplighterError USAGE
 */
export function applyOptions(target: ConnectionTarget, options: SshOptions): void {
  const text = (name: string) => options.get(name)?.[0];
  const on = (name: string, otherwise: boolean) => {
    const value = text(name)?.toLowerCase();
    return value === undefined ? otherwise : value === 'yes' || value === 'true';
  };
  const canonical = text('canonicalizehostname');
  if (target.transport === 'ssh' && canonical !== undefined && !/^(no|false|none)$/.test(canonical))
    throw new LamplighterError('USAGE', `the ssh transport has no CanonicalizeHostname (${target.name})`, {
      hint: 'Set ansible_connection: openssh for this host.',
    });
  const alias = target.alias ?? target.address;
  target.port = numberOf(text('port')) ?? target.port;
  target.user = text('user') ?? target.user;
  target.address = (text('hostname') ?? alias).replaceAll('%h', alias).replaceAll('%%', '%');
  const expand = (value: string) => expandTokens(value, target, text('hostkeyalias'));
  const file = (value: string) => expandHome(expand(value));

  target.hostKeyChecking = strictness(text('stricthostkeychecking'));
  target.knownHosts = [
    ...(options.get('userknownhostsfile') ?? USER_KNOWN_HOSTS),
    ...(options.get('globalknownhostsfile') ?? GLOBAL_KNOWN_HOSTS),
  ]
    .filter((value) => value !== 'none')
    .map(file);
  target.hashKnownHosts = on('hashknownhosts', false);
  const keyAlias = text('hostkeyalias');
  if (keyAlias !== undefined) target.hostKeyAlias = keyAlias;

  target.identityFiles = (options.get('identityfile') ?? KEYS).filter((value) => value !== 'none').map(file);
  target.identitiesOnly = on('identitiesonly', false);
  const socket = agentSocket(text('identityagent'), file);
  if (socket !== undefined) target.agentSocket = socket;
  target.forwardAgent = on('forwardagent', false);
  target.authMethods = methods(text('preferredauthentications'), on);
  target.compression = on('compression', false);

  target.connectTimeoutSeconds = numberOf(text('connecttimeout')) || target.connectTimeoutSeconds;
  target.connectionAttempts = numberOf(text('connectionattempts')) || 1;
  target.aliveIntervalSeconds = numberOf(text('serveraliveinterval')) || target.aliveIntervalSeconds;
  target.aliveCountMax = numberOf(text('serveralivecountmax')) ?? 3;
  const family = text('addressfamily')?.toLowerCase();
  if (family === 'inet' || family === 'inet6') target.addressFamily = family === 'inet' ? 4 : 6;
  const bind = text('bindaddress');
  if (bind !== undefined && bind !== 'none') target.bindAddress = bind;
  const command = text('proxycommand');
  if (command !== undefined && command.toLowerCase() !== 'none') target.proxyCommand = expand(command);

  const list = (name: keyof typeof SUPPORTED) => algorithms(name, text(name), target);
  const [ciphers, macs, kex, keys] = [list('ciphers'), list('macs'), list('kexalgorithms'), list('hostkeyalgorithms')];
  if (ciphers) target.ciphers = ciphers;
  if (macs) target.macs = macs;
  if (kex) target.kexAlgorithms = kex;
  if (keys) target.hostKeyAlgorithms = keys;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** `ask` cannot be asked here: new keys are accepted and written, changed ones refused. */
function strictness(text: string | undefined): ConnectionTarget['hostKeyChecking'] {
  switch (text?.toLowerCase()) {
    case 'yes':
    case 'true':
      return 'yes';
    case 'no':
    case 'false':
    case 'off':
      return 'no';
    default:
      return 'accept-new';
  }
}

function agentSocket(text: string | undefined, file: (value: string) => string): string | undefined {
  if (text === undefined || text === 'SSH_AUTH_SOCK') return process.env.SSH_AUTH_SOCK || undefined;
  if (text === 'none') return undefined;
  if (text.startsWith('$')) return process.env[text.slice(1).replace(/^\{|\}$/g, '')] || undefined;
  return file(text);
}

function methods(preferred: string | undefined, on: (name: string, otherwise: boolean) => boolean): AuthMethod[] {
  const allowed = {
    publickey: on('pubkeyauthentication', true),
    'keyboard-interactive': on('kbdinteractiveauthentication', true),
    password: on('passwordauthentication', true),
  };
  const order = preferred?.split(',').map((name) => name.trim()) ?? METHODS;
  return order.filter((name): name is AuthMethod => allowed[name as AuthMethod] ?? false);
}

/** `+`, `-` and `^` change OpenSSH's own list, which `ssh -G` has then already done; here they change ssh2's. */
function algorithms(
  name: keyof typeof SUPPORTED,
  text: string | undefined,
  target: ConnectionTarget,
): string[] | undefined {
  if (text === undefined || target.transport !== 'ssh') return undefined;
  const supported = SUPPORTED[name];
  const sign = /^[+^-]/.exec(text)?.[0] ?? '';
  if (sign === '+' || sign === '-')
    throw new LamplighterError(
      'USAGE',
      `${target.name}: ${name} ${text} changes a list that only the system's ssh knows`,
      {
        hint: 'Write the whole list, or set ansible_connection: openssh.',
      },
    );
  const wanted = text.slice(sign.length).split(',');
  const usable = wanted.filter((each) => supported.includes(each));
  if (sign === '^') usable.push(...supported.filter((each) => !usable.includes(each)));
  if (usable.length > 0) return usable;
  throw new LamplighterError('USAGE', `${target.name}: of ${name} ${text} the ssh transport has none`, {
    hint: 'Set ansible_connection: openssh for this host.',
  });
}

/** ssh_config(5) TOKENS. */
function expandTokens(value: string, target: ConnectionTarget, keyAlias: string | undefined): string {
  if (!value.includes('%')) return value;
  const alias = target.alias ?? target.address;
  const local = hostname();
  const { homedir, username, uid } = userInfo();
  const tokens: Record<string, string> = {
    '%': '%',
    h: target.address,
    p: String(target.port),
    r: target.user,
    n: alias,
    k: keyAlias ?? alias,
    d: homedir,
    u: username,
    i: String(uid),
    l: local,
    L: local.split('.')[0]!,
    C: createHash('sha1').update(`${local}${target.address}${target.port}${target.user}`).digest('hex'),
  };
  return value.replace(/%(.)/g, (all, letter: string) => tokens[letter] ?? all);
}
