import { LamplighterError } from '../../errors.ts';
import { sh } from '../../shell/script.ts';
import { bridgeIn } from '../causes/cause.ts';
import { settingOf, shownLine } from '../config.ts';
import type { MqttEnd } from '../end.ts';
import { evidenceOn } from '../evidence.ts';
import { Inbox } from '../inbox.ts';
import { nonce } from '../roundtrip.ts';
import { type Check, type Scene, topicPair } from './check.ts';

/** Messages each way of an outage: fewer than a broker queues. */
const COUNT = 50;

/** The cloud starts its broker by itself after so long, should this run die in between. */
const DEAD_MAN_SECONDS = 60;

/**
 * Stops the cloud's broker, sends messages on the lamp, starts it again, sends messages for the lamp at once, and counts
 * what arrives: with a durable session nothing is lost. Clients of other bridges are thrown off meanwhile.
 */
export const outage: Check = async (scene) => {
  const { hosts, ends, bridge, open, stateSeconds } = scene;
  const out = topicPair(bridge, bridge.outTopic, nonce());
  const into = topicPair(bridge, bridge.inTopic, nonce());
  const onCloud = new Inbox();
  const onLamp = new Inbox();
  const session = `lamplighter-outage-${nonce()}`;
  let witness = await open('cloud', { session });
  await witness.subscribe([out.cloud], onCloud.accept);
  await ends.lamp.subscribe([into.lamp], onLamp.accept);
  let down = 0;
  try {
    hosts.lamp.progress(`stopping the broker of ${bridge.cloudName}`);
    await stop(scene);
    down = performance.now();
    await sendAll(ends.lamp, out.lamp);
  } catch (error) {
    // The first trouble is the one to tell of; the timer starts the broker in any case.
    await start(scene).catch(() => undefined);
    throw error;
  }
  await start(scene);
  down = performance.now() - down;
  try {
    witness = await again(scene, session);
    // The session has the subscription still, if the broker keeps sessions over a restart.
    await witness.subscribe([out.cloud], onCloud.accept);
    await sendAll(witness, into.cloud);
    hosts.lamp.progress('waiting for what was sent during the outage');
    const milliseconds = stateSeconds * 1000;
    const [first, second] = await Promise.all([
      allOf(onCloud, out.cloud, milliseconds),
      allOf(onLamp, into.lamp, milliseconds),
    ]);
    const facts = {
      outage: { seconds: Math.round(down / 100) / 10, sent: COUNT, out_arrived: first, in_arrived: second },
    };
    if (first === COUNT && second === COUNT)
      return { proven: `${COUNT} messages each way outlived an outage of ${bridge.cloudName}`, facts };
    const lost = [
      first < COUNT && `${COUNT - first} of ${COUNT} messages out`,
      second < COUNT && `${COUNT - second} of ${COUNT} messages in`,
    ].filter((part) => part !== false);
    return {
      saw: `${lost.join(' and ')} were lost in an outage of ${bridge.cloudName}`,
      facts,
      ...(await cause(scene)),
    };
  } finally {
    await forget(scene, witness, session);
  }
};

async function stop({ hosts, places }: Scene): Promise<void> {
  const { service } = places.cloud;
  const reply = await hosts.cloud.run(sh`
    command -v systemctl >/dev/null && command -v systemd-run >/dev/null || { echo 'there is no systemd' >&2; return 1; }
    systemctl stop ${`lamplighter-outage-${service}.timer`} 2>/dev/null
    systemd-run --quiet --collect --unit ${`lamplighter-outage-${service}`} --on-active ${DEAD_MAN_SECONDS} \
      --timer-property AccuracySec=1s systemctl start ${service} || return 1
    systemctl stop ${service}`);
  if (reply.rc !== 0) throw new LamplighterError('MODULE_FAILED', `could not stop ${service}: ${reply.stderr.trim()}`);
}

async function start({ hosts, places }: Scene): Promise<void> {
  const { service } = places.cloud;
  const reply = await hosts.cloud.run(sh`
    systemctl start ${service} || return 1
    systemctl stop ${`lamplighter-outage-${service}.timer`} 2>/dev/null
    return 0`);
  if (reply.rc !== 0) throw new LamplighterError('MODULE_FAILED', `could not start ${service}: ${reply.stderr.trim()}`);
}

async function sendAll(end: MqttEnd, topic: string): Promise<void> {
  await Promise.all(Array.from({ length: COUNT }, (_, i) => end.publish(topic, String(i))));
}

/** The witness back in its session, as soon as the broker listens. */
async function again({ open, stateSeconds, hosts }: Scene, session: string): Promise<MqttEnd> {
  const until = performance.now() + stateSeconds * 1000;
  for (;;) {
    try {
      return await open('cloud', { session });
    } catch (error) {
      const late = performance.now() > until || hosts.lamp.signal.aborted;
      if (late || !(error instanceof LamplighterError) || !['CONNECT', 'TIMEOUT'].includes(error.code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** How many of them came in time, copies not counted. */
async function allOf(inbox: Inbox, topic: string, milliseconds: number): Promise<number> {
  const until = performance.now() + milliseconds;
  const arrived = () =>
    new Set(inbox.matching((message) => message.topic === topic).map(({ payload }) => payload)).size;
  while (arrived() < COUNT && performance.now() < until) {
    const before = inbox.messages.length;
    await inbox.first(() => inbox.messages.length > before, until - performance.now());
  }
  return arrived();
}

/** Ends the witness's session on the broker as well. */
async function forget({ open }: Scene, witness: MqttEnd, session: string): Promise<void> {
  await witness.close();
  const last = await open('cloud', { session, forget: true }).catch(() => undefined);
  await last?.close();
}

async function cause({ hosts, bridge, places }: Scene) {
  const [lamp, cloud] = await Promise.all([evidenceOn(hosts.lamp, places.lamp), evidenceOn(hosts.cloud, places.cloud)]);
  const own = bridgeIn(lamp, bridge);
  const persistence = settingOf(cloud.config, 'persistence');
  if (own?.cleansession)
    return {
      cause: {
        code: 'clean-session' as const,
        text: `the bridge of ${bridge.lampName} has a clean session: what is sent while it is not connected is forgotten`,
        evidence: lamp.config.filter(({ option }) => option === 'cleansession').map(shownLine),
        hint: 'Once the topics are settled set cleansession false (lamp_cleansession: false).',
      },
    };
  if (persistence?.value !== 'true')
    return {
      cause: {
        code: 'no-persistence' as const,
        text: `${bridge.cloudName}'s broker keeps no sessions over a restart`,
        evidence: persistence ? [shownLine(persistence)] : [],
        hint: 'Set persistence true on the cloud.',
      },
    };
  return {};
}
