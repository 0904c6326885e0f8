import { spawn } from 'node:child_process';
import type { Io } from '../cli/io.ts';

/** Ansible's own options for less. */
const LESS = 'FRSX';

/** Shows a text: by $PAGER or less at a terminal, otherwise as it is, with a line end. */
export async function showText(text: Buffer, io: Io): Promise<void> {
  if (io.stdout.isTTY === true && (await paged(text, io))) return;
  io.stdout.write(text);
  if (text.at(-1) !== 0x0a) io.stdout.write('\n');
}

async function paged(text: Buffer, io: Io): Promise<boolean> {
  const child = spawn('sh', ['-c', io.env.PAGER || 'less'], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS, ...io.env },
  });
  // A pager that is quit early has seen enough.
  child.stdin.on('error', () => {});
  child.stdin.end(text);
  // 126 and 127 are the shell's: there is no such program.
  return await new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code !== 126 && code !== 127));
  });
}
