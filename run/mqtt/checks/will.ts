import type { Side } from '../bridge.ts';
import { Inbox } from '../inbox.ts';
import { nonce } from '../roundtrip.ts';
import { type Check, type Scene, topicPair } from './check.ts';

/** A client that dies on one side: its will arrives on the other. */
export const will: Check = async (scene) => {
  const { bridge } = scene;
  for (const [from, first] of [
    ['lamp', bridge.outTopic],
    ['cloud', bridge.inTopic],
  ] as const) {
    const outcome = await lastWill(scene, from, first);
    if (outcome !== undefined) return outcome;
  }
  return { proven: 'wills of clients that die cross both ways' };
};

async function lastWill({ ends, bridge, open, messageSeconds }: Scene, from: Side, first: string) {
  const to: Side = from === 'lamp' ? 'cloud' : 'lamp';
  const topics = topicPair(bridge, first, nonce());
  const inbox = new Inbox();
  const client = await open(from, { will: { topic: topics[from], payload: 'will' } });
  await ends[to].subscribe([topics[to]], inbox.accept);
  client.drop!();
  const found = await inbox.first(
    ({ topic, payload }) => topic === topics[to] && payload === 'will',
    messageSeconds * 1000,
  );
  if (found !== undefined) return undefined;
  const names = { lamp: bridge.lampName, cloud: bridge.cloudName };
  return {
    saw: `a client of ${names[from]} died; its will ${topics[from]} did not arrive as ${topics[to]} on ${names[to]}`,
  };
}
