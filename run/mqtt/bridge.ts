import type { Message, MqttEnd } from './end.ts';
import { Inbox } from './inbox.ts';
import { nonce } from './roundtrip.ts';

/*
 * What messages say about a bridge. The two ends are clients of the lamp's and of the cloud's broker; every message ends
 * in a word that no other run has used, so that a subscription to `+/+/WORD` sees our own messages and no others, also
 * where they should not be.
 */

/** The bridge as it should be. */
export interface BridgeSpec {
  /** Its client id on the cloud: mosquitto.conf's remote_clientid. */
  clientId: string;
  deviceId: string;
  /** A Device ID that is not this lamp's. */
  otherDeviceId: string;
  /** Of the lamp's topics on the cloud; ends in "/". Holds the Device ID. */
  remotePrefix: string;
  /** First level of what goes out to the cloud, and of what comes in. */
  outTopic: string;
  inTopic: string;
  /** The bridge's notification_topic, where it has one. */
  notificationTopic?: string | undefined;
}

/** Where a bridge publishes 1 and 0, on both brokers. */
export function stateTopic({
  clientId,
  notificationTopic,
}: Pick<BridgeSpec, 'clientId' | 'notificationTopic'>): string {
  return notificationTopic ?? `$SYS/broker/connection/${clientId}/state`;
}

export interface Patience {
  /** For the state to become 1 on both ends. */
  stateSeconds: number;
  /** For one message to cross. */
  messageSeconds: number;
  /** How long the state has to stay 1; asked for while the messages are under way. */
  stableSeconds: () => Promise<number>;
  /** Asked when the bridge is not connected after a few seconds: whether waiting longer cannot help. */
  hopeless: () => Promise<boolean>;
}

export type Side = 'lamp' | 'cloud';

/** What became of one message. */
export interface Crossing {
  from: Side;
  sentTo: string;
  expectedAt: string;
  /** Milliseconds; absent when it did not arrive where it should. */
  latencyMs?: number;
  /** Copies that arrived where it should, by the end of the observation. */
  copies: number;
  /** Copies that came back to the sender's own topic: a loop. */
  echoes: number;
  /** The broker refused the message: its words. */
  refused?: string;
}

/** A message of ours in a place where it should not be. */
export interface Stray {
  side: Side;
  topic: string;
  message: 'out' | 'in' | 'other' | 'unmapped' | 'sentinel';
  copies: number;
}

/** One value of the state topic. */
export interface StateChange {
  side: Side;
  value: string;
  /** Seconds since the observation began. */
  after: number;
}

/** For how many seconds the state has to be 1 on both ends without a break, and for how many it was. */
export interface Held {
  neededSeconds: number;
  heldSeconds: number;
}

export interface BridgeObservation extends Held {
  /** The last state seen on each end; undefined when the topic does not exist or cannot be read. */
  states: Record<Side, string | undefined>;
  stateChanges: StateChange[];
  out: Crossing;
  in: Crossing;
  /** The message for another device: it must not arrive on the lamp. */
  otherArrived: boolean;
  /** The sentinel behind it came, so that the other's absence means something. */
  sentinelArrived: boolean;
  strays: Stray[];
}

/** Watches the states and sends one message each way, one for another device, and a sentinel behind each. */
export async function observeBridge(
  lamp: MqttEnd,
  cloud: MqttEnd,
  spec: BridgeSpec,
  patience: Patience,
): Promise<BridgeObservation> {
  const watch = new Watch(lamp, cloud, spec);
  await watch.begin();
  const stable = patience.stableSeconds();
  stable.catch(() => undefined);
  const up = (await watch.untilConnected(FIRST_WAIT_SECONDS)) || (await patiently(watch, patience));
  // Messages may cross where only the state is missing; they do so at once or not at all.
  const seconds = up ? patience.messageSeconds : Math.min(patience.messageSeconds, BRIEF_SECONDS);

  const out = await watch.send('lamp', 'out', seconds);
  const incoming = await watch.send('cloud', 'in', seconds);
  await watch.sendToOther();
  await watch.sendUnmapped();
  const sentinel = await watch.send('cloud', 'sentinel', incoming.latencyMs === undefined ? BRIEF_SECONDS : seconds);
  // Behind the first message out, as the sentinel is behind the first one in: copies of it have arrived when this has.
  if (out.latencyMs !== undefined) await watch.send('lamp', 'sentinel', seconds);

  const held = up ? await watch.hold(await stable) : { neededSeconds: 0, heldSeconds: 0 };
  return {
    states: { lamp: watch.state('lamp'), cloud: watch.state('cloud') },
    stateChanges: watch.stateChanges(),
    out: watch.counted(out),
    in: watch.counted(incoming),
    otherArrived: watch.arrivedOnLamp('other'),
    sentinelArrived: sentinel.latencyMs !== undefined,
    strays: watch.strays(),
    ...held,
  };
}

