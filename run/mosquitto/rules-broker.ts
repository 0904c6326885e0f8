import { type Finding, isStandIn } from '../task.ts';
import { isLoopback, isPublic, isWildcard } from './address.ts';
import { isNamedByCertificate, type Listener } from './broker-args.ts';
import { wrongUser } from './names.ts';
import { rightRules } from './rules-rights.ts';
import { type BridgeTask, type BrokerTask, doubt, isMissing, mistake } from './tasks.ts';

/** The rules of one broker's listeners, users and rights. */
export function brokerRules(task: BrokerTask): Finding[] {
  const { listeners = [] } = task.args;
  return [
    ...listeners.flatMap((listener, i) => listenerRules(task, listener, i)),
    ...websocketsOnly(task),
    ...userRules(task),
    ...keyRules(task),
    ...rightRules(task),
  ];
}

function listenerRules(task: BrokerTask, listener: Listener, index: number): Finding[] {
  const { port, address, protocol, socket_domain, certfile, keyfile, require_certificate, cafile, capath } = listener;
  const at = (...path: string[]) => [task, 'listeners', index, ...path] as const;
  const found: Finding[] = [];
  if (!isPort(port)) found.push(mistake('port', at('port'), notAPort(port)));
  if (port === 22) found.push(doubt('ssh-port', at('port'), 'port 22 is where SSH listens'));
  found.push(
    ...relativePaths(
      task,
      listener,
      ['listeners', index],
      ['certfile', 'keyfile', 'cafile', 'capath', 'crlfile', 'dhparamfile'],
    ),
  );
  if (isNamedByCertificate(listener) && certfile === undefined && listener.psk_hint === undefined)
    found.push(
      mistake(
        'tls',
        at(listener.use_identity_as_username === true ? 'use_identity_as_username' : 'use_subject_as_username'),
        `the listener on ${port} takes names from certificates and speaks no TLS: nobody shows one`,
      ),
    );
  if (protocol === 'websockets' && !isWildcard(address) && socket_domain === undefined)
    found.push(
      mistake(
        'websockets-address',
        at('address'),
        `a websockets listener with the address ${address} listens on every address unless socket_domain is set`,
        `set socket_domain: ${address?.includes(':') ? 'ipv6' : 'ipv4'}`,
      ),
    );
  if (listener.psk_hint !== undefined && isMissing(task, 'psks') && isMissing(task, 'psk_file'))
    found.push(
      mistake('tls', at('psk_hint'), `the listener on ${port} asks for pre-shared keys and there are none`, 'set psks'),
    );
  if (listener.psk_hint !== undefined && (certfile ?? cafile ?? capath) !== undefined)
    found.push(
      mistake('tls', at('psk_hint'), `the listener on ${port} uses certificates or pre-shared keys, not both`),
    );
  if ((certfile === undefined) !== (keyfile === undefined))
    found.push(
      mistake(
        'tls',
        at(),
        `the listener on ${port} has ${certfile ? 'a certfile' : 'a keyfile'} and no ${certfile ? 'keyfile' : 'certfile'}`,
      ),
    );
  if (require_certificate === true && (cafile ?? capath) === undefined)
    found.push(
      mistake(
        'tls',
        at('require_certificate'),
        `the listener on ${port} requires certificates and has neither cafile nor capath to judge them by`,
      ),
    );
  if (!isLoopback(address) && !admitsSomebody(task, listener))
    found.push(
      mistake(
        'nobody-admitted',
        task.args.allow_anonymous === false ? [task, 'allow_anonymous'] : at('port'),
        `nobody could log in on port ${port}: neither allow_anonymous nor users are set, and Mosquitto 2 then refuses every client`,
        'set users, or allow_anonymous: true',
      ),
    );
  const reached = isWildcard(address) ? task.address : address!;
  if (task.args.allow_anonymous === true && require_certificate !== true && isPublic(reached) && !isLoopback(address))
    found.push(
      doubt(
        'anonymous-public',
        at('port'),
        `everybody on the internet may use the broker on ${reached}:${port}: anonymous clients are admitted`,
      ),
    );
  return found;
}

