import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Io } from '../cli/io.ts';
import { LamplighterError } from '../errors.ts';
import { ShlexProblem, shlexSplit } from '../inventory/shlex.ts';
import { shredDirectory } from './shred.ts';

/**
 * Lets the person edit a text with $EDITOR and returns what it became. The clear text lies in a directory that only the
 * person may enter, which is shredded with all that the editor left in it, also when the program is told to end.
 * @throws LamplighterError USAGE when the editor cannot be started or says that it failed
 */
export async function editText(clear: Buffer, like: string, io: Io): Promise<Buffer> {
  const words = editorWords(io.env.EDITOR || 'vi');
  const directory = mkdtempSync(join(tmpdir(), 'lamplighter-vault-'));
  const file = join(directory, `vault${extname(like)}`);
  // Ctrl-C is the editor's; the end of this program must not leave the text behind.
  const ignore = (): void => {};
  const end = (): void => {
    shredDirectory(directory);
    io.exit(1);
  };
  io.on('SIGINT', ignore);
  io.on('SIGTERM', end);
  try {
    writeFileSync(file, clear, { mode: 0o600, flag: 'wx' });
    await runEditor([...words, file], io);
    return readFileSync(file);
  } finally {
    io.off('SIGINT', ignore);
    io.off('SIGTERM', end);
    shredDirectory(directory);
  }
}

function editorWords(editor: string): string[] {
  try {
    return shlexSplit(editor);
  } catch (error) {
    if (!(error instanceof ShlexProblem)) throw error;
    throw new LamplighterError('USAGE', `EDITOR is not a command: ${error.message}`, { cause: error });
  }
}

async function runEditor([program, ...args]: string[], io: Io): Promise<void> {
  const child = spawn(program!, args, { stdio: 'inherit', cwd: io.cwd(), env: io.env });
  const status = await new Promise<number | string>((resolve, reject) => {
    child.on('error', (error) =>
      reject(new LamplighterError('USAGE', `the editor "${program}" cannot be started: ${error.message}`)),
    );
    child.on('close', (code, signal) => resolve(code ?? signal ?? '?'));
  });
  if (status !== 0)
    throw new LamplighterError('USAGE', `the editor ended with status ${status}: nothing was saved`, {
      hint: 'EDITOR names the program; one that returns at once needs an option to wait (code --wait)',
    });
}
