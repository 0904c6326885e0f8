import { ask } from '../cli/ask.ts';
import type { Io } from '../cli/io.ts';
import { LamplighterError } from '../errors.ts';
import type { VaultSecret } from '../playbook/vault-passwords.ts';
import { encrypt } from './encrypt.ts';
import { STREAM } from './files.ts';

export interface StringOptions {
  name: string[];
  stdinName?: string;
  prompt?: boolean;
  showInput?: boolean;
}

interface Clear {
  text: Buffer;
  name: string | undefined;
  source: string;
}

const INDENT = ' '.repeat(10);

/** The values to encrypt: asked for, from stdin, from the command line, in Ansible's order. @throws LamplighterError USAGE */
export async function collectStrings(
  args: string[],
  options: StringOptions,
  terminal: Pick<Io, 'stdin' | 'stderr'>,
  readStdin: () => Promise<Buffer>,
): Promise<Clear[]> {
  const fromStdin = args.includes(STREAM) || options.stdinName !== undefined || (args.length === 0 && !options.prompt);
  if (options.prompt && fromStdin) throw new LamplighterError('USAGE', '--prompt does not go with reading from stdin');
  const strings: Clear[] = [];
  if (options.prompt) strings.push(await askForString(options, terminal));
  if (fromStdin) {
    const text = await readStdin();
    if (text.length === 0) throw new LamplighterError('USAGE', 'stdin was empty: nothing to encrypt');
    strings.push({ text, name: options.stdinName, source: 'stdin' });
  }
  const words = args.filter((word) => word !== STREAM);
  if (options.name.length > 0 && words.length > options.name.length)
    terminal.stderr.write(
      `The number of --name options do not match the number of args.\nThe last named variable will be "${options.name.at(-1)}". The rest will not have names.\n`,
    );
  for (const [index, word] of words.entries()) {
    if (word === '') throw new LamplighterError('USAGE', 'an empty string is not encrypted');
    strings.push({ text: Buffer.from(word), name: options.name[index], source: 'the command line args' });
  }
  return strings;
}

async function askForString(options: StringOptions, terminal: Pick<Io, 'stdin' | 'stderr'>): Promise<Clear> {
  const hidden = !options.showInput;
  const name = await ask(terminal, { text: 'Variable name (enter for no name): ', private: false });
  const text = await ask(terminal, {
    text: hidden ? 'String to encrypt (hidden): ' : 'String to encrypt: ',
    private: hidden,
  });
  if (text === undefined) throw new LamplighterError('USAGE', 'there is no terminal to ask for the string');
  if (text === '') throw new LamplighterError('USAGE', 'an empty string is not encrypted');
  return { text: Buffer.from(text), name: name || undefined, source: 'the interactive prompt' };
}

/** YAML to paste into a playbook, and comments to tell several values apart. */
export function encryptStrings(strings: Clear[], secret: VaultSecret): { yaml: string; comments: string } {
  const blocks = strings.map(({ text, name }) => {
    const lines = encrypt(text, secret).trimEnd().split('\n');
    return [`${name === undefined ? '' : `${name}: `}!vault |`, ...lines.map((line) => INDENT + line)].join('\n');
  });
  const comments = strings.map(({ name, source }, index) =>
    name === undefined
      ? `# The encrypted version of the string #${index + 1} from ${source}.\n`
      : `# The encrypted version of variable ("${name}", the string #${index + 1} from ${source}).\n`,
  );
  return { yaml: `${blocks.join('\n')}\n`, comments: strings.length > 1 ? comments.join('') : '' };
}
