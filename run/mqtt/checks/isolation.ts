import { LamplighterError } from '../../errors.ts';
import { aclAllows } from '../acl.ts';
import type { Cause } from '../causes/cause.ts';
import { settingOf, shownLine } from '../config.ts';
import type { MqttEnd } from '../end.ts';
import { evidenceOn } from '../evidence.ts';
import { Inbox } from '../inbox.ts';
import { nonce } from '../roundtrip.ts';
import { commonName } from '../tls.ts';
import { type Check, otherPrefix, type Scene } from './check.ts';
import { bridgeIdentity, type Identity } from './identity.ts';

/** Topics deeper than this are not listened to. */
const MAX_LEVELS = 8;

/** With the lamp's own identity on the cloud: another lamp's topics can neither be written nor read. */
export const isolation: Check = async (scene) => {
  const { hosts, bridge, places, open, logins } = scene;
  const identity = await bridgeIdentity(hosts.lamp, places.lamp, bridge.clientId);
  if (identity === undefined)
    return {
      saw: `no bridge with the remote_clientid ${bridge.clientId} can be read from ${bridge.lampName}'s configuration`,
    };
  const { username, password, cert, key, psk } = identity;
  const tls = psk
    ? { psk, insecure: false, name: bridge.cloudAddress }
    : logins.cloud.tls && { ...logins.cloud.tls, cert, key };
  let intruder: MqttEnd;
  try {
    intruder = await open('cloud', { username, password, tls });
  } catch (error) {
    if (!(error instanceof LamplighterError) || error.code === 'INTERRUPTED') throw error;
    return {
      saw: `${bridge.cloudName} does not admit a client with the identity of ${bridge.lampName}: ${error.message}`,
    };
  }
  try {
    const wrote = await writes(scene, intruder);
    const outcome = wrote ?? (await reads(scene, intruder));
    if (outcome === undefined)
      return { proven: `${bridge.lampName} can neither read nor write the topics of another lamp` };
    return { saw: outcome.saw, ...(outcome.wide ? { cause: await cause(scene, identity, outcome.wide) } : {}) };
  } finally {
    await intruder.close();
  }
};

/** What a broken wall let through: the right, and the topic. */
interface Breach {
  saw: string;
  wide?: { access: 'read' | 'write'; topic: string };
}

/** The intruder writes to another's topics, then to its own: when this arrives, that would have. */
async function writes({ ends, bridge, messageSeconds }: Scene, intruder: MqttEnd): Promise<Breach | undefined> {
  const word = nonce();
  const foreign = [bridge.outTopic, bridge.inTopic].map((first) => `${otherPrefix(bridge)}${first}/${word}`);
  const own = `${bridge.remotePrefix}${bridge.outTopic}/${word}`;
  const inbox = new Inbox();
  await ends.cloud.subscribe([...foreign, own], inbox.accept);
  for (const topic of foreign) await intruder.publish(topic, 'foreign').catch(passRefusal);
  await intruder.publish(own, 'own').catch(passRefusal);
  if ((await inbox.first(({ topic }) => topic === own, messageSeconds * 1000)) === undefined)
    return { saw: `what a client with the identity of ${bridge.lampName} writes to its own ${own} does not arrive` };
  const found = inbox.messages.find(({ topic }) => foreign.includes(topic));
  if (found === undefined) return undefined;
  return {
    saw: `with the identity of ${bridge.lampName} a message could be written to ${found.topic} on ${bridge.cloudName}`,
    wide: { access: 'write', topic: found.topic },
  };
}

/** The intruder listens to everything; a message for another lamp is sent, then one for itself. */
async function reads({ ends, bridge, messageSeconds }: Scene, intruder: MqttEnd): Promise<Breach | undefined> {
  const word = nonce();
  const anywhere = Array.from({ length: MAX_LEVELS }, (_, level) => `${'+/'.repeat(level)}${word}`);
  const inbox = new Inbox();
  const foreign = [bridge.outTopic, bridge.inTopic].map((first) => `${otherPrefix(bridge)}${first}/${word}`);
  const own = `${bridge.remotePrefix}${bridge.inTopic}/${word}`;
  const narrow = await intruder.subscribe(anywhere, inbox.accept).then(
    () => false,
    (error: unknown) => {
      passRefusal(error);
      return true;
    },
  );
  // A broker that refuses such a subscription leaves nothing to read by it.
  if (narrow) await intruder.subscribe([own], () => undefined);
  for (const topic of foreign) await ends.cloud.publish(topic, 'foreign');
  await ends.cloud.publish(own, 'own');
  if ((await inbox.first(({ topic }) => topic === own, messageSeconds * 1000)) === undefined)
    return { saw: `a client with the identity of ${bridge.lampName} does not receive its own ${own}` };
  const found = inbox.messages.find(({ topic }) => foreign.includes(topic));
  if (found === undefined) return undefined;
  return {
    saw: `with the identity of ${bridge.lampName} the message ${found.topic} of another lamp could be read on ${bridge.cloudName}`,
    wide: { access: 'read', topic: found.topic },
  };
}

/** A refusal is what is hoped for; anything else goes on. */
function passRefusal(error: unknown): void {
  if (!(error instanceof LamplighterError) || error.code !== 'AUTH') throw error;
}

async function cause(
  { hosts, bridge, places }: Scene,
  { username, cert, psk }: Identity,
  { access, topic }: NonNullable<Breach['wide']>,
): Promise<Cause> {
  const found = await evidenceOn(hosts.cloud, places.cloud);
  const hint = `Confine each lamp: the pattern "readwrite devices/%u/#" (cloud_acl.patterns), with its Device ID as its user name.`;
  if (found.acl === undefined)
    return {
      code: 'acl-missing',
      text: `${bridge.cloudName}'s broker has no acl_file: whoever is admitted may read and write everything`,
      evidence: [],
      hint,
    };
  const file = settingOf(found.config, 'acl_file');
  const client = { username: username ?? commonName(cert) ?? psk?.identity, clientId: 'lamplighter' };
  const lines = found.acl.filter((line, i, all) => {
    if (!/^\s*(topic|pattern)\s/.test(line)) return false;
    const users = all.slice(0, i).filter((each) => /^\s*user\s/.test(each));
    return aclAllows([...users.slice(-1), line], client, access, topic);
  });
  return {
    code: 'acl-too-wide',
    text: `${bridge.cloudName}'s ACL lets ${client.username === undefined ? 'every client' : `the user ${client.username}`} ${access} ${topic}`,
    evidence: [...(file ? [shownLine(file)] : []), ...lines.map((line) => `  ${line.trim()}`)],
    hint,
  };
}
