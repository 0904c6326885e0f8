import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { LamplighterError } from '../errors.ts';
import type { TaskContext } from '../task.ts';

/** How a client makes sure of the broker, and the broker of it; PEM texts. */
export interface TlsOptions {
  /** Undefined: the authorities that the controller's system trusts. */
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** In place of certificates: a name, and a key in hexadecimal digits. */
  psk?: PreSharedKey | undefined;
  /** Take any certificate. */
  insecure: boolean;
  /** The name or address that the broker's certificate has to be for. */
  name: string;
}

export interface PreSharedKey {
  identity: string;
  key: string;
}

/** Files of the controller, as a task names them. */
export interface TlsFiles {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  insecure: boolean;
  tls: boolean;
}

/** The common name of a certificate (PEM): the user name where a listener has use_identity_as_username. */
export function commonName(cert: string | undefined): string | undefined {
  if (cert === undefined) return undefined;
  return /^CN=(.*)$/m.exec(new X509Certificate(cert).subject)?.[1];
}

/** Why a secured stream broke. */
const broken = new WeakMap<Duplex, Error>();

/**
 * Reads a task's files; undefined when the task asks for no TLS.
 * @throws LamplighterError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function tlsOptions(files: TlsFiles, name: string, context: TaskContext): Promise<TlsOptions | undefined> {
  const { ca, cert, key, insecure } = files;
  if (!files.tls && (ca ?? cert) === undefined && !insecure) return undefined;
  const read = async (file: string | undefined) =>
    file === undefined ? undefined : (await context.readFile(context.findFile('files', file))).toString('utf8');
  return { ca: await read(ca), cert: await read(cert), key: await read(key), insecure, name };
}

/** TLS over a stream that is open. @throws LamplighterError AUTH when one end does not accept the other's certificate */
export async function secured(stream: Duplex, { ca, cert, key, psk, insecure, name }: TlsOptions): Promise<Duplex> {
  const socket = connect({
    socket: stream,
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !insecure,
    ...(psk === undefined ? {} : sharing(psk)),
  });
  // With TLS 1.3 the broker judges the client's certificate after the client has finished: see `refusedLater`.
  socket.on('error', (error) => {
    broken.set(socket, error);
    socket.destroy();
  });
  try {
    await once(socket, 'secureConnect');
    return socket;
  } catch (error) {
    stream.destroy();
    throw refusal(error as Error);
  }
}

/** Node knows pre-shared keys up to TLS 1.2. There is no certificate: who has the key is the broker. */
function sharing({ identity, key }: PreSharedKey) {
  return {
    pskCallback: () => ({ identity, psk: Buffer.from(key, 'hex') }),
    checkServerIdentity: () => undefined,
    ciphers: 'PSK',
    maxVersion: 'TLSv1.2' as const,
  };
}

/** Why a stream broke, when it was TLS that did. */
export function refusedLater(stream: Duplex): LamplighterError | undefined {
  const error = broken.get(stream);
  if (error === undefined) return undefined;
  // What the client had sent meanwhile can make the broker's host drop the alert that says why.
  const isReset = /ECONNRESET|EPIPE/.test((error as NodeJS.ErrnoException).code ?? '');
  return refusal(error, isReset ? ', right after the handshake, as where there is a certificate required' : '');
}

function refusal(cause: Error, more = ''): LamplighterError {
  return new LamplighterError('AUTH', `TLS with the broker failed: ${cause.message}${more}`, {
    cause,
    hint: 'see ca (who signed the certificate of the broker), cert and key (this client), and the name it is for',
  });
}
