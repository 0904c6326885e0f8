import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { LamplighterError } from '../errors.ts';
import type { RunOptions } from '../options.ts';
import type { Arguments } from './arguments.ts';
import { askPassword } from './ask.ts';
import type { Io } from './io.ts';

interface Asked {
  io: Io;
  config: Config;
}

/** The login and become passwords, asked for or read from a file, as `-k`, `-K` and their file options say. */
export async function passwords(args: Arguments, { io, config }: Asked): Promise<RunOptions['passwords']> {
  const found: RunOptions['passwords'] = {};
  if (args.connectionPasswordFile !== undefined) found.ssh = fromFile(args.connectionPasswordFile);
  else if (args.askPass || config.askPass === true)
    found.ssh = await askPassword(io, 'SSH password: ', 'Use --connection-password-file FILE.');
  if (args.becomePasswordFile !== undefined) found.become = fromFile(args.becomePasswordFile);
  else if (args.askBecomePass || config.becomeAskPass === true) {
    const text = `BECOME password${found.ssh === undefined ? '' : '[defaults to SSH password]'}: `;
    found.become = (await askPassword(io, text, 'Use --become-password-file FILE.')) || found.ssh || '';
  }
  return found;
}

function fromFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new LamplighterError('FILE_UNREADABLE', `cannot read the password file ${file}`, { cause: error });
  }
  const password = text.replace(/[\r\n]+$/, '');
  if (password === '') throw new LamplighterError('USAGE', `the password file ${file} is empty`);
  return password;
}
