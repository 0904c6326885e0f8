import type { ClientChannel } from 'ssh2';
import type { ByteChannel } from '../task.ts';
import { exitOfSignal } from './exit.ts';
import { tailOf } from './tail.ts';

const LOST = 255;

/**
 * An ssh2 channel as a ByteChannel. `done` follows ssh(1): it resolves when the server has closed the channel, not at the
 * exit of the command, and does not wait for anybody to read. `onLost` registers what to call when the connection goes.
 */
export function byteChannel(channel: ClientChannel, onDone: () => void): ByteChannel & { lose(): void } {
  let exit = LOST;
  let finish: (code: number) => void = () => undefined;
  const done = new Promise<number>((resolve) => {
    finish = (code) => {
      onDone();
      resolve(code);
    };
  });
  channel.on('error', () => undefined); // a write after the end: `done` tells
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = code ?? exitOfSignal(signal);
  });
  // Only stderr, which is always drained here, tells of the channel's close whether or not stdout is being read.
  const stderr = channel.stderr;
  const tail = tailOf(stderr);
  stderr.on('close', () => {
    if (channel.readableFlowing && !channel.readableEnded) channel.once('end', () => finish(exit));
    else finish(exit);
  });
  return {
    stdin: channel,
    stdout: channel,
    stderr: tail,
    done,
    close() {
      channel.close();
      tail.finish();
      finish(exit);
    },
    lose() {
      tail.finish();
      finish(LOST);
    },
  };
}