async function patiently(watch: Watch, patience: Patience): Promise<boolean> {
  const left = patience.stateSeconds - FIRST_WAIT_SECONDS;
  if (left <= 0 || (await patience.hopeless())) return false;
  return watch.untilConnected(left);
}

type Kind = Stray['message'];

const SIDES = ['lamp', 'cloud'] as const;

/** Two clients with one id push each other out every 4 to 5 s: this holds three of their turns. */
export const DOUBTFUL_SECONDS = 15;

/** A bridge publishes its state on both ends as soon as it is connected. */
const SILENT_SECONDS = 5;

/** Longer than a restarted lamp takes (0.2 s) and than a first try again (4 to 5 s). */
const FIRST_WAIT_SECONDS = 6;

/** For what happens at once or not at all. */
const BRIEF_SECONDS = 1.5;

/** Both ends report one lapse at about the same time. */
const SAME_LAPSE_MS = 1000;

/** Topics deeper than this are not searched for strays. */
const MAX_LEVELS = 8;

class Watch {
  readonly #ends: Record<Side, MqttEnd>;
  readonly #inboxes: Record<Side, Inbox> = { lamp: new Inbox(), cloud: new Inbox() };
  readonly #spec: BridgeSpec;
  readonly #word = nonce();
  readonly #stateTopic: string;
  readonly #begun = performance.now();

  constructor(lamp: MqttEnd, cloud: MqttEnd, spec: BridgeSpec) {
    this.#ends = { lamp, cloud };
    this.#spec = spec;
    this.#stateTopic = stateTopic(spec);
  }

