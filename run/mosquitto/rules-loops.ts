import type { Finding } from '../task.ts';
import { endpointsOf, mapped } from './bridge-args.ts';
import { intersection } from './filters.ts';
import { sendsOut, takesIn } from './rules-bridge.ts';
import { type BridgeTask, mistake, type Site } from './tasks.ts';
import { TopicIndex } from './topic-index.ts';

/** One direction of one topic of a bridge: what comes to `from` under `filter` goes on to `to`, its prefix replaced. */
interface Way {
  task: BridgeTask;
  topic: number;
  from: string;
  to: string;
  filter: string;
  prefix: string;
  newPrefix: string;
}

/** More hops than any sane site has; a longer ring is found from one of its own ways all the same. */
const MOST_HOPS = 8;

/**
 * Topics that come back to where they were, remapped on the way, by more than one bridge: a single message then goes round
 * for ever (5,040 in a second were seen). A broker does not send a message back over the bridge that it came by.
 */
export function loops({ bridges, brokers }: Site): Finding[] {
  const hosts = new Map([...brokers, ...bridges].map(({ host, address }) => [address, host]));
  const ways = bridges.flatMap((task) => waysOf(task, hosts));
  const leaving = new Map<string, TopicIndex<Way>>();
  for (const way of ways) {
    const index = leaving.get(way.from) ?? new TopicIndex<Way>();
    index.add(way.filter, way);
    leaving.set(way.from, index);
  }
  const told = new Set<string>();
  return ways.flatMap((first) => {
    const ring = ringFrom(first, leaving);
    if (ring === undefined) return [];
    const key = [...new Set(ring.map(({ task, topic }) => `${task.host} ${task.args.connection} ${topic}`))]
      .sort()
      .join('\n');
    if (told.has(key)) return [];
    told.add(key);
    const path = [first.from, ...ring.map(({ to }) => to)].join(' -> ');
    return [
      mistake(
        'loop',
        ring.map(({ task, topic }) => [task, 'topics', topic] as const),
        `messages to ${first.filter} would go round for ever: ${path}`,
        'let each topic cross in one direction, or under another prefix',
      ),
    ];
  });
}

function waysOf(task: BridgeTask, hosts: Map<string, string>): Way[] {
  const address = endpointsOf(task.args)[0]?.address;
  if (address === undefined) return [];
  const far = hosts.get(address) ?? address;
  return (task.args.topics ?? []).flatMap((topic, i) => {
    const each = mapped(task.args, topic);
    const { local, remote, localPrefix, remotePrefix } = each;
    const out: Way = {
      task,
      topic: i,
      from: task.host,
      to: far,
      filter: local,
      prefix: localPrefix,
      newPrefix: remotePrefix,
    };
    const back: Way = {
      task,
      topic: i,
      from: far,
      to: task.host,
      filter: remote,
      prefix: remotePrefix,
      newPrefix: localPrefix,
    };
    return [...(sendsOut(each) ? [out] : []), ...(takesIn(each) ? [back] : [])];
  });
}

/** The ways by which a topic that enters the first comes back to its beginning. */
function ringFrom(first: Way, leaving: Map<string, TopicIndex<Way>>): Way[] | undefined {
  const follow = (taken: Way[], topic: string): Way[] | undefined => {
    const last = taken.at(-1)!;
    if (
      taken.length > 1 &&
      last.to === first.from &&
      last.task !== first.task &&
      intersection(topic, first.filter) !== undefined
    )
      return taken;
    if (taken.length >= MOST_HOPS) return undefined;
    for (const next of leaving.get(last.to)?.near(topic) ?? []) {
      if (next.task === last.task || taken.includes(next)) continue;
      const common = intersection(topic, next.filter);
      const ring = common === undefined ? undefined : follow([...taken, next], remapped(common, next));
      if (ring) return ring;
    }
    return undefined;
  };
  return follow([first], remapped(first.filter, first));
}

function remapped(filter: string, { prefix, newPrefix }: Way): string {
  if (filter.startsWith(prefix)) return newPrefix + filter.slice(prefix.length);
  // A wildcard took the place of the prefix: what follows it is all that is known.
  return `${newPrefix}#`;
}
