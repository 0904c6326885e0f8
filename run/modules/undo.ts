import { lines, raw, type Sh, sh } from '../shell/script.ts';
import type { StepReply, TaskResult } from '../task.ts';
import { shellFunctions } from './shell-file.ts';

export interface UndoRequest {
  /** The run to put back; this one when it is left out. */
  run?: string | undefined;
  /** What the places of a block begin with; the whole run when it is left out. */
  block?: string | undefined;
  /** Overwrites what was changed by others since. */
  force: boolean;
}

/** What one run changed on a host, as its journal there has it. */
export interface JournalledRun {
  id: string;
  /** Seconds since 1970; undefined where nothing was recorded but that something changed. */
  time: number | undefined;
  files: number;
  units: number;
  /** Visits of the package manager. */
  packages: number;
  /** Changes that cannot be put back. */
  others: number;
  /** The run that put it back. */
  undone: string | undefined;
  /** The run that it put back. */
  undoes: string | undefined;
}

const APT = new Set([
  'apt_begin',
  'apt_lines',
  'apt_run',
  'apt_change',
  'apt_snapshot',
  'apt_difference',
  'apt_holder',
  'apt_hint',
  'apt_fail',
  'apt_with_policy',
]);

/** Puts back what a run, or a block of this one, changed on the host. */
export function undoStep({ run, block, force }: UndoRequest): Sh {
  return lines(
    functions('undo.sh'),
    functions('undo-files.sh'),
    functions('undo-state.sh'),
    functions('systemd-unit.sh'),
    functions('init-service.sh'),
    shellFunctions(new URL('./apt.sh', import.meta.url), APT),
    sh`u_run=${run ?? ''} u_block=${block ?? ''} u_force=${force ? '1' : ''} u_reload=`,
    raw('undo_main'),
  );
}

/** Asks for the runs in the host's journal. */
export function listStep(): Sh {
  return lines(functions('undo.sh'), raw('undo_list'));
}

export function undoResult({ status, fields, diffs, warnings }: StepReply, diff: boolean): TaskResult {
  const { msg, run } = fields;
  const left = words(fields.left);
  return {
    changed: status === 'changed',
    ...(status === 'failed' ? { failed: true } : {}),
    ...(status === 'unknown' ? { unknown: msg ?? '' } : {}),
    ...(msg === undefined ? {} : { msg }),
    ...(run === undefined ? {} : { run }),
    put_back: words(fields.put_back),
    left,
    conflicts: words(fields.conflicts),
    ...(diff && diffs.length > 0 ? { diff: diffs } : {}),
    ...(left.length + warnings.length > 0
      ? { warnings: [...warnings, ...left.map((what) => `not put back: ${what}`)] }
      : {}),
  };
}

/** The runs that the host's journal has, the newest last. */
export function journalledRuns(text: string): JournalledRun[] {
  return words(text).map((line) => {
    const [id = '', time, files, units, packages, others, undone, undoes] = line.split(' ');
    return {
      id,
      time: time === '-' ? undefined : Number(time),
      files: Number(files),
      units: Number(units),
      packages: Number(packages),
      others: Number(others),
      undone: undone === '-' ? undefined : undone,
      undoes: undoes === '-' ? undefined : undoes,
    };
  });
}

function words(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split('\n').filter((line) => line !== '');
}

function functions(file: string): Sh {
  return shellFunctions(new URL(`./${file}`, import.meta.url));
}
