import { LamplighterError } from '../errors.ts';

/** A known error in the terms of the diagnosis; others, and interruptions, go on. */
export function problemOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof LamplighterError) || error.code === 'INTERRUPTED') throw error;
  return { code: error.code, message: error.message };
}
