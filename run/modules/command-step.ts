import { lines, quote, raw, type Sh, sh } from '../shell/quote.ts';

/*
 * The step that `command`, `shell`, `raw` and `script` share. The step returns `rc` when the command ran, or `outcome`
 * (present, absent, would-run) when it did not have to.
 */

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
  return lines(
    sh`m_dir=`,
    chdir !== undefined && enterDirectory(chdir),
    creates !== undefined && skipWhen('present', creates),
    removes !== undefined && skipWhen('absent', removes),
    raw(
      creates === undefined && removes === undefined
        ? `if [ "$ll_check" ]; then ll_ret outcome would-run; ll_unknown 'Command would have run if not in check mode'; fi`
        : `if [ "$ll_check" ]; then ll_ret outcome would-run; ll_changed; return 0; fi`,
    ),
    raw('ll_changed'),
    prepare,
    stdin === undefined
      ? sh`ll_command "$m_dir" ${options.script.text}`
      : sh`ll_temp; printf %s ${stdin} >"$ll_tmp"; ll_command "$m_dir" ${options.script.text} <"$ll_tmp"`,
    raw('m_rc=$?'),
    program !== undefined && explainFailure(program),
    raw(`ll_keep rc "$m_rc"; ll_ret rc "$m_rc"\n[ "$m_rc" = 0 ] || ll_fail 'non-zero return code'`),
  );
}

/** `chdir`, which may be a directory that only check mode's memory knows. */
function enterDirectory(chdir: string): Sh {
  return sh`
ll_home ${chdir}; m_dir=$ll_path
ll_stat "$m_dir" follow
case $ll_kind in
  absent) ll_fail "Unable to change directory before execution: [Errno 2] No such file or directory: b'$m_dir'";;
  directory) if [ -z "$ll_check" ] && ! ( CDPATH= cd -- "$m_dir" ) 2>/dev/null; then
    ll_fail "Unable to change directory before execution: [Errno 13] Permission denied: b'$m_dir'"; fi;;
  *) ll_fail "Unable to change directory before execution: [Errno 20] Not a directory: b'$m_dir'";;
esac`;
}

/** `creates` and `removes`: a path or a pattern, seen from chdir, as check mode remembers it. */
function skipWhen(outcome: 'present' | 'absent', path: string): Sh {
  const test = outcome === 'present' ? raw('[ "$m_found" ]') : raw('[ -z "$m_found" ]');
  return sh`
ll_home ${path}; m_path=$ll_path; m_found=
case $m_path in /*) ;; *) m_path=${raw('${m_dir:-$PWD}')}/$m_path;; esac
case $m_path in
  *[*?[]*) m_ifs=$IFS; IFS=; for m_each in $m_path; do IFS=$m_ifs; ll_stat "$m_each"; [ "$ll_kind" = absent ] || m_found=1; done; IFS=$m_ifs;;
  *) ll_stat "$m_path"; [ "$ll_kind" = absent ] || m_found=1;;
esac
if ${test}; then
  ll_ret outcome ${outcome}; ll_ret path "$ll_path"; ll_ret check "$ll_check"; ll_keep rc 0; return 0
fi`;
}

/** Python could not have started a program that is not there: Ansible says errno and the name, and returns rc 2 or 13. */
function explainFailure(program: Sh): Sh {
  return sh`
case $m_rc in 126|127)
  m_program=${program}
  case $m_program in
    */*) m_at=$( [ -z "$m_dir" ] || CDPATH= cd -- "$m_dir"
      if [ -d "$m_program" ]; then echo 13; elif [ -x "$m_program" ]; then :; elif [ -e "$m_program" ]; then echo 13; else echo 2; fi );;
    *) case $(command -v -- "$m_program" 2>/dev/null) in /*) m_at=;; *) m_at=2;; esac;;
  esac
  if [ "$m_at" ]; then
    m_rc=$m_at; ll_ret errno "$m_at"; ll_ret program "b'$m_program'"
  fi;;
esac`;
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
