import type { Command } from 'commander';
import { CALLED_AS } from '../package.ts';
import {
  addHow,
  addReaching,
  addTheRest,
  addWhere,
  type Ended,
  flag,
  newCommand,
  parse,
  repeated,
  type Writers,
} from './describe.ts';

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
  junit?: string;
  html?: string;
  exitDrift: boolean;
  /** False after `--no-color`. */
  color: boolean;
}

const EXAMPLES = `
Also:
  lab …                         real Debian hosts on this machine, to try things on (lab --help)
  demo                          set a lab up and prove it: the first thing to run
  image [HOST]                  the seed of an unattended installation of Ubuntu Server (image --help)
  doc [MODULE…]                 what modules take, return and do in check mode
  schema [KIND]                 a JSON schema, by which editors complete and check YAML (schema --help)
  lint …                        find all mistakes in playbooks and roles, and mend some (lint --help)
  undo …                        put back what an earlier run changed, or list the runs (undo --help)
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
  return parse(program, argv) ?? givenTo(program, program.args);
}

/** What was asked for by options; playbooks stand apart. */
export function givenTo(program: Command, playbooks: string[]): Arguments {
  const { verbose, vaultId, vaultPasswordFile, ...options } = program.opts<
    Omit<Arguments, 'playbooks' | 'verbosity' | 'vaultIds' | 'vaultPasswordFiles'> & {
      verbose: number;
      vaultId: string[];
      vaultPasswordFile: string[];
    }
  >();
  return { ...options, playbooks, verbosity: verbose, vaultIds: vaultId, vaultPasswordFiles: vaultPasswordFile };
}

function describe(writers: Writers): Command {
  const program = newCommand(CALLED_AS, writers)
    .description(
      'Runs playbooks: sets hosts up over SSH as they describe. Hosts need sshd and a POSIX sh, nothing else.',
    )
    .argument('<playbook...>', 'playbooks, run one after the other');
  addWhere(program)
    .optionsGroup('What')
    .addOption(repeated('-t, --tags <tags>', 'only what is tagged so').argParser(appendWords))
    .addOption(repeated('--skip-tags <tags>', 'all but what is tagged so').argParser(appendWords))
    .option('--start-at-task <name>', 'begin at this task')
    .addOption(repeated('-e, --extra-vars <vars>', 'variables above all others: k=v words, YAML or JSON, or @FILE'))
    .addOption(flag('--force-handlers', 'run notified handlers even after a failure'));
  addHow(program)
    .addOption(flag('--flush-cache', 'accepted for scripts written for Ansible: facts are never kept between runs'))
    .optionsGroup('Instead of running')
    .addOption(flag('--list-hosts', 'print the hosts of each play'))
    .addOption(flag('--list-tasks', 'print the tasks of each play'))
    .addOption(flag('--list-tags', 'print the tags of each play'))
    .addOption(flag('--syntax-check', 'only read and check the playbooks'));
  addReaching(program)
    .optionsGroup('Becoming another user')
    .addOption(flag('-b, --become', 'become another user (root) where no keyword says otherwise'));
  return addTheRest(program).addHelpText('after', EXAMPLES);
}

/** `-t a,b -t c` is a, b, c. */
function appendWords(value: string, before: string[]): string[] {
  const words = value.split(',').map((word) => word.trim());
  return [...before, ...words.filter((word) => word !== '')];
}
