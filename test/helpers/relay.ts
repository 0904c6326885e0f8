import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RelayOptions {
  port: number;
  host?: string;
  /** How long each chunk is held, each way. */
  delayMs?: number;
  /** A bad line: this share of the chunks comes `ms` later, and those behind wait for them. */
  late?: { share: number; ms: number };
  /** What the line carries each way. */
  kbitPerSecond?: number;
}

/** A TCP relay on loopback that makes distance and accidents. */
export interface Relay {
  readonly port: number;
  /** Connections accepted so far. */
  accepted: number;
  /** Bytes relayed: from the client up to the server, and down. */
  readonly bytes: { up: number; down: number };
  delayMs: number;
  /** Holds every byte, both ways, from now on; connections stay open. */
  freeze(): void;
  /** Lets held bytes go and relays again. */
  thaw(): void;
  /** Resets every open connection. */
  cut(): void;
  /** Hangs up on the next `count` connections as soon as they are accepted. */
  drop(count: number): void;
  stop(): Promise<void>;
}

/** Relays a free loopback port to `options.port`, chunk by chunk, in order. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const sockets = new Set<net.Socket>();
  let frozen = false;
  let drops = 0;
  let thaws: (() => void)[] = [];

  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    relay.accepted++;
    client.on('error', () => undefined);
    if (drops > 0) {
      drops--;
      client.end();
      client.destroy();
      return;
    }
    const upstream = net.connect({
      host: options.host ?? '127.0.0.1',
      port: options.port,
      noDelay: true,
      allowHalfOpen: true,
    });
    join(client, upstream, 'up');
    join(upstream, client, 'down');
  });

  function join(from: net.Socket, to: net.Socket, way: 'up' | 'down'): void {
    sockets.add(from);
    let due = 0;
    let before = Promise.resolve();
    const later = (act: () => void, size = 0) => {
      const go = () => {
        if (frozen) thaws.push(go);
        else act();
      };
      const { late, kbitPerSecond } = options;
      const pause = late && size > 0 && Math.random() < late.share ? late.ms : 0;
      const line = kbitPerSecond === undefined ? 0 : (size * 8) / kbitPerSecond;
      due = Math.max(due, performance.now() + relay.delayMs + pause) + line;
      const at = due;
      before = before.then(() => sleep(Math.max(0, at - performance.now()))).then(go);
    };
    from.on('data', (chunk) => {
      later(() => {
        relay.bytes[way] += chunk.length;
        if (!to.destroyed) to.write(chunk);
      }, chunk.length);
    });
    from.on('end', () => later(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', (hadError) => {
      sockets.delete(from);
      if (hadError) to.destroy();
    });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const relay: Relay = {
    port: (server.address() as net.AddressInfo).port,
    accepted: 0,
    bytes: { up: 0, down: 0 },
    delayMs: options.delayMs ?? 0,
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      const held = thaws;
      thaws = [];
      for (const go of held) go();
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    drop(count) {
      drops = count;
    },
    async stop() {
      thaws = [];
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return relay;
}
