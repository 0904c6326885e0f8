import { Argument, type Command } from 'commander';
import { newCommand, parse } from '../cli/describe.ts';
import type { Io } from '../cli/io.ts';
import { tellError } from '../cli/tell-error.ts';
import { LamplighterError, nearest } from '../errors.ts';
import { CALLED_AS } from '../package.ts';
import { Modules } from '../plan/modules.ts';
import { adviceFor } from '../playbook/foreign-advice.ts';
import { painter, wantsColour } from '../report/style.ts';
import { editorSchema, SCHEMA_KINDS, type SchemaKind } from './editor-schema.ts';
import { moduleList, modulePage } from './text.ts';

/** Runs `doc [MODULE…]`: the modules, or the pages of some. Returns the exit code. */
export async function docCommand(argv: string[], io: Io): Promise<number> {
  const program = command('doc', 'Shows what modules take, return and do in check mode.', io).argument(
    '[module...]',
    'short or full names (default: the list of all)',
  );
  return carriedOut(program, argv, io, () => doc(program.args, io));
}

async function doc(names: readonly string[], io: Io): Promise<string> {
  const modules = new Modules();
  const look = { paint: painter(coloured(io, io.stdout)), columns: (io.stdout.isTTY && io.stdout.columns) || 80 };
  if (names.length === 0) {
    const all = modules.shortNames().map(async (name) => ({ name, definition: (await modules.find(name))! }));
    return moduleList(await Promise.all(all), look);
  }
  const pages: string[] = [];
  for (const name of names) {
    const definition = await modules.find(name);
    if (!definition) throw unknown(name, modules);
    pages.push(modulePage(definition.name.slice(definition.name.lastIndexOf('.') + 1), definition, look));
  }
  return pages.join('\n\n');
}

function unknown(name: string, modules: Modules): LamplighterError {
  if (modules.foreign(name))
    return new LamplighterError('UNSUPPORTED_MODULE', `"${name}" is Ansible's and Lamplighter does not have it`, {
      hint: adviceFor(name),
    });
  const near = nearest(name, modules.names());
  return new LamplighterError('UNKNOWN_MODULE', `there is no module "${name}"`, {
    hint: near === undefined ? `${CALLED_AS} doc lists all modules` : `did you mean "${near}"?`,
  });
}

/** Runs `schema [KIND]`: prints a JSON schema for a YAML language server. Returns the exit code. */
export async function schemaCommand(argv: string[], io: Io): Promise<number> {
  const program = command('schema', 'Prints the JSON schema by which an editor completes and checks YAML.', io)
    .addArgument(new Argument('[kind]', 'of which files').choices(SCHEMA_KINDS).default('playbook'))
    .addHelpText(
      'after',
      `
Examples:
  ${CALLED_AS} schema > playbook.schema.json
  ${CALLED_AS} schema tasks > tasks.schema.json

In a playbook, for every editor with a YAML language server:
  # yaml-language-server: $schema=playbook.schema.json`,
    );
  return carriedOut(program, argv, io, async () => {
    const schema = await editorSchema(program.processedArgs[0] as SchemaKind, new Modules());
    return `${JSON.stringify(schema, null, 2)}\n`;
  });
}

function command(name: string, text: string, io: Io): Command {
  const writers = { out: (words: string) => io.stdout.write(words), err: (words: string) => io.stderr.write(words) };
  return newCommand(`${CALLED_AS} ${name}`, writers).description(text);
}

async function carriedOut(program: Command, argv: string[], io: Io, work: () => Promise<string>): Promise<number> {
  const ended = parse(program, argv);
  if (ended) return ended.exitCode;
  try {
    io.stdout.write(await work());
    return 0;
  } catch (error) {
    const paint = painter(coloured(io, io.stderr));
    return tellError(error, { cwd: io.cwd(), paint, verbosity: 0 }, (text) => io.stderr.write(text));
  }
}

function coloured(io: Io, { isTTY }: { isTTY?: boolean }): boolean {
  return wantsColour({ env: io.env, isTTY: isTTY === true });
}
