import { isPlain, lines, quote, raw, type Sh, settling, sh } from '../shell/script.ts';
import { shellFunctions } from './shell-file.ts';

/*
 * The step that `command`, `shell`, `raw` and `script` share. The step returns `rc` when the command ran, or `outcome`
 * (present, absent, would-run) when it did not have to.
 */

const LIBRARY = new URL('./command.sh', import.meta.url);

export interface CommandStep {
  /** What `sh -c` is given. */
  script: Sh;
  chdir?: string | undefined;
  creates?: string | undefined;
  removes?: string | undefined;
  stdin?: string | undefined;
  /** The program to name when it cannot be started; only where no shell interprets the command. */
  program?: Sh | undefined;
  /** Before the command and after it: what only matters when it runs. */
  prepare?: Sh | undefined;
}

/** Read the state, decide, run. */
export function commandStep(options: CommandStep): Sh {
  const { chdir, creates, removes, stdin, program, prepare } = options;
  return settling(
    settled(options),
    lines(
      shellFunctions(LIBRARY),
      sh`m_dir=`,
      chdir !== undefined && sh`x_enter ${chdir}`,
      creates !== undefined && sh`x_skips present ${creates} && return 0`,
      removes !== undefined && sh`x_skips absent ${removes} && return 0`,
      raw(creates === undefined && removes === undefined ? 'x_would unknown' : 'x_would change && return 0'),
      raw('x_note'),
      prepare,
      stdin === undefined
        ? sh`ll_command "$m_dir" ${options.script.text}`
        : sh`ll_temp; printf %s ${stdin} >"$ll_tmp"; ll_command "$m_dir" ${options.script.text} <"$ll_tmp"`,
      raw('m_rc=$?'),
      program !== undefined && sh`x_explain ${program}`,
      raw('x_end'),
    ),
  );
}

/** Whether `creates` or `removes` says so, where that needs no directory to be entered and no variable of the task's. */
function settled({ chdir, creates, removes }: CommandStep): Sh | undefined {
  const path = creates ?? removes;
  if (path === undefined || !isPlain(path) || chdir !== undefined) return undefined;
  return creates === undefined ? sh`x_skips absent ${path}` : sh`x_skips present ${path}`;
}

/** Shell variables that Python's environment would not show. */
const NOT_ENVIRONMENT =
  /^(IFS|PS[0-9]|PPID|OPTIND|OPTARG|OPTERR|UID|EUID|RANDOM|SECONDS|LINENO|GROUPS|DIRSTACK|FUNCNAME|HOSTNAME|HOSTTYPE|MACHTYPE|OSTYPE|SHELLOPTS|COMP_WORDBREAKS|BASH.*|EPOCH.*|SRANDOM|PIPESTATUS|ll_.*|m_.*)$/;

/**
 * One argument of `command` as a shell word, `~` and `$VARIABLE` expanded on the host as Ansible does; a variable that is
 * not set stays as it was written.
 */
export function expandedWord(argument: string): Sh {
  const tilde = /^~[A-Za-z0-9_.-]*(?=\/|$)/.exec(argument)?.[0] ?? '';
  const rest = argument.slice(tilde.length);
  let text = tilde;
  let last = 0;
  for (const match of rest.matchAll(/\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g)) {
    const name = match[1] ?? match[2]!;
    if (NOT_ENVIRONMENT.test(name)) continue;
    if (match.index > last) text += quote(rest.slice(last, match.index));
    text += `"\${${name}-\\${match[0].replace('}', '\\}')}}"`;
    last = match.index + match[0].length;
  }
  if (last < rest.length || argument === '') text += quote(rest.slice(last));
  return raw(text);
}
