/** A place in a file that a person wrote. Lines and columns count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
  /** Where the file was included or imported, or the role used, that this stands in. */
  from?: Place;
}

/** Every way in which Lamplighter refuses or fails knowingly. Tests assert on these, not on prose. */
export type ErrorCode =
  | 'USAGE' // the command line
  | 'FILE_NOT_FOUND'
  | 'FILE_UNREADABLE'
  | 'YAML_SYNTAX'
  | 'YAML_DUPLICATE_KEY'
  | 'YAML_UNQUOTED_BRACES'
  | 'PLAYBOOK_SHAPE' // a node of the wrong type or in the wrong place
  | 'UNKNOWN_KEYWORD'
  | 'UNSUPPORTED_KEYWORD' // Ansible has it, Lamplighter has not
  | 'UNKNOWN_MODULE'
  | 'UNSUPPORTED_MODULE'
  | 'UNKNOWN_ARGUMENT'
  | 'UNSUPPORTED_ARGUMENT'
  | 'BAD_ARGUMENT'
  | 'MISSING_ARGUMENT'
  | 'ROLE_NOT_FOUND'
  | 'ROLE_CYCLE'
  | 'HANDLER_NOT_FOUND'
  | 'INVENTORY_SHAPE'
  | 'HOST_PATTERN'
  | 'TEMPLATE_SYNTAX'
  | 'TEMPLATE_ERROR'
  | 'UNDEFINED_VARIABLE'
  | 'RECURSIVE_VARIABLE'
  | 'VAULT'
  | 'CONNECT' // the host could not be reached
  | 'HOST_KEY'
  | 'AUTH'
  | 'BECOME'
  | 'CONNECTION_LOST'
  | 'TIMEOUT'
  | 'PROTOCOL' // the host's shell answered something that is not a frame
  | 'MODULE_FAILED'
  | 'LAB'
  | 'INTERRUPTED';

export interface ErrorDetails {
  place?: Place | undefined;
  /** The text of the place's line, when the thrower has it; otherwise the printer reads the file. */
  sourceLine?: string | undefined;
  /** One sentence: what to do about it. */
  hint?: string | undefined;
  /** The word at the place that should be another, when no third one is as near. */
  correction?: Correction | undefined;
  cause?: unknown;
}

export interface Correction {
  wrong: string;
  right: string;
}

/** The one error class: a code for programs, a message for people, a hint, and a place where there is one. */
export class LamplighterError extends Error {
  readonly code: ErrorCode;
  readonly place: Place | undefined;
  readonly sourceLine: string | undefined;
  readonly hint: string | undefined;
  readonly correction: Correction | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'LamplighterError';
    this.code = code;
    this.place = details.place;
    this.sourceLine = details.sourceLine;
    this.hint = details.hint;
    this.correction = details.correction;
  }
}

/** The candidate nearest to `name` by edit distance, or undefined when none is near enough to be meant. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  // A word that shares no letter with another was not meant to be it.
  let bestDistance = Math.min(Math.max(2, Math.floor(name.length / 3)) + 1, Math.max(1, name.length));
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** What `name` surely means: the nearest candidate, when it is near and no other is as near. */
export function correction(name: string, candidates: Iterable<string>): Correction | undefined {
  const all = [...new Set(candidates)];
  const right = nearest(name, all);
  if (right === undefined || name.length < 3) return undefined;
  const distance = (other: string): number => editDistance(name.toLowerCase(), other.toLowerCase(), name.length);
  const certain = distance(right) <= 2 && all.every((other) => other === right || distance(other) > distance(right));
  return certain ? { wrong: name, right } : undefined;
}

/** Damerau-Levenshtein distance (adjacent swaps count one), or `limit` as soon as it is certain to reach it. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, beforeLast[j - 2]! + 1);
      row.push(value);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
