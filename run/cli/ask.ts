import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { LamplighterError } from '../errors.ts';
import type { Question } from '../options.ts';
import type { Io } from './io.ts';

/**
 * Asks the person at the terminal; what is typed is not shown when the question is private.
 * Returns undefined where there is no terminal. @throws LamplighterError INTERRUPTED at Ctrl-C
 */
export async function ask(io: Pick<Io, 'stdin' | 'stderr'>, question: Question): Promise<string | undefined> {
  if (io.stdin.isTTY !== true) return undefined;
  io.stderr.write(question.text);
  // Readline echoes to its output; a private answer goes nowhere.
  const output = question.private ? new Writable({ write: (_chunk, _encoding, done) => done() }) : io.stderr;
  const lines = createInterface({ input: io.stdin, output, terminal: true, prompt: '' });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new LamplighterError('INTERRUPTED', 'interrupted at a question')));
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    if (question.private) io.stderr.write('\n');
  }
}

/** A password, which there must be somebody to ask for. @throws LamplighterError USAGE */
export async function askPassword(io: Pick<Io, 'stdin' | 'stderr'>, text: string, instead: string): Promise<string> {
  const password = await ask(io, { text, private: true });
  if (password !== undefined) return password;
  throw new LamplighterError('USAGE', `there is no terminal to ask for "${text.replace(/:?\s*$/, '')}"`, {
    hint: instead,
  });
}
