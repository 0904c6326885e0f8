import type { RunEvent } from '../events.ts';

/** A fold over the events of a run. */
export interface Report {
  /** Takes an event whose secrets are masked already. */
  see(event: RunEvent): void;
  /** No event comes any more, whether or not the run ended well: everything held back is printed, the recap if it is missing. */
  close(): void;
}
