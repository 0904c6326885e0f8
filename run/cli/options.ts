import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_FORKS, namedSettings } from '../config/named.ts';
import type { Config } from '../config.ts';
import { LamplighterError } from '../errors.ts';
import type { Question, RunOptions } from '../options.ts';
import { VaultSecrets } from '../playbook/vault.ts';
import type { Arguments } from './arguments.ts';
import { askPassword } from './ask.ts';
import { readExtraVars } from './extra-vars.ts';
import type { Io } from './io.ts';
import { passwords } from './passwords.ts';

const DEFAULT_INVENTORY = 'inventory.yaml';
const MAX_VERBOSITY = 4;

/** What a run needs of its surroundings beyond arguments. */
export interface Surroundings {
  io: Io;
  config: Config;
  secret(text: string): void;
  ask(question: Question): Promise<string | undefined>;
}

/** Arguments, and below them ansible.cfg, become the options of a run: passwords are asked for, defaults filled in. */
export async function runOptions(args: Arguments, surroundings: Surroundings): Promise<RunOptions> {
  const { io, config, secret, ask } = surroundings;
  if (args.exitDrift && !args.check)
    throw new LamplighterError('USAGE', '--exit-drift says whether something would change', { hint: 'Add --check.' });
  const found = await passwords(args, surroundings);
  for (const password of Object.values(found)) secret(password);
  const vault = await openVault(args, surroundings);
  const { rolesPath, collectionsPath, hostKeyChecking } = config;
  const { gathering, anyErrorsFatal, noLog, taskTimeout, remotePort: port } = config;
  const sshExtraArgs = [config.sshArgs, args.sshExtraArgs].filter(Boolean).join(' ') || undefined;
  return {
    playbooks: args.playbooks,
    inventory: inventorySources(args, surroundings),
    check: args.check,
    diff: args.diff || config.diff === true,
    tags: orElse(args.tags, config.tags),
    skipTags: orElse(args.skipTags, config.skipTags),
    extraVars: args.extraVars.filter((text) => text !== '').map((text) => readExtraVars(text, vault)),
    forks: args.forks ?? config.forks ?? DEFAULT_FORKS,
    verbosity: Math.min(args.verbosity, MAX_VERBOSITY) as RunOptions['verbosity'],
    become: {
      enabled: args.become || config.become === true,
      ...given({
        user: args.becomeUser ?? config.becomeUser,
        method: args.becomeMethod ?? config.becomeMethod,
      }),
    },
    passwords: found,
    vault,
    forceHandlers: args.forceHandlers || config.forceHandlers === true,
    exitDrift: args.exitDrift,
    settings: namedSettings(config),
    defaults: given({ gathering, anyErrorsFatal, noLog, taskTimeout, port }),
    ...given({
      limit: args.limit === undefined ? undefined : limitPattern(args.limit, io),
      startAtTask: args.startAtTask,
      remoteUser: args.user ?? config.remoteUser,
      privateKey: args.privateKey ?? config.privateKeyFile,
      connection: args.connection,
      timeout: args.timeout ?? config.timeout,
      sshCommonArgs: args.sshCommonArgs,
      sshExtraArgs,
      rolesPath,
      collectionsPath,
      hostKeyChecking,
    }),
    secret,
    ask,
  };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Only what has a value. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

function orElse(words: string[], otherwise: string[] | undefined): string[] {
  return words.length > 0 ? words : (otherwise ?? []);
}

async function openVault(args: Arguments, { io, config, secret }: Surroundings): Promise<VaultSecrets> {
  const configured = config.vaultPasswordFile === undefined ? [] : [config.vaultPasswordFile];
  const words = [
    ...(config.vaultIdentityList ?? []),
    ...args.vaultIds,
    ...args.vaultPasswordFiles,
    ...configured,
    ...(args.askVaultPass ? ['prompt'] : []),
  ];
  return VaultSecrets.open(words, {
    prompt: (label) => askPassword(io, label, 'Use --vault-password-file FILE.'),
    announce: secret,
  });
}

function inventorySources(args: Arguments, { io, config }: Surroundings): string[] {
  if (args.inventory.length > 0) return args.inventory;
  if (config.inventory !== undefined) return config.inventory;
  return existsSync(resolve(io.cwd(), DEFAULT_INVENTORY)) ? [DEFAULT_INVENTORY] : [];
}

/** `@FILE` names a file with a pattern a line. */
function limitPattern(limit: string, io: Io): string {
  if (!limit.startsWith('@')) return limit;
  const file = limit.slice(1);
  try {
    const lines = readFileSync(resolve(io.cwd(), file), 'utf8').split('\n');
    return lines
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
      .join(',');
  } catch (error) {
    throw new LamplighterError('FILE_NOT_FOUND', `cannot read the hosts of --limit from ${file}`, { cause: error });
  }
}