/** Mosquitto looks for them from where it was started, which is seldom where they are. */
export function relativePaths<T extends object>(
  task: BrokerTask | BridgeTask,
  of: T,
  path: readonly (string | number)[],
  names: readonly (keyof T & string)[],
): Finding[] {
  return names.flatMap((name) => {
    const value = of[name];
    if (typeof value !== 'string' || value.startsWith('/') || isStandIn(value)) return [];
    return [mistake('path', [task, ...path, name], `${name} is ${value}: a path on the host begins with "/"`)];
  });
}

function admitsSomebody(task: BrokerTask, listener: Listener): boolean {
  if (task.args.allow_anonymous === true || task.unknown.includes('allow_anonymous')) return true;
  if (!isMissing(task, 'users') || !isMissing(task, 'password_file')) return true;
  // A key is a name, too.
  return isNamedByCertificate(listener) || listener.psk_hint !== undefined;
}

function websocketsOnly(task: BrokerTask): Finding[] {
  const { listeners = [] } = task.args;
  if (listeners.length === 0 || listeners.some(({ protocol }) => protocol !== 'websockets')) return [];
  return [
    doubt(
      'websockets-only',
      [task, 'listeners'],
      'Mosquitto 2.0 does not start when all its listeners are websockets',
      'add a listener of MQTT, on 127.0.0.1 if nobody else is to use it',
    ),
  ];
}

function userRules(task: BrokerTask): Finding[] {
  const found: Finding[] = [];
  const { users, allow_anonymous, acl } = task.args;
  if (
    allow_anonymous === true &&
    users !== undefined &&
    users.length > 0 &&
    isMissing(task, 'acl') &&
    acl === undefined
  )
    found.push(
      doubt(
        'anonymous-users',
        [task, 'allow_anonymous'],
        'there are users, and whoever names none is admitted all the same and may do as much',
      ),
    );
  const seen = new Set<string>();
  for (const [i, { name, password }] of (task.args.users ?? []).entries()) {
    const at = [task, 'users', i, 'name'] as const;
    const wrong = wrongUser(name);
    if (wrong !== undefined) found.push(mistake('value', at, `the user ${JSON.stringify(name)} ${wrong}`));
    if (seen.has(name)) found.push(mistake('duplicate-user', at, `the user ${name} is there twice`));
    seen.add(name);
    if (password === '')
      found.push(mistake('value', [task, 'users', i, 'password'], `the password of ${name} is empty`));
    if (/[\r\n\0]/.test(password ?? ''))
      found.push(mistake('value', [task, 'users', i, 'password'], `the password of ${name} holds a line feed`));
  }
  return found;
}

function keyRules(task: BrokerTask): Finding[] {
  const seen = new Set<string>();
  return (task.args.psks ?? []).flatMap(({ identity, key }, i) => {
    const at = (name: string) => [task, 'psks', i, name] as const;
    const found: Finding[] = [];
    if (identity?.includes(':')) found.push(mistake('value', at('identity'), `the identity ${identity} holds a colon`));
    if (identity !== undefined && seen.has(identity))
      found.push(mistake('duplicate-user', at('identity'), `the identity ${identity} is there twice`));
    seen.add(identity);
    if (key !== undefined && !isStandIn(key) && !/^([0-9A-Fa-f]{2})+$/.test(key))
      found.push(mistake('tls', at('key'), `the key of ${identity} is not written in pairs of hexadecimal digits`));
    return found;
  });
}

export function isPort(port: number | undefined): boolean {
  return port === undefined || (Number.isInteger(port) && port >= 1 && port <= 65535);
}

export function notAPort(port: number | undefined): string {
  return `${port} is no port: those are 1 to 65535`;
}
