import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Real Mosquitto brokers on loopback, each with a directory of its own; all are ended by `stop`. */
export class Brokers {
  readonly #dir = mkdtempSync(join(tmpdir(), 'brokers-'));
  readonly #running = new Map<string, ChildProcess>();

  /** Starts (or restarts) a broker with these lines of configuration; its log and pid file are added. */
  async start(name: string, port: number, lines: string[]): Promise<Broker> {
    const broker = this.paths(name, port);
    this.configure(broker, lines);
    await this.launch(broker);
    return broker;
  }

  paths(name: string, port: number): Broker {
    const path = (suffix: string) => join(this.#dir, `${name}.${suffix}`);
    return { name, port, config: path('conf'), log: path('log'), pidFile: path('pid') };
  }

  /** Writes the configuration and leaves the process alone. */
  configure(broker: Broker, lines: string[]): void {
    const own = [`pid_file ${broker.pidFile}`, `log_dest file ${broker.log}`, 'user root'];
    writeFileSync(broker.config, `${[...own, ...lines].join('\n')}\n`);
  }

  file(name: string, text: string): string {
    const path = join(this.#dir, name);
    writeFileSync(path, text);
    return path;
  }

  async launch(broker: Broker): Promise<void> {
    await this.end(broker.name);
    rmSync(broker.log, { force: true });
    const child = spawn('mosquitto', ['-c', broker.config], { stdio: 'ignore' });
    this.#running.set(broker.name, child);
    await listening(broker.port);
  }

  async end(name: string): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    for (const name of [...this.#running.keys()]) await this.end(name);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

export interface Broker {
  name: string;
  port: number;
  config: string;
  log: string;
  pidFile: string;
}

export const HAS_MOSQUITTO = (() => {
  try {
    execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin; command -v mosquitto && command -v mosquitto_pub']);
    return true;
  } catch {
    return false;
  }
})();

export function logOf(broker: Broker): string {
  return readFileSync(broker.log, 'utf8');
}

/** Ports that nothing listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const { port } = server.address() as { port: number };
      server.close();
      await once(server, 'close');
      return port;
    }),
  );
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nothing listens on ${port}`);
}
