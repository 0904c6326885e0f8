import { type Finding, isStandIn } from '../task.ts';
import { isWildcard } from './address.ts';
import { endpointsOf, mapped } from './bridge-args.ts';
import type { Listener } from './broker-args.ts';
import { overlap } from './filters.ts';
import { levels, sendsOut, takesIn } from './rules-bridge.ts';
import { verifierRules } from './rules-login.ts';
import { loops } from './rules-loops.ts';
import { reachRules } from './rules-reach.ts';
import { stateRules } from './rules-state.ts';
import { type BridgeTask, type BrokerTask, doubt, mistake, type Site } from './tasks.ts';
import { TopicIndex } from './topic-index.ts';

/** The rules that take more than one task to break. */
export function siteRules(site: Site): Finding[] {
  return [
    ...sameOnOneCloud(site.bridges),
    ...sameNotification(site.bridges),
    ...sameConnection(site.bridges),
    ...samePort(site.brokers),
    ...foreignIds(site.bridges),
    ...crossTalk(site.bridges),
    ...loops(site),
    ...stateRules(site),
    ...reachRules(site),
    ...verifierRules(site),
  ];
}

/** Two lamps with one id push each other off the cloud's broker, every 4 to 5 s. */
function sameOnOneCloud(bridges: BridgeTask[]): Finding[] {
  const found: Finding[] = [];
  const ids = new Map<string, BridgeTask>();
  const devices = new Map<string, BridgeTask>();
  for (const task of bridges) {
    const cloud = endpointsOf(task.args)[0];
    const { remote_clientid: id, device_id: device } = task.args;
    const where = `${cloud?.address}:${cloud?.port}`;
    if (id !== undefined) {
      const other = ids.get(`${where} ${id}`);
      if (other)
        found.push(
          mistake(
            'duplicate-clientid',
            [
              [task, 'remote_clientid'],
              [other, 'remote_clientid'],
            ],
            `${other.host} and ${task.host} have the same remote_clientid ${id}: they would push each other off ${where}`,
            'give each bridge a client id of its own',
          ),
        );
      else ids.set(`${where} ${id}`, task);
    }
    if (device === undefined) continue;
    const other = devices.get(`${where} ${device}`);
    if (other && other.host !== task.host)
      found.push(
        mistake(
          'duplicate-device-id',
          [
            [task, 'device_id'],
            [other, 'device_id'],
          ],
          `${other.host} and ${task.host} have the same Device ID ${device}: each would get what is meant for the other`,
          'give each lamp a Device ID of its own',
        ),
      );
    else devices.set(`${where} ${device}`, task);
  }
  return found;
}

/** Each bridge tells its state there, and by its will the end of its own: two make it mean nothing. */
function sameNotification(bridges: BridgeTask[]): Finding[] {
  const first = new Map<string, BridgeTask>();
  return bridges.flatMap((task) => {
    const { notification_topic: topic } = task.args;
    const key = `${endpointsOf(task.args)[0]?.address} ${topic}`;
    const other = first.get(key);
    if (topic === undefined || isStandIn(topic)) return [];
    first.set(key, task);
    if (other === undefined || other.host === task.host) return [];
    return [
      mistake(
        'duplicate-notification',
        [
          [task, 'notification_topic'],
          [other, 'notification_topic'],
        ],
        `${other.host} and ${task.host} tell the state of their bridges at one topic, ${topic}`,
        'put the Device ID into it',
      ),
    ];
  });
}

function sameConnection(bridges: BridgeTask[]): Finding[] {
  const found: Finding[] = [];
  const names = new Map<string, BridgeTask>();
  const files = new Map<string, BridgeTask>();
  for (const task of bridges) {
    const { connection, file } = task.args;
    // The same file again is the same bridge again: a later task changes it.
    const inFile = files.get(`${task.host} ${file}`);
    if (inFile !== undefined && inFile.args.connection === connection) continue;
    if (inFile !== undefined)
      found.push(
        mistake(
          'same-file',
          [
            [task, 'connection'],
            [inFile, 'connection'],
          ],
          `the bridges ${inFile.args.connection} and ${connection} of ${task.host} are both written to conf.d/${file}.conf: the second replaces the first`,
          'give one of them another file',
        ),
      );
    files.set(`${task.host} ${file}`, task);
    const other = names.get(`${task.host} ${connection}`);
    if (other)
      found.push(
        mistake(
          'duplicate-connection',
          [
            [task, 'connection'],
            [other, 'connection'],
          ],
          `${task.host} has two bridges named ${connection}`,
          'give each connection a name of its own',
        ),
      );
    names.set(`${task.host} ${connection}`, task);
  }
  return found;
}

