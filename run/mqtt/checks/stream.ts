import type { Side } from '../bridge.ts';
import type { MqttEnd } from '../end.ts';
import { Inbox } from '../inbox.ts';
import { nonce } from '../roundtrip.ts';
import { type Check, type Scene, topicPair } from './check.ts';

/** Messages under way at most: what a broker queues by default is never reached. */
const WINDOW = 20;

/** What became of a stream of messages one way. */
export interface Flow {
  sent: number;
  received: number;
  lost: number;
  /** Copies beyond the first. */
  doubled: number;
  median_ms: number | null;
  p95_ms: number | null;
  max_ms: number | null;
}

/** Messages both ways at once: none lost, none doubled. */
export const stream: Check = async (scene) => {
  const { bridge, messages } = scene;
  const [out, into] = await Promise.all([
    flow(scene, 'lamp', bridge.outTopic, messages),
    flow(scene, 'cloud', bridge.inTopic, messages),
  ]);
  const facts = { stream: { out, in: into } };
  const bad = [
    wrong(out, 'out', bridge.lampName, bridge.cloudName),
    wrong(into, 'in', bridge.cloudName, bridge.lampName),
  ];
  const saw = bad.filter((part) => part !== undefined);
  if (saw.length > 0) return { saw: saw.join('; '), facts };
  const times = ({ median_ms, p95_ms }: Flow) => `median ${median_ms} ms, 95 % within ${p95_ms} ms`;
  return {
    proven: `${messages} messages each way, none lost or doubled (out ${times(out)}; in ${times(into)})`,
    facts,
  };
};

async function flow(scene: Scene, from: Side, first: string, count: number): Promise<Flow> {
  const { ends, bridge, messageSeconds } = scene;
  const to: Side = from === 'lamp' ? 'cloud' : 'lamp';
  const topics = topicPair(bridge, first, nonce());
  const inbox = new Inbox();
  await ends[to].subscribe([topics[to]], (message) => message.topic === topics[to] && inbox.accept(message));
  const sentAt = await send(ends[from], topics[from], count, inbox, messageSeconds * 1000);
  const latencies = new Map<string, number>();
  for (const { payload, at } of inbox.messages)
    if (!latencies.has(payload)) latencies.set(payload, at - sentAt[Number(payload)]!);
  const sorted = [...latencies.values()].sort((a, b) => a - b);
  const at = (share: number) => {
    const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return found === undefined ? null : Math.round(found * 10) / 10;
  };
  return {
    sent: count,
    received: latencies.size,
    lost: count - latencies.size,
    doubled: inbox.messages.length - latencies.size,
    median_ms: at(0.5),
    p95_ms: at(0.95),
    max_ms: at(1),
  };
}

/** Sends numbered messages, a few ahead of what has arrived, and waits for the last. @returns when each was sent */
async function send(end: MqttEnd, topic: string, count: number, inbox: Inbox, patience: number): Promise<number[]> {
  const sentAt: number[] = [];
  const acknowledged: Promise<unknown>[] = [];
  const arrived = () => new Set(inbox.messages.map(({ payload }) => payload)).size;
  const next = () => {
    const before = inbox.messages.length;
    return inbox.first(() => inbox.messages.length > before, patience);
  };
  for (let i = 0; i < count; i++) {
    // When nothing comes any more the rest would not either; it counts as lost.
    while (i - arrived() >= WINDOW) if ((await next()) === undefined) return sentAt;
    sentAt.push(performance.now());
    const sent = end.publish(topic, String(i));
    sent.catch(() => undefined);
    acknowledged.push(sent);
  }
  await Promise.allSettled(acknowledged);
  while (arrived() < count && (await next()) !== undefined);
  return sentAt;
}

function wrong({ sent, lost, doubled }: Flow, way: string, from: string, to: string): string | undefined {
  const parts = [lost > 0 && `${lost} of ${sent} messages ${way} were lost`, doubled > 0 && `${doubled} came twice`];
  const said = parts.filter((part) => part !== false);
  return said.length === 0 ? undefined : `${said.join(' and ')} between ${from} and ${to}`;
}
