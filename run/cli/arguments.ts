import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { CALLED_AS } from '../package.ts';

/** The command line, checked but not yet acted on: no file read, nobody asked. */
export interface Arguments {
  playbooks: string[];
  inventory: string[];
  limit?: string;
  check: boolean;
  diff: boolean;
  tags: string[];
  skipTags: string[];
  extraVars: string[];
  forks?: number;
  verbosity: number;
  listHosts: boolean;
  listTasks: boolean;
  listTags: boolean;
  syntaxCheck: boolean;
  startAtTask?: string;
  user?: string;
  privateKey?: string;
  become: boolean;
  becomeUser?: string;
  becomeMethod?: string;
  askBecomePass: boolean;
  becomePasswordFile?: string;
  askPass: boolean;
  connectionPasswordFile?: string;
  timeout?: number;
  connection?: string;
  vaultIds: string[];
  vaultPasswordFiles: string[];
  askVaultPass: boolean;
  forceHandlers: boolean;
  sshCommonArgs?: string;
  sshExtraArgs?: string;
  json: boolean;
  exitDrift: boolean;
  /** False after `--no-color`. */
  color: boolean;
}

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

const EXAMPLES = `
Also:
  lab …                         real Debian hosts on this machine, to try things on (lab --help)
  demo                          set a lab up and prove it: the first thing to run
  lint …                        find all mistakes in playbooks and roles, and mend some (lint --help)
  vault …                       encrypt and decrypt files and values, as ansible-vault (vault --help)

Examples:
  ${CALLED_AS} playbooks/site.yaml
  ${CALLED_AS} playbooks/site.yaml --check --diff
  ${CALLED_AS} -i inventory.yaml playbooks/site.yaml --limit 'lamps:!lamp03' -v

Exit codes:
  0 done · 1 a mistake found before or outside the hosts · 2 a host failed · 4 a host was unreachable ·
  3 something would change (with --check --exit-drift) · 99 interrupted · 250 a defect of Lamplighter`;

/** Reads the arguments of a run; options, repeats and short forms mean what they mean to `ansible-playbook`. */
export function parseArguments(argv: string[], writers: Writers): Arguments | Ended {
  const program = describe(writers);
  try {
    program.parse(argv.map(withoutAlias), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode };
    throw error;
  }
  const { verbose, vaultId, vaultPasswordFile, ...options } = program.opts<
    Omit<Arguments, 'playbooks' | 'verbosity' | 'vaultIds' | 'vaultPasswordFiles'> & {
      verbose: number;
      vaultId: string[];
      vaultPasswordFile: string[];
    }
  >();
  return {
    ...options,
    playbooks: program.args,
    verbosity: verbose,
    vaultIds: vaultId,
    vaultPasswordFiles: vaultPasswordFile,
  };
}

function describe(writers: Writers): Command {
  const flag = (flags: string, text: string) => new Option(flags, text).default(false);
  const repeated = (flags: string, text: string) => new Option(flags, text).argParser(append).default([]);
  return new Command(CALLED_AS)
    .description(
      'Runs playbooks: sets hosts up over SSH as they describe. Hosts need sshd and a POSIX sh, nothing else.',
    )
    .argument('<playbook...>', 'playbooks, run one after the other')
    .configureOutput({ writeOut: writers.out, writeErr: writers.err })
    .showHelpAfterError('(--help lists every option)')
    .configureHelp({ optionDescription: ({ description }) => description })
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .optionsGroup('Where')
    .addOption(
      repeated('-i, --inventory <source>', 'file, directory, or list of hosts with a comma (default: inventory.yaml)'),
    )
    .option('-l, --limit <pattern>', 'only hosts that match as well; @FILE reads them from a file')
    .optionsGroup('What')
    .addOption(repeated('-t, --tags <tags>', 'only what is tagged so').argParser(appendWords))
    .addOption(repeated('--skip-tags <tags>', 'all but what is tagged so').argParser(appendWords))
    .option('--start-at-task <name>', 'begin at this task')
    .addOption(repeated('-e, --extra-vars <vars>', 'variables above all others: k=v words, YAML or JSON, or @FILE'))
    .addOption(flag('--force-handlers', 'run notified handlers even after a failure'))
    .optionsGroup('How')
    .addOption(flag('-C, --check', 'change nothing; say what would change'))
    .addOption(flag('-D, --diff', 'show the differences'))
    .addOption(flag('--exit-drift', 'with --check: exit 3 when anything would change'))
    .option('-f, --forks <number>', 'connections open at a time (default: 100)', positiveInteger)
    .addOption(flag('--flush-cache', 'accepted for scripts written for Ansible: facts are never kept between runs'))
    .optionsGroup('Instead of running')
    .addOption(flag('--list-hosts', 'print the hosts of each play'))
    .addOption(flag('--list-tasks', 'print the tasks of each play'))
    .addOption(flag('--list-tags', 'print the tags of each play'))
    .addOption(flag('--syntax-check', 'only read and check the playbooks'))
    .optionsGroup('Connection')
    .option('-u, --user <name>', 'log in as this user')
    .option('--private-key <file>', 'log in with this key')
    .addOption(flag('-k, --ask-pass', 'ask for the login password').conflicts('connectionPasswordFile'))
    .option('--connection-password-file <file>', 'read the login password from a file')
    .option('-c, --connection <type>', 'ssh, openssh or local')
    .option('-T, --timeout <seconds>', 'how long connecting may take (default: 10)', positiveInteger)
    .option('--ssh-common-args <words>', 'more arguments for ssh')
    .option('--ssh-extra-args <words>', 'more arguments for ssh')
    .optionsGroup('Becoming another user')
    .addOption(flag('-b, --become', 'become another user (root) where no keyword says otherwise'))
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
    .option('--no-color', 'plain text (as does the variable NO_COLOR)')
    .addHelpText('after', EXAMPLES);
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}

/** `-t a,b -t c` is a, b, c. */
function appendWords(value: string, before: string[]): string[] {
  const words = value.split(',').map((word) => word.trim());
  return [...before, ...words.filter((word) => word !== '')];
}

function positiveInteger(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) < 1) throw new InvalidArgumentError('expected a number of at least 1.');
  return Number(value);
}

function withoutAlias(word: string): string {
  const [name = '', ...value] = word.split('=');
  return Object.hasOwn(ALIASES, name) ? [ALIASES[name], ...value].join('=') : word;
}
