import type { ErrorCode, LamplighterError, Place } from '../errors.ts';
import type { LocatedFinding } from '../plan/inspect/finding.ts';
import type { WarningCode } from '../playbook/context.ts';

/** Codes of lint's own, beside those of errors and warnings; the rules that modules have on whole sites come in their own names. */
export const OWN_CODES = ['UNUSED_HANDLER', 'UNQUOTED_MODE', 'UNUSED_VARIABLES', 'STRAY_FOLDER', 'DOUBTFUL'] as const;
export type ProblemCode = ErrorCode | WarningCode | (typeof OWN_CODES)[number] | SiteCode;
/** A rule's name in capitals: `duplicate-clientid` is DUPLICATE_CLIENTID. */
export type SiteCode = Uppercase<string>;

/** A mistake, or what is doubtful. */
export interface Problem {
  code: ProblemCode;
  severity: 'error' | 'warning';
  message: string;
  place?: Place | undefined;
  /** The other places of a mistake that takes more than one. */
  related?: Place[] | undefined;
  hint?: string | undefined;
  fix?: Fix | undefined;
}

/** A change to one line that is certain to be meant. */
export interface Fix {
  place: Place;
  wrong: string;
  right: string;
}

/** What may be right all the same: modules that other hosts' tools have, names that only a run can know. */
const DOUBTFUL: ReadonlySet<string> = new Set<ErrorCode>(['UNSUPPORTED_MODULE', 'UNDEFINED_VARIABLE', 'VAULT']);

export function problemOf(error: LamplighterError): Problem {
  const { code, message, place, hint, correction } = error;
  return {
    code,
    severity: DOUBTFUL.has(code) ? 'warning' : 'error',
    message,
    place,
    hint,
    fix: place && correction ? { place, ...correction } : undefined,
  };
}

/** What a module or the inventory's look-ahead found on a site. */
export function problemOfFinding({ level, rule, message, hint, hosts, places }: LocatedFinding): Problem {
  const [place, ...related] = places;
  const many = hosts.length > 2 ? ` [${hosts.length} hosts, ${hosts[0]} the first]` : '';
  return {
    code: rule === 'argument' ? 'BAD_ARGUMENT' : (rule.toUpperCase().replaceAll('-', '_') as SiteCode),
    severity: level,
    message: message + many,
    place,
    hint,
    ...(related.length > 0 ? { related } : {}),
  };
}

/** Each problem once, in the order of files and lines. */
export function sorted(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>();
  const placeKey = ({ place }: Problem): string => `${place?.file}:${place?.line}:${place?.column}`;
  // What was meant as a text and read as a mapping is wrong for that reason alone.
  const unquoted = new Set(problems.filter(({ code }) => code === 'YAML_UNQUOTED_BRACES').map(placeKey));
  for (const problem of problems) {
    if (problem.code !== 'YAML_UNQUOTED_BRACES' && unquoted.has(placeKey(problem))) continue;
    const { file, line, column } = problem.place ?? { file: '', line: 0, column: 0 };
    const key = JSON.stringify([file, line, column, problem.code, problem.message]);
    if (!seen.has(key)) seen.set(key, problem);
  }
  return [...seen.values()].sort(byPlace);
}

function byPlace({ place: a }: Problem, { place: b }: Problem): number {
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined);
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
