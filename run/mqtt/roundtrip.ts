import { randomBytes } from 'node:crypto';
import { LamplighterError } from '../errors.ts';
import type { MqttEnd } from './end.ts';
import { Inbox } from './inbox.ts';

/** A word that no earlier run has used. */
export function nonce(): string {
  return randomBytes(8).toString('hex');
}

/**
 * Publishes a new word to a topic and waits for it as a subscriber of the same broker.
 * @returns milliseconds between publishing and receiving, on the controller's clock
 * @throws LamplighterError AUTH, TIMEOUT
 */
export async function roundtrip(end: MqttEnd, topic: string, timeoutSeconds: number): Promise<number> {
  const word = nonce();
  const inbox = new Inbox();
  await end.subscribe([topic], inbox.accept);
  const sent = performance.now();
  const received = inbox.first((message) => message.payload === word && !message.retain, timeoutSeconds * 1000);
  await end.publish(topic, word);
  const message = await received;
  if (message === undefined)
    throw new LamplighterError(
      'TIMEOUT',
      `the broker acknowledged a message to ${topic} and did not deliver it within ${timeoutSeconds} s`,
      { hint: 'An ACL may forbid this client to read the topic.' },
    );
  return message.at - sent;
}
