import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { LamplighterError } from '../errors.ts';

/** A lock that the kernel drops when its holder dies, however it dies. */
export interface Lock {
  release(): Promise<void>;
}

/** Locks one directory for the holder of the pipe on its standard input, and prints the inode that it locked. */
const HOLD = 'exec 9<"$1" || exit 1; flock -n 9 || { echo waiting; flock 9; }; stat -Lc %i /proc/self/fd/9; exec cat';

/**
 * Takes the lock of a directory (made if missing), waiting for whoever has it; `onWait` is called once before a wait.
 * The directory itself is locked, so that no lock file is left behind.
 */
export async function lockDirectory(dir: string, onWait?: () => void, signal?: AbortSignal): Promise<Lock> {
  for (;;) {
    await mkdir(dir, { recursive: true });
    const holder = spawn('/bin/sh', ['-c', HOLD, 'lock', dir], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
    const ended = once(holder, 'close');
    const release = async () => {
      holder.stdin.end();
      await ended;
    };
    const stop = () => killGroupOf(holder);
    signal?.addEventListener('abort', stop, { once: true });
    const inode = await lockedInode(holder.stdout, onWait);
    signal?.removeEventListener('abort', stop);
    if (signal?.aborted) throw new LamplighterError('INTERRUPTED', 'interrupted while waiting for another lab command');
    // Whoever had the lock may have removed the directory: then this lock is on nothing.
    const now = await stat(dir).catch(() => undefined);
    if (inode !== undefined && now !== undefined && String(now.ino) === inode) return { release };
    await release();
  }
}

async function lockedInode(stdout: Readable, onWait?: () => void): Promise<string | undefined> {
  let text = '';
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    const waited = text.includes('waiting');
    text += String(chunk);
    if (!waited && text.includes('waiting')) onWait?.();
    const inode = /^(\d+)\n/m.exec(text);
    if (inode) return inode[1];
  }
  return undefined;
}

/** Kills the shell and its child that waits for the lock. */
function killGroupOf(holder: ChildProcess): void {
  try {
    if (holder.pid !== undefined) process.kill(-holder.pid, 'SIGKILL');
  } catch {
    // Both have ended by themselves.
  }
}
