import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { LamplighterError } from '../errors.ts';
import type { ActionHost } from '../task.ts';
import { connectMqtt } from './client.ts';
import type { EndOptions, MqttEnd } from './end.ts';
import { type BrokerAddress, hostClients } from './host-clients.ts';
import { secured } from './tls.ts';

/**
 * A client of a broker as a host reaches it: our own through the host's SSH connection, so that neither an open port nor
 * a program on the host is needed; by the host's mosquitto_pub and mosquitto_sub where forwarding is forbidden.
 * @throws LamplighterError CONNECT, AUTH, TIMEOUT
 */
export async function openFromHost(host: ActionHost, broker: BrokerAddress, options: EndOptions): Promise<MqttEnd> {
  try {
    return await connectMqtt(
      () => opened(host.forward(broker.address, broker.port), broker, options),
      `through SSH to ${host.host}`,
      options,
    );
  } catch (error) {
    const plain = options.tls === undefined && options.will === undefined && options.session === undefined;
    if (isForwardingForbidden(error) && plain) return hostClients(host, broker, options);
    throw error;
  }
}

/** A client of a broker that the controller reaches by itself. @throws LamplighterError CONNECT, AUTH, TIMEOUT */
export function openFromController(broker: BrokerAddress, options: EndOptions): Promise<MqttEnd> {
  return connectMqtt(() => opened(tcp(broker), broker, options), 'from the controller', options);
}

/** Whether a TCP connection from the host to the address opens, and if not, why. */
export async function reach(host: ActionHost, broker: BrokerAddress, timeoutSeconds: number): Promise<Reach> {
  try {
    (await limited(host.forward(broker.address, broker.port), broker, timeoutSeconds)).destroy();
    return 'open';
  } catch (error) {
    if (!(error instanceof LamplighterError)) throw error;
    if (isForwardingForbidden(error)) return 'unknown';
    return error.code === 'TIMEOUT' || /timed? ?out/i.test(spoken(error)) ? 'silent' : 'refused';
  }
}

/** `silent`: no answer at all, as from a firewall that drops; `unknown`: the host's sshd forbids the test. */
export type Reach = 'open' | 'refused' | 'silent' | 'unknown';

async function tcp({ address, port }: BrokerAddress): Promise<Duplex> {
  const socket = connect({ host: address, port, noDelay: true });
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    throw new LamplighterError('CONNECT', `${address}:${port}: ${(error as Error).message}`, { cause: error });
  }
}

/** A stream to the broker, with TLS where that is asked for. */
async function opened(
  opening: Promise<Duplex>,
  broker: BrokerAddress,
  { timeoutSeconds, tls }: EndOptions,
): Promise<Duplex> {
  const stream = await limited(opening, broker, timeoutSeconds);
  return tls === undefined ? stream : limited(secured(stream, tls), broker, timeoutSeconds);
}

/** A stream that opens in time; one that opens later is closed again. */
async function limited(opening: Promise<Duplex>, broker: BrokerAddress, seconds: number): Promise<Duplex> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      opening.then(
        (stream) => stream.destroy(),
        () => undefined,
      );
      reject(new LamplighterError('TIMEOUT', `${broker.address}:${broker.port} did not answer within ${seconds} s`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([opening, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isForwardingForbidden(error: unknown): boolean {
  return (
    error instanceof LamplighterError &&
    error.code === 'CONNECT' &&
    /forbid|prohibit|not allowed|AllowTcpForwarding/i.test(spoken(error))
  );
}

function spoken(error: LamplighterError): string {
  return `${error.message} ${error.hint ?? ''}`;
}
