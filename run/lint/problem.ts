import type { ErrorCode, LamplighterError, Place } from '../errors.ts';
import type { WarningCode } from '../playbook/context.ts';

export type ProblemCode = ErrorCode | WarningCode | 'UNUSED_HANDLER' | 'UNQUOTED_MODE' | 'DOUBTFUL';

/** A mistake, or what is doubtful. */
export interface Problem {
  code: ProblemCode;
  severity: 'error' | 'warning';
  message: string;
  place?: Place | undefined;
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

/** Each problem once, in the order of files and lines. */
export function sorted(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) {
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
