/** Why a template failed: its text is wrong, a name in it has no value, or an operation in it went wrong. */
export type JinjaErrorKind = 'syntax' | 'undefined' | 'runtime';

/** A place inside a file; `file` is absent for a text that came from none. Lines and columns count from 1. */
export interface Position {
  readonly file: string | undefined;
  readonly line: number;
  readonly column: number;
}

export interface JinjaErrorDetails {
  /** The Python exception that real Jinja2 would raise, by which our own code tells errors apart. */
  pythonType?: string;
  /** The variable that has no value. */
  variable?: string | undefined;
  hint?: string;
  position?: Position | undefined;
  cause?: unknown;
}

/**
 * The only error that this package throws by itself. `line` is 0 as long as no position is known; what a `Scope` or a
 * host service throws passes through untouched and is never one of these unless it threw one.
 */
export class JinjaError extends Error {
  override readonly name = 'JinjaError';
  readonly kind: JinjaErrorKind;
  readonly pythonType: string;
  readonly variable: string | undefined;
  readonly hint: string | undefined;
  file: string | undefined;
  line = 0;
  column = 0;

  constructor(kind: JinjaErrorKind, message: string, details: JinjaErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.pythonType = details.pythonType ?? (kind === 'undefined' ? 'UndefinedError' : 'RuntimeError');
    this.variable = details.variable;
    this.hint = details.hint;
    if (details.position) this.place(details.position);
  }

  /** Says where it happened, unless that is known more precisely already. */
  place(position: Position): this {
    if (this.line === 0) {
      this.file = position.file;
      this.line = position.line;
      this.column = position.column;
    }
    return this;
  }
}

const raiser =
  (pythonType: string) =>
  (message: string, cause?: unknown): JinjaError =>
    new JinjaError('runtime', message, { pythonType, cause });

export const typeError = raiser('TypeError');
export const valueError = raiser('ValueError');
export const keyError = raiser('KeyError');
export const indexError = raiser('IndexError');
export const zeroDivision = raiser('ZeroDivisionError');
export const overflowError = raiser('OverflowError');
/** What Ansible's own filters and tests raise. */
export const filterError = raiser('AnsibleFilterError');
/** What Ansible's lookups raise. */
export const lookupError = raiser('AnsibleLookupError');
/** What Jinja2's filters raise for arguments that make no sense to them. */
export const argumentError = raiser('FilterArgumentError');

/** Whether `error` is one of ours and stands for one of these Python exceptions. */
export function isPythonError(error: unknown, ...types: string[]): error is JinjaError {
  return error instanceof JinjaError && types.includes(error.pythonType);
}
