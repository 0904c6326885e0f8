import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError, Option } from 'commander';
import { complaint, repeated } from '../cli/describe.ts';
import { readExtraVars } from '../cli/extra-vars.ts';
import type { Io } from '../cli/io.ts';
import { tellError } from '../cli/tell-error.ts';
import { readConfig } from '../config.ts';
import { CALLED_AS } from '../package.ts';
import { VaultSecrets } from '../playbook/vault.ts';
import { painter, wantsColour } from '../report/style.ts';
import { applyFixes } from './fixes.ts';
import { jsonOf, sarifOf, textOf } from './formats.ts';
import { type LintOptions, lint } from './repository.ts';

const FORMATS = { text: textOf, json: jsonOf, sarif: sarifOf };

interface Options {
  format: keyof typeof FORMATS;
  fix?: boolean;
  inventory: string[];
  extraVars: string[];
  vaultId: string[];
  vaultPasswordFile: string[];
}

/**
 * How much code runs before V8 compiles a function anew, in bytes. By itself V8 begins ten times sooner and spends a third of a
 * lint on code that is not needed again.
 */
const INTERRUPT_BUDGET = 1_000_000;

/** Runs `lint …`. Returns 0, 2 when there are mistakes (warnings alone are none), 1 for what could not be done. */
export async function lintCommand(argv: string[], io: Io): Promise<number> {
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
  const program = lintProgram(io);
  const cwd = io.cwd();
  const paint = painter(wantsColour({ env: io.env, isTTY: io.stdout.isTTY === true }));
  try {
    program.parse(argv, { from: 'user' });
    const options = program.opts<Options>();
    const paths = program.args.length > 0 ? program.args : ['.'];
    const wanted = await lintOptions(paths, options, io);
    let problems = await lint(wanted);
    if (options.fix) {
      let made = 0;
      // A mended line may show what the mistake in it hid; a fix that mends nothing must not go on for ever.
      for (let round = 0; round < 10; round++) {
        const now = applyFixes(problems);
        if (now === 0) break;
        made += now;
        problems = await lint(wanted);
      }
      io.stderr.write(`${made} fixed\n`);
    }
    io.stdout.write(FORMATS[options.format](problems, { cwd, paint }));
    return problems.some(({ severity }) => severity === 'error') ? 2 : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    return tellError(error, { cwd, paint, verbosity: 0 }, (text) => io.stderr.write(text));
  }
}

async function lintOptions(paths: string[], options: Options, io: Io): Promise<LintOptions> {
  const cwd = io.cwd();
  const config = readConfig({ cwd, env: io.env });
  for (const warning of config.warnings) io.stderr.write(`[WARNING]: ${warning}\n`);
  const words = [
    ...(config.vaultIdentityList ?? []),
    ...options.vaultId,
    ...options.vaultPasswordFile.map((file) => `default@${file}`),
    ...(config.vaultPasswordFile === undefined ? [] : [`default@${config.vaultPasswordFile}`]),
  ];
  const inventory = options.inventory.length > 0 ? options.inventory : (config.inventory ?? ['inventory.yaml']);
  const vault = await VaultSecrets.open(words);
  const extra = options.extraVars.map((text) => readExtraVars(text, vault));
  return {
    paths: paths.map((path) => resolve(cwd, path)),
    inventory: inventory
      .map((source) => (source.includes(',') ? source : resolve(cwd, source)))
      .filter((source) => options.inventory.length > 0 || existsSync(source)),
    extra: Object.assign({}, ...extra.map((each) => ('values' in each ? each.values : {}))) as Record<string, unknown>,
    extraFiles: extra.flatMap((each) => ('file' in each ? [resolve(cwd, each.file)] : [])),
    rolesPath: config.rolesPath ?? [],
    collectionsPath: config.collectionsPath ?? [],
    vault,
  };
}

function lintProgram(io: Io): Command {
  return new Command(`${CALLED_AS} lint`)
    .description('Finds all mistakes in playbooks, roles, variables and templates, without touching a host.')
    .argument('[path...]', 'files and directories (default: all below this one)')
    .addOption(new Option('--format <format>', 'how to print').choices(Object.keys(FORMATS)).default('text'))
    .option('--fix', 'mend what can be mended with certainty, and print the rest')
    .addOption(repeated('-i, --inventory <source>', 'where variables come from as well (default: inventory.yaml)'))
    .addOption(repeated('-e, --extra-vars <vars>', 'variables that will be given on the command line'))
    .addOption(repeated('--vault-id <id>', 'NAME@FILE or FILE: a vault password and its identity'))
    .addOption(repeated('--vault-password-file <file>', 'read a vault password from a file or program'))
    .addHelpText(
      'after',
      '\nExit codes:\n  0 nothing, or only warnings · 2 mistakes · 1 the lint itself could not be done',
    )
    .showHelpAfterError('(lint --help says more)')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: complaint,
    })
    .exitOverride();
}
