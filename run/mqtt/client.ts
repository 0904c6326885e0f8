import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import type { MqttClient } from 'mqtt';
import { LamplighterError } from '../errors.ts';
import type { EndOptions, Message, MqttEnd } from './end.ts';
import { refusedLater } from './tls.ts';

/** CONNACK codes that mean "not with this login": 4 and 5 of MQTT 3.1.1, 0x86 and 0x87 of MQTT 5. */
const NOT_AUTHORIZED = new Set([4, 5, 0x86, 0x87]);

type Version = 5 | 4;

/** A session that nobody comes back for is forgotten after so long (by MQTT 5). */
const SESSION_SECONDS = 600;

/**
 * Connects the `mqtt` package to a broker over streams that `open` makes (one for each attempt). Speaks MQTT 5, whose
 * acknowledgements tell a refused publish, and 3.1.1 to brokers before 1.6.
 * @throws LamplighterError AUTH (refused by the broker), CONNECT, TIMEOUT, INTERRUPTED; and what `open` throws
 */
export async function connectMqtt(open: () => Promise<Duplex>, carrier: string, options: EndOptions): Promise<MqttEnd> {
  try {
    return await connectAs(5, await open(), carrier, options);
  } catch (error) {
    // A broker that does not know MQTT 5 answers "unacceptable protocol version" or just closes.
    if (error instanceof LamplighterError && error.code === 'PROTOCOL')
      return connectAs(4, await open(), carrier, options);
    throw error;
  }
}

async function connectAs(version: Version, stream: Duplex, carrier: string, options: EndOptions): Promise<MqttEnd> {
  const mqtt = await import('mqtt');
  const refused = refusedLater(stream);
  if (refused) throw refused;
  // Every answer that is waited for listens to it.
  setMaxListeners(0, options.signal);
  const client = new mqtt.MqttClient(() => stream, {
    protocolVersion: version,
    reconnectPeriod: 0,
    connectTimeout: options.timeoutSeconds * 1000,
    clientId: options.session ?? `lamplighter${randomBytes(6).toString('hex')}`,
    clean: options.session === undefined || options.forget === true,
    ...(options.session !== undefined && !options.forget && version === 5
      ? { properties: { sessionExpiryInterval: SESSION_SECONDS } }
      : {}),
    ...(options.will === undefined
      ? {}
      : { will: { ...options.will, payload: Buffer.from(options.will.payload), qos: 1, retain: false } }),
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
  });
  try {
    await within(options, 'an answer to CONNECT', connected(client, version));
  } catch (error) {
    client.end(true);
    throw refusedLater(stream) ?? error;
  }
  return new PackageEnd(client, `MQTT ${version === 5 ? '5' : '3.1.1'} ${carrier}`, options);
}

/** Resolves with the CONNACK. */
function connected(client: MqttClient, version: Version): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve());
    client.on('error', (error) => reject(connectError(error, version)));
    client.once('close', () => reject(closedEarly(version)));
  });
}

function connectError(error: Error & { code?: number | string }, version: Version): LamplighterError {
  if (typeof error.code === 'number' && NOT_AUTHORIZED.has(error.code))
    return new LamplighterError('AUTH', `the broker refused the client: not authorized (CONNACK ${error.code})`, {
      cause: error,
    });
  return version === 5
    ? new LamplighterError('PROTOCOL', `the broker did not accept MQTT 5: ${error.message}`, { cause: error })
    : new LamplighterError('CONNECT', `the broker did not accept the client: ${error.message}`, { cause: error });
}

function closedEarly(version: Version): LamplighterError {
  return new LamplighterError(
    version === 5 ? 'PROTOCOL' : 'CONNECT',
    'the connection was closed before the broker answered CONNECT',
  );
}

/** A client of the `mqtt` package, with promises that end when the connection does. */
class PackageEnd implements MqttEnd {
  readonly carrier: string;
  readonly #client: MqttClient;
  readonly #options: EndOptions;
  /** Rejects when the connection is gone. */
  readonly #lost: Promise<never>;

  constructor(client: MqttClient, carrier: string, options: EndOptions) {
    this.#client = client;
    this.carrier = carrier;
    this.#options = options;
    this.#lost = new Promise((_, reject) => {
      const lose = () => reject(new LamplighterError('CONNECTION_LOST', 'the broker closed the connection'));
      client.once('close', lose);
      client.once('disconnect', lose);
    });
    this.#lost.catch(() => undefined);
  }

  async subscribe(filters: string[], onMessage: (message: Message) => void): Promise<void> {
    this.#client.on('message', (topic, payload, packet) =>
      onMessage({ topic, payload: payload.toString(), at: performance.now(), retain: packet.retain === true }),
    );
    const { qos = 1 } = this.#options;
    const granted = await this.#answered('an answer to SUBSCRIBE', this.#client.subscribeAsync(filters, { qos }));
    const refused = granted.filter((grant) => grant.qos >= 128).map((grant) => grant.topic);
    if (refused.length > 0)
      throw new LamplighterError('AUTH', `the broker refused the subscription to ${refused.join(', ')}`);
  }

  async publish(topic: string, payload: string, retain = false): Promise<void> {
    const { qos = 1 } = this.#options;
    const sent = this.#client.publishAsync(topic, payload, { qos, retain });
    try {
      await this.#answered('the acknowledgement of PUBLISH', sent);
    } catch (error) {
      if (error instanceof LamplighterError) throw error;
      throw new LamplighterError('AUTH', `the broker refused the message to ${topic}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    const ended = this.#client.endAsync().catch(() => undefined);
    const timer = setTimeout(() => this.#client.end(true), 500);
    await Promise.race([ended, this.#lost.catch(() => undefined)]);
    clearTimeout(timer);
    this.#client.end(true);
  }

  drop(): void {
    this.#client.stream.destroy();
    this.#client.end(true);
  }

  #answered<T>(what: string, answer: Promise<T>): Promise<T> {
    return within(this.#options, what, Promise.race([answer, this.#lost]));
  }
}

/** Waits for an answer of the broker, no longer than the options allow. */
async function within<T>({ timeoutSeconds, signal }: EndOptions, what: string, answer: Promise<T>): Promise<T> {
  let stop = () => {};
  const limit = new Promise<never>((_, reject) => {
    const late = () =>
      reject(new LamplighterError('TIMEOUT', `the broker did not send ${what} within ${timeoutSeconds} s`));
    const interrupted = () => reject(new LamplighterError('INTERRUPTED', 'interrupted'));
    const timer = setTimeout(late, timeoutSeconds * 1000);
    signal.addEventListener('abort', interrupted, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupted);
    };
    if (signal.aborted) interrupted();
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    stop();
  }
}