/** Two listeners on one port of a host, unless their addresses differ. */
function samePort(brokers: BrokerTask[]): Finding[] {
  const found: Finding[] = [];
  const seen = new Map<string, { task: BrokerTask; listener: Listener; i: number }[]>();
  const files = new Set<string>();
  for (const task of brokers) {
    // The same file again: a later task changes it.
    const file = `${task.host} ${task.args.file}`;
    if (files.has(file)) continue;
    files.add(file);
    for (const [i, listener] of (task.args.listeners ?? []).entries()) {
      const key = `${task.host} ${listener.port}`;
      const others = seen.get(key) ?? [];
      const other = others.find((each) => sameSocket(each.listener, listener));
      if (other)
        found.push(
          mistake(
            'duplicate-port',
            [
              [task, 'listeners', i, 'port'],
              [other.task, 'listeners', other.i, 'port'],
            ],
            `${task.host} has two listeners on port ${listener.port} of ${shownAddress(listener, other.listener)}`,
          ),
        );
      seen.set(key, [...others, { task, listener, i }]);
    }
  }
  return found;
}

function sameSocket(a: Listener, b: Listener): boolean {
  if (a.bind_interface !== b.bind_interface && a.bind_interface !== undefined && b.bind_interface !== undefined)
    return false;
  const [first, second] = [family(a), family(b)];
  if (first !== undefined && second !== undefined && first !== second) return false;
  return isWildcard(a.address) || isWildcard(b.address) || a.address === b.address;
}

function family({ address, socket_domain }: Listener): string | undefined {
  if (socket_domain !== undefined) return socket_domain;
  if (address === undefined || address === '*') return undefined;
  return address.includes(':') ? 'ipv6' : /^[\d.]+$/.test(address) ? 'ipv4' : undefined;
}

function shownAddress(a: Listener, b: Listener): string {
  const address = isWildcard(a.address) ? b.address : a.address;
  return isWildcard(address) ? 'every address' : address!;
}

/** A remote prefix with the Device ID of another lamp. */
function foreignIds(bridges: BridgeTask[]): Finding[] {
  const owners = new Map(
    bridges.flatMap((task) => (task.args.device_id === undefined ? [] : [[task.args.device_id, task] as const])),
  );
  return bridges.flatMap((task) => {
    const { args } = task;
    const found = new Map<string, Finding>();
    for (const [i, topic] of (args.topics ?? []).entries()) {
      const { remotePrefix } = mapped(args, topic);
      for (const level of levels(remotePrefix)) {
        const owner = owners.get(level);
        if (owner === undefined || level === args.device_id || owner.host === task.host) continue;
        const path = topic.remote_prefix === undefined ? ['remote_prefix'] : ['topics', i, 'remote_prefix'];
        found.set(
          path.join('.'),
          mistake(
            'foreign-id',
            [
              [task, ...path],
              [owner, 'device_id'],
            ],
            `the remote prefix ${remotePrefix} of ${task.host} holds the Device ID of ${owner.host}`,
          ),
        );
      }
    }
    return [...found.values()];
  });
}

/** What one lamp sends out and another takes in: rarely meant. */
function crossTalk(bridges: BridgeTask[]): Finding[] {
  const taken = new TopicIndex<{ task: BridgeTask; filter: string; cloud: string }>();
  const flows = bridges.map((task) => ({
    task,
    cloud: endpointsOf(task.args)[0]?.address ?? '',
    topics: (task.args.topics ?? []).map((topic) => mapped(task.args, topic)),
  }));
  for (const { task, cloud, topics } of flows)
    for (const topic of topics) if (takesIn(topic)) taken.add(topic.remote, { task, filter: topic.remote, cloud });
  return flows.flatMap(({ task, cloud, topics }) =>
    topics.flatMap((topic, i) => {
      if (!sendsOut(topic)) return [];
      const other = taken
        .near(topic.remote)
        .find((each) => each.task.host !== task.host && each.cloud === cloud && overlap(each.filter, topic.remote));
      if (other === undefined) return [];
      return [
        doubt(
          'cross-talk',
          [
            [task, 'topics', i],
            [other.task, 'topics'],
          ],
          `what ${task.host} sends out to ${topic.remote} is taken in by ${other.task.host} (${other.filter})`,
        ),
      ];
    }),
  );
}
