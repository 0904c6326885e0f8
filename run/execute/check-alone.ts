import { lines, raw, type Sh } from '../shell/script.ts';
import type { Settings } from './settings.ts';

/**
 * A step with a memory of its own, where a task has `check_mode: true` in a run that acts: what such a task would have
 * done is not done, and the next one sees the host as it is.
 */
export function withOwnMemory(settings: Settings, body: Sh): Sh {
  if (!settings.checkAlone) return body;
  // `lines` leaves out the test of the step, which would be asked before there is that memory.
  return lines(raw('ll_mem=$ll_base/memory.alone; rm -rf "$ll_mem"'), body);
}
