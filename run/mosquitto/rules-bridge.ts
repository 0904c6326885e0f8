import { type Finding, isStandIn } from '../task.ts';
import { isLoopback, isPrivate, wrongAddress } from './address.ts';
import { type BridgeArgs, type BridgeTopic, endpointsOf, type MappedTopic, mapped } from './bridge-args.ts';
import { overlap, wrongFilter } from './filters.ts';
import { wrongDeviceId } from './names.ts';
import { isPort, notAPort, relativePaths } from './rules-broker.ts';
import { type BridgeTask, doubt, isMissing, mistake } from './tasks.ts';

/** The rules of one bridge. */
export function bridgeRules(task: BridgeTask): Finding[] {
  return [...endpointRules(task), ...idRules(task), ...topicRules(task), ...securityRules(task)];
}

function endpointRules(task: BridgeTask): Finding[] {
  const { args } = task;
  const alone = isMissing(task, 'addresses');
  const found: Finding[] = [];
  if (alone && isMissing(task, 'address'))
    found.push(
      mistake(
        'no-address',
        [task, 'connection'],
        `the bridge ${args.connection} has no address`,
        'set address and port',
      ),
    );
  if (alone && isMissing(task, 'port'))
    found.push(mistake('no-port', [task, 'address'], `the bridge ${args.connection} has no port`, 'set port'));
  if (!isPort(args.port)) found.push(mistake('port', [task, 'port'], notAPort(args.port)));
  found.push(...addressRules(task, args.address, ['address']));
  for (const [i, { address, port }] of (args.addresses ?? []).entries()) {
    if (!isPort(port)) found.push(mistake('port', [task, 'addresses', i, 'port'], notAPort(port)));
    found.push(...addressRules(task, address, ['addresses', i, 'address']));
  }
  return found;
}

function addressRules(task: BridgeTask, address: string | undefined, path: (string | number)[]): Finding[] {
  if (address === undefined || isStandIn(address)) return [];
  const wrong = wrongAddress(address);
  if (wrong !== undefined)
    return [mistake('address', [task, ...path], `${JSON.stringify(address)} is no address of a broker: ${wrong}`)];
  if (!isLoopback(address)) return [];
  return [
    doubt(
      'loopback-bridge',
      [task, ...path],
      `the bridge of ${task.host} leads to ${address}, that is, to ${task.host} itself`,
    ),
  ];
}

function idRules(task: BridgeTask): Finding[] {
  const { device_id, connection } = task.args;
  if (device_id === undefined) return [];
  const wrong = wrongDeviceId(device_id);
  if (wrong === undefined) return [];
  return [
    mistake(
      'device-id',
      [task, 'device_id'],
      `the Device ID ${JSON.stringify(device_id)} of the bridge ${connection} ${wrong}: it is one level of a topic`,
      'use letters, digits, ".", "_" and "-"',
    ),
  ];
}

function topicRules(task: BridgeTask): Finding[] {
  const { args } = task;
  const { topics = [], connection } = args;
  if (topics.length === 0 && !task.unknown.includes('topics'))
    return [
      mistake(
        'no-topics',
        [task, 'topics'],
        `the bridge ${connection} has no topics and carries nothing`,
        'set topics',
      ),
    ];
  const found = [...topics.flatMap((topic, i) => oneTopicRules(task, topic, i)), ...twiceOut(task)];
  const incoming = topics.flatMap((topic, i) => {
    const each = mapped(args, topic);
    return takesIn(each) ? [{ ...each, i }] : [];
  });
  for (const [i, one] of incoming.entries())
    for (const other of incoming.slice(i + 1))
      if (overlap(one.remote, other.remote))
        found.push(
          mistake(
            'overlapping-in',
            [task, 'topics', other.i, 'pattern'],
            `${one.remote} and ${other.remote} overlap: Mosquitto 2.1 delivers what matches both twice`,
          ),
        );
  return found;
}

/** The same topic out twice would only double its messages on brokers that do not notice. */
function twiceOut(task: BridgeTask): Finding[] {
  const seen = new Set<string>();
  return (task.args.topics ?? []).flatMap((topic, i) => {
    const each = mapped(task.args, topic);
    const key = `${each.local} ${each.remote}`;
    if (!sendsOut(each) || takesIn(each)) return [];
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [doubt('duplicate-topic', [task, 'topics', i, 'pattern'], `the topic ${each.pattern} goes out twice`)];
  });
}

