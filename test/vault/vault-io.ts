import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { vaultCommand } from '../../run/vault/command.ts';
import { fakeIo } from '../cli/fake-io.ts';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export interface Given {
  cwd: string;
  stdin?: string | Buffer;
  env?: NodeJS.ProcessEnv;
  /** What a person types, one answer a question; questions then go to a terminal of their own. */
  answers?: string[];
}

/** Runs `vault …` in a directory. */
export async function vault(argv: string[], given: Given): Promise<Ran> {
  const { io, stdin, stdout, stderr } = fakeIo({ cwd: given.cwd, env: { PATH: process.env.PATH, ...given.env } });
  stdin.end(given.stdin ?? '');
  const out = collect(stdout);
  const err = collect(stderr);
  const code = await vaultCommand(argv, io, () => (given.answers ? typist([...given.answers], stderr) : undefined));
  return { code, out: out.text(), err: err.text() };
}

/** A terminal at which each question is answered once it is there. */
function typist(answers: string[], questions: PassThrough): PassThrough & { isTTY: boolean } {
  const keys = Object.assign(new PassThrough(), { isTTY: true });
  questions.on('data', (chunk: Buffer) => {
    if (/: ?$/.test(String(chunk))) setTimeout(() => keys.write(`${answers.shift() ?? ''}\n`), 5);
  });
  return keys;
}

function collect(stream: PassThrough): { text(): string } {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  void once(stream, 'close').catch(() => {});
  return { text: () => Buffer.concat(chunks).toString() };
}
