import { fileURLToPath } from 'node:url';
import { LamplighterError, nearest } from '../errors.ts';
import type { JournalledRun } from '../modules/undo.ts';
import type { RunOptions } from '../options.ts';
import { CALLED_AS, PACKAGE_ROOT } from '../package.ts';
import { type Arguments, givenTo } from './arguments.ts';
import { addHow, addReaching, addTheRest, addWhere, type Ended, flag, newCommand, parse } from './describe.ts';
import type { Io } from './io.ts';
import { type ReadyRun, run } from './run.ts';

const PLAYBOOK = fileURLToPath(new URL('playbooks/undo.yaml', PACKAGE_ROOT));

const EXAMPLES = `
Hosts keep what a run changes, for 30 days and up to 256 MB: files, units, packages. An undo is a run too, and can be
undone. What somebody changed since is never overwritten without --force, and commands, accounts and upgrades cannot be
put back: that is said.

Examples:
  ${CALLED_AS} undo --list
  ${CALLED_AS} undo --check --diff             what putting the last run back would change
  ${CALLED_AS} undo 20261122T030825Z-1f2e3d4c --limit lamp07`;

export interface UndoArguments extends Arguments {
  /** As written: a run's name, or its beginning or end. */
  run: string | undefined;
  list: boolean;
  force: boolean;
}

/** Runs `undo …` and returns the exit code, as that of a run. */
export async function undoCommand(argv: string[], io: Io): Promise<number> {
  const args = undoArguments(argv, io);
  return 'exitCode' in args ? args.exitCode : run(args, io, (ready) => undo(ready, args));
}

function undoArguments(argv: string[], io: Io): UndoArguments | Ended {
  const program = newCommand(`${CALLED_AS} undo`, {
    out: (text) => io.stdout.write(text),
    err: (text) => io.stderr.write(text),
  })
    .description(
      'Puts back what an earlier run changed: the last one that is not put back yet, or the one that is named.',
    )
    .argument('[run]', 'its name in the list, or the beginning or end of it');
  addWhere(program)
    .optionsGroup('What')
    .addOption(flag('--list', 'print the runs that the hosts remember'))
    .addOption(flag('--force', 'put back also what somebody else changed since'));
  addReaching(addHow(program))
    .optionsGroup('Becoming another user')
    .option('--no-become', 'put back what was done as the login user (default: as root)');
  const ended = parse(addTheRest(program).addHelpText('after', EXAMPLES), argv);
  if (ended) return ended;
  const { list, force } = program.opts<{ list: boolean; force: boolean }>();
  const nothing = { tags: [], skipTags: [], extraVars: [], forceHandlers: false };
  const lists = { listHosts: false, listTasks: false, listTags: false, syntaxCheck: false };
  return { ...givenTo(program, [PLAYBOOK]), ...nothing, ...lists, run: program.args[0], list, force };
}

async function undo(ready: ReadyRun, args: UndoArguments): Promise<number> {
  const options = { ...ready.options, become: { ...ready.options.become, enabled: false } };
  const variables = { undo_become: args.become, undo_force: args.force };
  const asking = { ...options, check: false, exitDrift: false, tags: ['list'], extraVars: [{ values: variables }] };
  const { runs, exitCode } = await remembered(ready, asking);
  if (args.list) {
    ready.print(args.json ? jsonList(runs) : textList(runs));
    return exitCode;
  }
  const id = chosen(runs, args.run);
  if (id === undefined) {
    ready.print('There is nothing to put back.\n');
    return exitCode;
  }
  const hosts = [...runs].filter(([, known]) => known.some((each) => each.id === id)).map(([host]) => host);
  const undone = await ready.carryOut({
    ...options,
    limit: hosts.join(','),
    tags: ['undo'],
    extraVars: [{ values: { ...variables, undo_run: id } }],
  });
  return undone === 0 ? exitCode : undone;
}

type Remembered = ReadonlyMap<string, readonly JournalledRun[]>;

/** What the journals of the hosts hold; hosts that do not answer are told of. */
async function remembered(ready: ReadyRun, options: RunOptions): Promise<{ runs: Remembered; exitCode: number }> {
  const runs = new Map<string, readonly JournalledRun[]>();
  const exitCode = await ready.listen(options, (event) => {
    if (event.event === 'warning') ready.warn(event.message);
    if (event.event !== 'task') return;
    if (event.status === 'ok') runs.set(event.host, event.result.runs as JournalledRun[]);
    else ready.warn(`${event.host}: ${String(event.result.msg)}`);
  });
  return { runs, exitCode };
}

/** @throws LamplighterError USAGE when no run, or more than one, has the name */
function chosen(runs: Remembered, word: string | undefined): string | undefined {
  const all = [...runs.values()].flat();
  if (word === undefined)
    return all
      .filter(({ undone, undoes }) => undone === undefined && undoes === undefined)
      .filter(({ files, units, packages }) => files + units + packages > 0)
      .map(({ id }) => id)
      .sort()
      .at(-1);
  const ids = [...new Set(all.map(({ id }) => id))];
  const found = ids.includes(word) ? [word] : ids.filter((id) => id.startsWith(word) || id.endsWith(word));
  if (found.length === 1) return found[0];
  const near = nearest(word, ids);
  throw new LamplighterError(
    'USAGE',
    found.length === 0 ? `no host remembers a run "${word}"` : `"${word}" is the name of ${found.join(' and ')}`,
    { hint: near ? `did you mean "${near}"?` : `${CALLED_AS} undo --list prints their names.` },
  );
}

/** A line a run, the newest last. */
function textList(runs: Remembered): string {
  const ids = [...new Set([...runs.values()].flat().map(({ id }) => id))].sort();
  if (ids.length === 0) return 'No host remembers a run.\n';
  return ids
    .map((id) => {
      const hosts = [...runs].flatMap(([host, known]) =>
        known.filter((each) => each.id === id).map((each) => ({ host, ...each })),
      );
      const sum = (key: 'files' | 'units' | 'packages' | 'others') => hosts.reduce((n, each) => n + each[key], 0);
      const what = [
        counted(sum('files'), 'file'),
        counted(sum('units'), 'unit'),
        sum('packages') > 0 && 'packages',
        sum('others') > 0 && 'what cannot be put back',
      ].filter((part) => part !== false);
      const undone = hosts.filter((each) => each.undone !== undefined).map(({ host }) => host);
      const undoes = hosts.find((each) => each.undoes !== undefined)?.undoes;
      const note = [
        undoes !== undefined && `put back ${undoes}`,
        undone.length > 0 && `put back${undone.length < hosts.length ? ` on ${undone.join(', ')}` : ''}`,
      ].filter((part) => part !== false);
      const names = hosts.map(({ host }) => host).join(', ');
      return `${id}  ${names}: ${what.join(', ')}${note.length > 0 ? ` (${note.join('; ')})` : ''}\n`;
    })
    .join('');
}

function counted(n: number, noun: string): string | false {
  return n > 0 && `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function jsonList(runs: Remembered): string {
  return [...runs]
    .flatMap(([host, known]) => known.map((each) => `${JSON.stringify({ event: 'journal', host, ...each })}\n`))
    .join('');
}