function oneTopicRules(task: BridgeTask, topic: BridgeTopic, index: number): Finding[] {
  const at = (name: string) => [task, 'topics', index, name] as const;
  const { args } = task;
  const { pattern, direction, localPrefix, remotePrefix } = mapped(args, topic);
  const found: Finding[] = [];
  if (topic.qos !== undefined && ![0, 1, 2].includes(topic.qos))
    found.push(mistake('qos', at('qos'), `the QoS is 0, 1 or 2, not ${topic.qos}`));
  if (direction !== undefined && !['in', 'out', 'both'].includes(direction))
    found.push(
      mistake('direction', at('direction'), `the direction is in, out or both, not ${JSON.stringify(direction)}`),
    );
  if (pattern?.startsWith('/'))
    found.push(
      doubt(
        'empty-level',
        at('pattern'),
        `the topic ${pattern} begins with "/": its first level is empty, and test1/x is another topic`,
      ),
    );
  const wrong = pattern === undefined || pattern === '""' ? undefined : wrongFilter(pattern);
  if (wrong !== undefined) found.push(mistake('filter', at('pattern'), `the topic ${pattern}: ${wrong}`));
  for (const [name, text] of [
    ['local_prefix', localPrefix],
    ['remote_prefix', remotePrefix],
  ] as const) {
    const own = topic[name] === undefined ? ([task, name] as const) : at(name);
    if (/^\/|\/\//.test(text))
      found.push(
        doubt(
          'empty-level',
          own,
          `the ${name} ${text} has an empty level: "/" stands between levels, not before the first`,
        ),
      );
    if (/[+#]/.test(text)) found.push(mistake('prefix-wildcard', own, `the ${name} ${text} holds a wildcard`));
    else if (text !== '' && !text.endsWith('/') && pattern !== '""')
      found.push(
        mistake(
          'prefix-slash',
          own,
          `the ${name} ${text} does not end in "/": ${pattern} would become ${text}${pattern}`,
          `write ${text}/`,
        ),
      );
  }
  if (direction === 'both' && localPrefix === remotePrefix)
    found.push(
      doubt(
        'both-equal',
        at('direction'),
        `${pattern} goes both ways under one name: with a second bridge between the brokers its messages go round for ever`,
      ),
    );
  const { device_id } = args;
  if (device_id !== undefined && !task.unknown.includes('remote_prefix') && !levels(remotePrefix).includes(device_id))
    found.push(
      mistake(
        'prefix-id',
        topic.remote_prefix === undefined ? [task, 'remote_prefix'] : at('remote_prefix'),
        `the remote prefix ${JSON.stringify(remotePrefix)} lacks the Device ID ${device_id}: the lamp would share its topics with others`,
        `write devices/${device_id}/`,
      ),
    );
  return found;
}

function securityRules(task: BridgeTask): Finding[] {
  const { args } = task;
  const found: Finding[] = relativePaths(
    task,
    args,
    [],
    ['bridge_cafile', 'bridge_capath', 'bridge_certfile', 'bridge_keyfile'],
  );
  const { notification_topic: state } = args;
  if (state !== undefined && /[+#]/.test(state))
    found.push(mistake('filter', [task, 'notification_topic'], `the notification_topic ${state} holds a wildcard`));
  if ((args.bridge_certfile === undefined) !== (args.bridge_keyfile === undefined))
    found.push(
      mistake(
        'tls',
        [task, args.bridge_certfile ? 'bridge_certfile' : 'bridge_keyfile'],
        'bridge_certfile and bridge_keyfile need each other',
      ),
    );
  if ((args.bridge_psk === undefined) !== (args.bridge_identity === undefined))
    found.push(
      mistake(
        'tls',
        [task, args.bridge_psk ? 'bridge_psk' : 'bridge_identity'],
        'bridge_psk and bridge_identity need each other',
      ),
    );
  if (args.bridge_psk !== undefined && !/^[0-9A-Fa-f]+$/.test(args.bridge_psk) && !isStandIn(args.bridge_psk))
    found.push(mistake('tls', [task, 'bridge_psk'], 'bridge_psk is written in hexadecimal digits'));
  if (args.bridge_psk !== undefined && (args.bridge_cafile ?? args.bridge_capath) !== undefined)
    found.push(mistake('tls', [task, 'bridge_psk'], 'a bridge uses certificates or a pre-shared key, not both'));
  if (args.remote_password !== undefined && isMissing(task, 'remote_username'))
    found.push(mistake('credentials', [task, 'remote_password'], 'remote_password needs remote_username'));
  const open = endpointsOf(args).find(
    ({ address }) => address !== undefined && !isStandIn(address) && !isPrivate(address) && !isLoopback(address),
  );
  if (args.remote_password !== undefined && !isEncrypted(args) && open && !args.allow_plaintext_credentials)
    found.push(
      mistake(
        'plaintext-credentials',
        [task, 'remote_password'],
        `the password of ${args.remote_username ?? 'the bridge'} would cross the internet to ${open.address} in the clear`,
        'set bridge_cafile, or allow_plaintext_credentials: true if something else encrypts it',
      ),
    );
  return found;
}

export function isEncrypted({
  bridge_cafile,
  bridge_capath,
  bridge_psk,
  bridge_tls_use_os_certs,
}: BridgeArgs): boolean {
  return (bridge_cafile ?? bridge_capath ?? bridge_psk) !== undefined || bridge_tls_use_os_certs === true;
}

export function takesIn({ direction }: MappedTopic): boolean {
  return direction === 'in' || direction === 'both';
}

export function sendsOut({ direction }: MappedTopic): boolean {
  return direction === 'out' || direction === 'both';
}

export function levels(prefix: string): string[] {
  return prefix.split('/').filter((level) => level !== '');
}