  /** Subscribes both ends to the state and to our own messages wherever they are. */
  async begin(): Promise<void> {
    const anywhere = Array.from({ length: MAX_LEVELS }, (_, level) => `${'+/'.repeat(level)}${this.#word}`);
    await Promise.all(
      SIDES.map((side) => this.#ends[side].subscribe([this.#stateTopic, ...anywhere], this.#inboxes[side].accept)),
    );
  }

  state(side: Side): string | undefined {
    return this.#stateMessages(side).at(-1)?.payload;
  }

  stateChanges(): StateChange[] {
    const changes = SIDES.flatMap((side) =>
      this.#stateMessages(side).map(({ payload, at }) => ({ side, value: payload, after: (at - this.#begun) / 1000 })),
    );
    return changes.sort((a, b) => a.after - b.after);
  }

  /**
   * Whether both ends say 1 in time. One end that says 1 while the other says nothing at all is not waited for long: its
   * state topic is not published, or may not be read.
   */
  async untilConnected(seconds: number): Promise<boolean> {
    const until = performance.now() + seconds * 1000;
    while (!this.#connected() && performance.now() < until && !this.#halfSilent()) {
      const before = performance.now();
      const isState = ({ topic, at }: Message) => topic === this.#stateTopic && at >= before;
      const milliseconds = Math.min(until - before, 500);
      await Promise.race(SIDES.map((side) => this.#inboxes[side].first(isState, milliseconds)));
    }
    return this.#connected();
  }

  #connected(): boolean {
    return SIDES.every((side) => this.state(side) === '1');
  }

  #halfSilent(): boolean {
    const [lamp, cloud] = [this.#stateMessages('lamp').at(-1), this.#stateMessages('cloud').at(-1)];
    const spoken = lamp ?? cloud;
    if (spoken?.payload !== '1' || (lamp !== undefined && cloud !== undefined)) return false;
    return performance.now() - spoken.at > SILENT_SECONDS * 1000;
  }

  /** Sends one message and waits for it on the other side. */
  async send(from: Side, kind: Kind, seconds: number): Promise<Crossing> {
    const { near, far } = this.#topics(from);
    const crossing: Crossing = { from, sentTo: near, expectedAt: far, copies: 0, echoes: 0 };
    const sent = performance.now();
    const arrival = this.#arrival(kind, from, far, seconds);
    try {
      await this.#ends[from].publish(near, this.#payload(kind, from));
    } catch (error) {
      return { ...crossing, refused: (error as Error).message };
    }
    const message = await arrival;
    return message === undefined ? crossing : { ...crossing, latencyMs: message.at - sent };
  }

  /** The message on the other side. One that has come to another topic there will hardly come to this one as well. */
  async #arrival(kind: Kind, from: Side, topic: string, seconds: number): Promise<Message | undefined> {
    const inbox = this.#inboxes[other(from)];
    const payload = this.#payload(kind, from);
    const first = await inbox.first((message) => message.payload === payload, seconds * 1000);
    return first === undefined ? undefined : inbox.first(this.#is(kind, from, topic), BRIEF_SECONDS * 1000);
  }

  /** Sends the message for another device; returns when the cloud's broker has it. A refusal shows as a missing sentinel. */
  async sendToOther(): Promise<void> {
    const topic = `${this.#otherPrefix()}${this.#spec.inTopic}/${this.#word}`;
    await this.#ends.cloud.publish(topic, this.#payload('other', 'cloud')).catch(() => undefined);
  }

  /**
   * Waits until the state has been 1 on both ends for so long. A bridge that lapses may come back once (it does after a
   * restart), and has to hold longer then; at the second lapse it counts as flapping.
   */
  async hold(seconds: number): Promise<Held> {
    const needed = Math.max(seconds, this.#lapses().length > 0 ? DOUBTFUL_SECONDS : 0);
    const since = this.#connectedSince();
    const lapse = await this.#nextLapse(since + needed * 1000 - performance.now());
    // A timer may end a fraction of a millisecond early.
    if (lapse === undefined)
      return { neededSeconds: needed, heldSeconds: Math.max(needed, (performance.now() - since) / 1000) };
    const cameBack = this.#lapses().length < 2 && (await this.untilConnected(DOUBTFUL_SECONDS));
    return cameBack ? this.hold(DOUBTFUL_SECONDS) : { neededSeconds: needed, heldSeconds: (lapse - since) / 1000 };
  }

  /** Sends messages for this lamp that no `in` topic should take, but the subscriptions of an older topic map may. */
  async sendUnmapped(): Promise<void> {
    for (const topic of this.#unmappedTopics())
      await this.#ends.cloud.publish(topic, this.#payload('unmapped', 'cloud')).catch(() => undefined);
  }

  counted(crossing: Crossing): Crossing {
    const { from, sentTo, expectedAt } = crossing;
    const kind = from === 'lamp' ? 'out' : 'in';
    const received = this.#inboxes[other(from)].matching(this.#is(kind, from, expectedAt)).length;
    const own = this.#inboxes[from].matching(this.#is(kind, from, sentTo)).length;
    return { ...crossing, copies: received, echoes: Math.max(0, own - 1) };
  }

  arrivedOnLamp(kind: Kind): boolean {
    return this.#inboxes.lamp.matching((message) => message.payload.startsWith(`${kind} `)).length > 0;
  }

  /** Our messages where neither their sender nor the bridge should have put them. */
  strays(): Stray[] {
    const found = new Map<string, Stray>();
    for (const side of SIDES) {
      for (const { topic, payload } of this.#inboxes[side].messages) {
        if (topic === this.#stateTopic || this.#belongs(side, topic, payload)) continue;
        const message = payload.split(' ')[0] as Kind;
        const key = `${side} ${topic} ${message}`;
        const stray = found.get(key) ?? { side, topic, message, copies: 0 };
        stray.copies++;
        found.set(key, stray);
      }
    }
    return [...found.values()];
  }

  #belongs(side: Side, topic: string, payload: string): boolean {
    if (payload === this.#payload('other', 'cloud'))
      return side === 'cloud' && topic === `${this.#otherPrefix()}${this.#spec.inTopic}/${this.#word}`;
    // Stripped of its prefix it came by a broad topic that somebody wanted; unstripped nobody asked for it.
    if (payload === this.#payload('unmapped', 'cloud'))
      return (side === 'cloud') === this.#unmappedTopics().includes(topic);
    const from = payload.endsWith(' lamp') ? 'lamp' : 'cloud';
    const { near, far } = this.#topics(from);
    return topic === (side === from ? near : far);
  }

  /** The topic at the sender and the one at the receiver. */
  #topics(from: Side): { near: string; far: string } {
    const { outTopic, inTopic, remotePrefix } = this.#spec;
    const onLamp = `${from === 'lamp' ? outTopic : inTopic}/${this.#word}`;
    const onCloud = remotePrefix + onLamp;
    return from === 'lamp' ? { near: onLamp, far: onCloud } : { near: onCloud, far: onLamp };
  }

  #unmappedTopics(): string[] {
    const { remotePrefix, outTopic } = this.#spec;
    return [`${remotePrefix}${this.#word}`, `${remotePrefix}${outTopic}/${this.#word}`];
  }

  #otherPrefix(): string {
    return this.#spec.remotePrefix.replaceAll(this.#spec.deviceId, this.#spec.otherDeviceId);
  }

  #payload(kind: Kind, from: Side): string {
    return `${kind} from the ${from}`;
  }

  #is(kind: Kind, from: Side, topic: string): (message: Message) => boolean {
    const payload = this.#payload(kind, from);
    return (message) => message.topic === topic && message.payload === payload && !message.retain;
  }

  /** When the later of the two ends last became 1; now when one is not. */
  #connectedSince(): number {
    const since = (side: Side) => {
      let from: number | undefined;
      for (const { payload, at } of this.#stateMessages(side)) from = payload === '1' ? (from ?? at) : undefined;
      return from ?? performance.now();
    };
    return Math.max(since('lamp'), since('cloud'));
  }

  /** Times at which an end that had been 1 no longer was. Both ends may tell of the same one. */
  #lapses(): number[] {
    const times = SIDES.flatMap((side) => {
      const messages = this.#stateMessages(side);
      return messages.filter(({ payload }, i) => payload !== '1' && messages[i - 1]?.payload === '1');
    }).map((message) => message.at);
    return times.sort((a, b) => a - b).filter((at, i, all) => i === 0 || at - all[i - 1]! > SAME_LAPSE_MS);
  }

  /** The time of the next lapse, or of the one under way; undefined when none came within the time. */
  async #nextLapse(milliseconds: number): Promise<number | undefined> {
    if (SIDES.some((side) => this.state(side) !== '1')) return performance.now();
    const before = performance.now();
    const isLapse = ({ topic, payload, at }: Message) => topic === this.#stateTopic && payload !== '1' && at >= before;
    const lapses = SIDES.map((side) => this.#inboxes[side].first(isLapse, milliseconds));
    const first = await Promise.race([Promise.all(lapses), ...lapses.map((each) => each.then(orNever))]);
    return Array.isArray(first) ? undefined : first.at;
  }

  #stateMessages(side: Side): Message[] {
    return this.#inboxes[side].matching((message) => message.topic === this.#stateTopic);
  }
}

function other(side: Side): Side {
  return side === 'lamp' ? 'cloud' : 'lamp';
}

/** A promise that stays open when there is nothing. */
function orNever<T>(value: T | undefined): T | Promise<never> {
  return value ?? new Promise<never>(() => undefined);
}
