import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { LamplighterError } from '../../run/errors.ts';
import type { Sh } from '../../run/shell/script.ts';
import type { ActionHost, ByteChannel, StepReply } from '../../run/task.ts';

export interface LocalHostOptions {
  /** The host's sshd does not forward. */
  forwardingForbidden?: boolean;
  /** Replaces the connection to an address of the host. */
  forward?: (address: string, port: number) => ReturnType<ActionHost['forward']>;
  others?: Record<string, ActionHost>;
  variables?: Record<string, unknown>;
}

/** This machine as an action sees a host: steps by `sh`, forwarded connections by plain ones. */
export function localHost(name: string, options: LocalHostOptions = {}): ActionHost {
  const progress: string[] = [];
  const unused = (what: string) => () => {
    throw new Error(`${what} is not part of this host`);
  };
  return {
    host: name,
    check: false,
    diff: false,
    become: false,
    user: 'root',
    signal: new AbortController().signal,
    variable: (variable) => options.variables?.[variable],
    progress: (message) => void progress.push(message),
    secret: () => undefined,
    evaluate: unused('evaluate'),
    run: (body) => run(body),
    exec: (command) => exec(command),
    forward: async (address, port) => {
      if (options.forwardingForbidden)
        throw new LamplighterError('CONNECT', `${name}: administratively prohibited`, {
          hint: 'sshd forbids TCP forwarding (AllowTcpForwarding).',
        });
      return options.forward === undefined ? tcp(address, port) : options.forward(address, port);
    },
    other: (other) => {
      const host = options.others?.[other];
      if (host === undefined) throw new LamplighterError('HOST_PATTERN', `no host ${other}`);
      return host;
    },
    job: unused('job'),
    disconnect: unused('disconnect'),
    reconnect: unused('reconnect'),
    address: unused('address'),
    moveTo: unused('moveTo'),
    upload: unused('upload'),
    download: unused('download'),
    findFile: (_kind, file) => file,
    readFile: (file) => readFile(file),
    renderTemplate: unused('renderTemplate'),
  };
}

async function tcp(address: string, port: number) {
  const socket = connect({ host: address, port, noDelay: true });
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    throw new LamplighterError('CONNECT', `${address}:${port}: ${(error as Error).message}`, { hint: 'Refused.' });
  }
}

async function exec(command: Sh): Promise<ByteChannel> {
  const child = spawn('sh', ['-c', command.text]);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    done: once(child, 'close').then(([code]) => code ?? 255),
    close: () => void child.kill(),
  };
}

async function run(body: Sh): Promise<StepReply> {
  const child = spawn('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin\nbody() {\n${body.text}\n}\nbody`]);
  child.stdin.end();
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const [rc] = await once(child, 'close');
  return { status: rc === 0 ? 'ok' : 'failed', rc, fields: {}, diffs: [], warnings: [], stdout, stderr, seconds: 0 };
}
