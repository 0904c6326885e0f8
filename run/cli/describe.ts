import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

/*
 * Groups of options that the commands for hosts share, under ansible-playbook's names.
 */

export interface Writers {
  out(text: string): void;
  err(text: string): void;
}

/** What the parser says instead of arguments: it has printed help or a complaint, and the process ends with this code. */
export interface Ended {
  exitCode: number;
}

/** Second names that Ansible gives to options. */
const ALIASES: Record<string, string> = {
  '--inventory-file': '--inventory',
  '--key-file': '--private-key',
  '--conn-pass-file': '--connection-password-file',
  '--become-pass-file': '--become-password-file',
  '--vault-pass-file': '--vault-password-file',
  '--ask-vault-password': '--ask-vault-pass',
};

export function newCommand(name: string, writers: Writers): Command {
  return new Command(name)
    .configureOutput({ writeOut: writers.out, writeErr: writers.err, outputError: complaint })
    .showHelpAfterError('(--help lists every option)')
    .configureHelp({ optionDescription: ({ description }) => description })
    .exitOverride()
    .helpOption('-h, --help', 'show this help');
}

/** What is wrong with the words of a command, said as every other mistake is. */
export function complaint(text: string, write: (text: string) => void): void {
  const [, first, rest] = /^error: (.)(.*)$/s.exec(text) ?? [];
  write(first === undefined ? text : `ERROR! ${first.toLowerCase()}${rest}`);
}

/** Reads words into a command; when an exit code comes back it has said what it has to say. */
export function parse(program: Command, argv: string[]): Ended | undefined {
  try {
    program.parse(argv.map(withoutAlias), { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode };
    throw error;
  }
}

export function flag(flags: string, text: string): Option {
  return new Option(flags, text).default(false);
}

export function repeated(flags: string, text: string): Option {
  return new Option(flags, text).argParser(append).default([]);
}

export function addWhere(program: Command): Command {
  return program
    .optionsGroup('Where')
    .addOption(
      repeated('-i, --inventory <source>', 'file, directory, or list of hosts with a comma (default: inventory.yaml)'),
    )
    .option('-l, --limit <pattern>', 'only hosts that match as well; @FILE reads them from a file');
}

export function addHow(program: Command): Command {
  return program
    .optionsGroup('How')
    .addOption(flag('-C, --check', 'change nothing; say what would change'))
    .addOption(flag('-D, --diff', 'show the differences'))
    .addOption(flag('--exit-drift', 'with --check: exit 3 when anything would change'))
    .option('-f, --forks <number>', 'connections open at a time (default: 100)', positiveInteger);
}

export function addReaching(program: Command): Command {
  return program
    .optionsGroup('Connection')
    .option('-u, --user <name>', 'log in as this user')
    .option('--private-key <file>', 'log in with this key')
    .addOption(flag('-k, --ask-pass', 'ask for the login password').conflicts('connectionPasswordFile'))
    .option('--connection-password-file <file>', 'read the login password from a file')
    .option('-c, --connection <type>', 'ssh, openssh or local')
    .option('-T, --timeout <seconds>', 'how long connecting may take (default: 10)', positiveInteger)
    .option('--ssh-common-args <words>', 'more arguments for ssh')
    .option('--ssh-extra-args <words>', 'more arguments for ssh');
}

/** Becoming another user (its group is the one that stands), vault and output. */
export function addTheRest(program: Command): Command {
  return program
    .option('--become-user <name>', 'become this user (default: root)')
    .option('--become-method <method>', 'sudo, su, … (default: sudo)')
    .addOption(flag('-K, --ask-become-pass', 'ask for the password of become').conflicts('becomePasswordFile'))
    .option('--become-password-file <file>', 'read the password of become from a file')
    .optionsGroup('Vault')
    .addOption(repeated('--vault-id <id>', 'NAME@prompt, NAME@FILE or FILE: a vault password and its identity'))
    .addOption(repeated('--vault-password-file <file>', 'read a vault password from a file or program'))
    .addOption(flag('-J, --ask-vault-pass', 'ask for the vault password'))
    .optionsGroup('Output')
    .option(
      '-v, --verbose',
      'more: -v results, -vv places, -vvv connections, -vvvv everything',
      (_, n: number) => n + 1,
      0,
    )
    .addOption(flag('--json', 'one JSON object a line on stdout'))
    .option('--junit <file>', 'write the results as JUnit XML, too, for CI systems')
    .option('--html <file>', 'write the results as a page, too')
    .option('--no-color', 'plain text (as does the variable NO_COLOR)');
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}

function positiveInteger(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) < 1) throw new InvalidArgumentError('expected a number of at least 1.');
  return Number(value);
}

function withoutAlias(word: string): string {
  const [name = '', ...value] = word.split('=');
  return Object.hasOwn(ALIASES, name) ? [ALIASES[name], ...value].join('=') : word;
}
