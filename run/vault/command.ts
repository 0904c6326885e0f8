import { Command, CommanderError, Option } from 'commander';
import { complaint } from '../cli/describe.ts';
import type { Io } from '../cli/io.ts';
import { tellError } from '../cli/tell-error.ts';
import { CALLED_AS } from '../package.ts';
import { painter, wantsColour } from '../report/style.ts';
import { type FileOptions, VaultActions } from './actions.ts';
import type { StringOptions } from './encrypt-string.ts';
import type { PasswordOptions, RekeyOptions } from './secrets.ts';

const ALIASES: Record<string, string> = {
  '--vault-pass-file': '--vault-password-file',
  '--ask-vault-password': '--ask-vault-pass',
};

/**
 * Runs `vault …`, which has the actions and options of ansible-vault. `argv` is what follows the word vault; `terminal` is
 * where questions go when stdin brings data. Returns the exit code.
 */
export async function vaultCommand(
  argv: string[],
  io: Io,
  terminal: () => Io['stdin'] | undefined = () => undefined,
): Promise<number> {
  let verbosity = 0;
  try {
    const program = vaultProgram(new VaultActions(io, terminal), io);
    program.hook('preAction', (_, action) => {
      verbosity = action.opts<{ verbose: number }>().verbose;
    });
    await program.parseAsync(argv.map(withoutAlias), { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    const paint = painter(wantsColour({ env: io.env, isTTY: io.stderr.isTTY === true }));
    return tellError(error, { cwd: io.cwd(), paint, verbosity }, (text) => io.stderr.write(text));
  }
}

function withoutAlias(word: string): string {
  const [name = '', ...value] = word.split('=');
  return Object.hasOwn(ALIASES, name) ? [ALIASES[name], ...value].join('=') : word;
}

function vaultProgram(actions: VaultActions, io: Io): Command {
  const program = new Command(`${CALLED_AS} vault`)
    .description('Encrypts and decrypts files and values, as ansible-vault does.')
    .showHelpAfterError('(vault --help says more)')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: complaint,
    })
    .exitOverride();
  const action = (name: string, text: string): Command => withPasswords(program.command(name).description(text));
  const files = '[file...]';

  withEncryptId(withOutput(action('encrypt', 'encrypt files in their place, or stdin to stdout')))
    .argument(files)
    .action((names: string[], options: FileOptions) => actions.encrypt(names, options));
  withOutput(action('decrypt', 'decrypt files in their place, or stdin to stdout'))
    .argument(files)
    .action((names: string[], options: FileOptions) => actions.decrypt(names, options));
  action('view', 'show encrypted files')
    .argument('<file...>')
    .action((names: string[], options: PasswordOptions) => actions.view(names, options));
  withEncryptId(action('edit', 'edit encrypted files with $EDITOR'))
    .argument('<file...>')
    .action((names: string[], options: PasswordOptions) => actions.edit(names, options));
  withEncryptId(action('create', 'write a new encrypted file with $EDITOR'))
    .argument('<file>')
    .action((name: string, options: PasswordOptions) => actions.create(name, options));
  withEncryptId(action('rekey', 'encrypt files with another password'))
    .argument('<file...>')
    .option('--new-vault-id <id>', 'the new password and its identity: NAME@prompt, NAME@FILE or FILE')
    .addOption(
      new Option('--new-vault-password-file <file>', 'read the new password from a file or program').conflicts(
        'newVaultId',
      ),
    )
    .action((names: string[], options: RekeyOptions) => actions.rekey(names, options));
  withEncryptId(withOutput(action('encrypt_string', 'encrypt values as YAML to paste into a file of variables')))
    .argument('[string...]', 'values; - is stdin, as is none')
    .addOption(new Option('-n, --name <name>', 'the variable of the next value').argParser(append).default([]))
    .option('--stdin-name <name>', 'the variable of the value from stdin')
    .option('-p, --prompt', 'ask for the value')
    .option('--show-input', 'show what is typed for --prompt')
    .action((words: string[], options: FileOptions & StringOptions) => actions.encryptString(words, options));

  // A subcommand does not inherit what its parent was told after it was made.
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function withPasswords(command: Command): Command {
  const repeated = (flags: string, text: string) => new Option(flags, text).argParser(append).default([]);
  return command
    .addOption(repeated('--vault-id <id>', 'NAME@prompt, NAME@FILE or FILE: a vault password and its identity'))
    .addOption(repeated('--vault-password-file <file>', 'read a vault password from a file or program'))
    .option('-J, --ask-vault-pass', 'ask for the vault password')
    .option('-v, --verbose', 'more: which ansible.cfg, which ids', (_, n: number) => n + 1, 0);
}

function withEncryptId(command: Command): Command {
  return command.option('--encrypt-vault-id <id>', 'the identity to encrypt with, where several are given');
}

function withOutput(command: Command): Command {
  return command.option('--output <file>', 'write there instead; - is stdout');
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}
