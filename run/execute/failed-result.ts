import type { LamplighterError } from '../errors.ts';
import type { Unknown } from '../plan/signals.ts';
import type { TaskResult } from '../task.ts';

/** An error of ours as a task's result. */
export function failedResult(error: LamplighterError): TaskResult {
  return { failed: true, changed: false, msg: error.hint ? `${error.message}\n${error.hint}` : error.message };
}

/** A task whose outcome check mode cannot know. */
export function unknownResult(signal: Unknown): TaskResult {
  return { changed: false, skipped: true, unknown: `depends on ${signal.what}, a change not made yet` };
}
