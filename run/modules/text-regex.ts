import { extendedRegex } from './extended-regex.ts';

/**
 * A Python pattern over text as an extended one over bytes, where both find the same: what counts characters (a single
 * dot, a negated class, `\w` and its kin, a bracket) is left to Python's own reading when the text is not ASCII.
 * @returns undefined for what cannot be said exactly
 */
export function textRegex(pattern: string): string | undefined {
  const plain = pattern.replace(/\\[\\.[\]]/g, '').replace(/\.\*/g, '');
  if (/\.|\[\^|\\[wWsSdD]/.test(plain)) return undefined;
  return extendedRegex(pattern);
}
