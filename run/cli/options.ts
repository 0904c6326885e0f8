import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LamplighterError } from '../errors.ts';
import type { Question, RunOptions } from '../options.ts';
import { VaultSecrets } from '../playbook/vault.ts';
import type { Arguments } from './arguments.ts';
import { askPassword } from './ask.ts';
import { readExtraVars } from './extra-vars.ts';
import type { Io } from './io.ts';
import { passwords } from './passwords.ts';

const DEFAULT_INVENTORY = 'inventory.yaml';
const DEFAULT_FORKS = 100;
const MAX_VERBOSITY = 4;

/** What a run needs of its surroundings beyond arguments. */
export interface Surroundings {
  io: Io;
  secret(text: string): void;
  ask(question: Question): Promise<string | undefined>;
}

/** Arguments become the options of a run: passwords are asked for, defaults filled in. */
export async function runOptions(args: Arguments, { io, secret, ask }: Surroundings): Promise<RunOptions> {
  if (args.exitDrift && !args.check)
    throw new LamplighterError('USAGE', '--exit-drift says whether something would change', { hint: 'Add --check.' });
  const found = await passwords(args, io);
  for (const password of Object.values(found)) secret(password);
  const vault = await openVault(args, { io, secret });
  return {
    playbooks: args.playbooks,
    inventory: inventorySources(args, io),
    ...(args.limit !== undefined && { limit: limitPattern(args.limit, io) }),
    check: args.check,
    diff: args.diff,
    tags: args.tags,
    skipTags: args.skipTags,
    extraVars: args.extraVars.filter((text) => text !== '').map((text) => readExtraVars(text, vault)),
    forks: args.forks ?? DEFAULT_FORKS,
    verbosity: Math.min(args.verbosity, MAX_VERBOSITY) as RunOptions['verbosity'],
    ...(args.startAtTask !== undefined && { startAtTask: args.startAtTask }),
    ...(args.user !== undefined && { remoteUser: args.user }),
    ...(args.privateKey !== undefined && { privateKey: args.privateKey }),
    become: {
      enabled: args.become,
      ...(args.becomeUser !== undefined && { user: args.becomeUser }),
      ...(args.becomeMethod !== undefined && { method: args.becomeMethod }),
    },
    passwords: found,
    vault,
    ...(args.connection !== undefined && { connection: args.connection }),
    ...(args.timeout !== undefined && { timeout: args.timeout }),
    forceHandlers: args.forceHandlers,
    ...(args.sshCommonArgs !== undefined && { sshCommonArgs: args.sshCommonArgs }),
    ...(args.sshExtraArgs !== undefined && { sshExtraArgs: args.sshExtraArgs }),
    exitDrift: args.exitDrift,
    secret,
    ask,
  };
}

async function openVault(args: Arguments, { io, secret }: Pick<Surroundings, 'io' | 'secret'>): Promise<VaultSecrets> {
  const words = [...args.vaultIds, ...args.vaultPasswordFiles, ...(args.askVaultPass ? ['prompt'] : [])];
  return VaultSecrets.open(words, {
    prompt: (label) => askPassword(io, label, 'Use --vault-password-file FILE.'),
    announce: secret,
  });
}

function inventorySources(args: Arguments, io: Io): string[] {
  if (args.inventory.length > 0) return args.inventory;
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
