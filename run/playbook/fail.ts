import { type Correction, type ErrorCode, LamplighterError, type Place } from '../errors.ts';
import { sourceLineOf } from './source.ts';

/** An error at a place, with the text of its line. */
export function failure(
  code: ErrorCode,
  message: string,
  place: Place | undefined,
  more: { hint?: string | undefined; correction?: Correction | undefined; cause?: unknown } = {},
): LamplighterError {
  return new LamplighterError(code, message, { place, sourceLine: sourceLineOf(place), ...more });
}

/** What becomes of a mistake that reading finds: a run ends with it, `lint` notes it and reads on. */
export type Report = (error: LamplighterError) => void;

export const raise: Report = (error) => {
  throw error;
};

/** What `body` gives; undefined when it ended with a mistake after which `report` goes on. */
export async function attempt<T>(report: Report, body: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof LamplighterError)) throw error;
    report(error);
    return undefined;
  }
}

/** The same of what does not wait. */
export function attemptSync<T>(report: Report, body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof LamplighterError)) throw error;
    report(error);
    return undefined;
  }
}

/** `did you mean "x"?`, or nothing. */
export function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : `; did you mean "${name}"?`;
}

/** What kind of value a person wrote, in words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return 'a boolean';
  if (typeof value === 'number' || typeof value === 'bigint') return 'a number';
  const name = value.constructor?.name;
  if (name === 'Float') return 'a number';
  if (name === 'VaultText') return 'an encrypted string';
  if (name === 'UnsafeText') return 'a string';
  return 'a mapping';
}
