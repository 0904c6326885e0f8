import type { Side } from '../bridge.ts';
import { Inbox } from '../inbox.ts';
import { nonce } from '../roundtrip.ts';
import { type Check, type Scene, topicPair } from './check.ts';

/** A retained message each way: the other broker keeps it too, for who subscribes later. Removed again from both. */
export const retained: Check = async (scene) => {
  const { bridge } = scene;
  const out = await kept(scene, 'lamp', bridge.outTopic);
  if (out !== undefined) return explained(scene, out);
  const into = await kept(scene, 'cloud', bridge.inTopic);
  return into === undefined ? { proven: 'retained messages are kept on both sides' } : explained(scene, into);
};

/** What went wrong with one way; undefined when nothing did. */
async function kept({ ends, bridge, messageSeconds }: Scene, from: Side, first: string): Promise<string | undefined> {
  const to: Side = from === 'lamp' ? 'cloud' : 'lamp';
  const names = { lamp: bridge.lampName, cloud: bridge.cloudName };
  const message = topicPair(bridge, first, nonce());
  const sentinel = topicPair(bridge, first, nonce());
  const inbox = new Inbox();
  const milliseconds = messageSeconds * 1000;
  try {
    await ends[to].subscribe([sentinel[to]], inbox.accept);
    await ends[from].publish(message[from], 'retained', true);
    await ends[from].publish(sentinel[from], 'sentinel');
    // It goes the same way behind the retained message.
    if ((await inbox.first(({ topic }) => topic === sentinel[to], milliseconds)) === undefined)
      return `a message behind the retained one, ${sentinel[from]} on ${names[from]}, did not arrive on ${names[to]}`;
    await ends[to].subscribe([message[to]], inbox.accept);
    const found = await inbox.first(({ topic }) => topic === message[to], milliseconds);
    if (found?.retain) return undefined;
    return `the retained message ${message[from]} of ${names[from]} is not kept on ${names[to]}: nothing came to who subscribed to ${message[to]} afterwards`;
  } finally {
    for (const side of [from, to]) await ends[side].publish(message[side], '', true).catch(() => undefined);
  }
}

function explained({ bridge }: Scene, saw: string) {
  return {
    saw,
    cause: {
      code: 'not-retained' as const,
      text: 'the bridge or one of the brokers does not carry the retain flag on',
      evidence: [],
      hint: `Look at retain_available of both brokers, and at try_private and bridge_outgoing_retain of ${bridge.lampName}'s bridge: all are true by default.`,
    },
  };
}
