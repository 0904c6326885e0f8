import { nearest } from '../errors.ts';
import { aclAllows } from '../mqtt/acl.ts';
import { type Finding, isStandIn } from '../task.ts';
import { type BridgeArgs, mapped } from './bridge-args.ts';
import { isNamedByCertificate } from './broker-args.ts';
import { rightsOf } from './rights.ts';
import { sendsOut, takesIn } from './rules-bridge.ts';
import { type BrokerTask, type Door, isMissing, mistake, type Site } from './tasks.ts';

/*
 * As whom a bridge, or the verification, comes to a broker of this site, and what its rights let it do there.
 */

export function loginRules({ bridge, broker, listener }: Door): Finding[] {
  const { users, allow_anonymous, password_file } = broker.args;
  const { remote_username: name, remote_password: password } = bridge.args;
  if (users === undefined || password_file !== undefined || isNamedByCertificate(listener)) return [];
  if (listener.psk_hint !== undefined && listener.use_identity_as_username === true) return [];
  if (isMissing(bridge, 'remote_username'))
    return allow_anonymous === true || broker.unknown.includes('allow_anonymous')
      ? []
      : [
          mistake(
            'login',
            [
              [broker, 'users'],
              [bridge, 'address'],
            ],
            `${broker.host} admits only its users and the bridge of ${bridge.host} logs in as nobody`,
            'set remote_username and remote_password (lamp_cloud_username, lamp_cloud_password)',
          ),
        ];
  if (name === undefined || isStandIn(name)) return [];
  const user = users.findLast((each) => each.name === name);
  if (user === undefined) {
    if (users.some((each) => each.name === undefined || isStandIn(each.name))) return [];
    return [unknownUser([bridge, 'remote_username'], broker, name, `the bridge of ${bridge.host}`)];
  }
  const known = [password, user.password].every((each) => each !== undefined && !isStandIn(each));
  if (!known || password === user.password) return [];
  return [
    mistake(
      'login',
      [
        [bridge, 'remote_password'],
        [broker, 'users', users.indexOf(user), 'password'],
      ],
      `the bridge of ${bridge.host} logs in to ${broker.host} as ${name} with another password than that user has`,
    ),
  ];
}

/** Somebody who logs in under a name that the broker has not. */
function unknownUser(
  at: readonly [Site['bridges' | 'verified'][number], string],
  broker: BrokerTask,
  name: string,
  who: string,
): Finding {
  const names = (broker.args.users ?? []).map((user) => user.name);
  const near = nearest(name, names);
  return mistake(
    'login',
    [at, [broker, 'users']],
    `${who} logs in to ${broker.host} as ${name}, who is none of its users`,
    near === undefined ? `its users are ${names.join(', ') || 'none'}` : `did you mean "${near}"?`,
  );
}

/** Rights that keep a bridge from the topics that it is there for: Mosquitto drops what it may not carry without a word. */
export function topicRules({ bridge, broker, listener }: Door): Finding[] {
  const { acl } = broker.args;
  if (acl === undefined || isNamedByCertificate(listener) || bridge.unknown.includes('remote_username')) return [];
  const client = { username: bridge.args.remote_username, clientId: clientIdOf(bridge.args) };
  const rights = rightsOf(acl, client.username);
  return (bridge.args.topics ?? []).flatMap((topic, i) => {
    const each = mapped(bridge.args, topic);
    const example = each.remote.replace(/[+#]/g, 'x');
    if (isStandIn(example) !== isStandIn(client.username ?? example)) return [];
    const ways = [sendsOut(each) && ('write' as const), takesIn(each) && ('read' as const)].filter(
      (way) => way !== false,
    );
    return ways.flatMap((way) =>
      aclAllows(rights, client, way, example)
        ? []
        : [
            mistake(
              'acl-topics',
              [
                [broker, 'acl'],
                [bridge, 'topics', i],
              ],
              `the ACL of ${broker.host} does not let ${client.username === undefined ? 'anonymous clients' : `the user ${client.username}`} ${way} ${each.remote}, which the bridge of ${bridge.host} is to carry`,
            ),
          ],
    );
  });
}

function clientIdOf({ remote_clientid, connection }: BridgeArgs): string {
  return remote_clientid ?? connection;
}

/** As whom the verification asks a broker. */
export function verifierRules({ brokers, verified }: Site): Finding[] {
  return verified.flatMap((check) => {
    const { cloud, cloud_username: name } = check.args;
    const broker = brokers.findLast(({ host, args }) => host === cloud && args.users !== undefined);
    if (name === undefined || isStandIn(name) || broker === undefined) return [];
    const { users = [], password_file, listeners } = broker.args;
    if (password_file !== undefined || listeners?.some(isNamedByCertificate)) return [];
    if (users.some((user) => user.name === name)) return [];
    return [unknownUser([check, 'cloud_username'], broker, name, `the verification of ${check.host}`)];
  });
}
