import { setMaxListeners } from 'node:events';
import type { Io } from './io.ts';

const EXIT_INTERRUPTED = 99;

/** How long the work may take to end by itself after the first Ctrl-C, in milliseconds. */
const GRACE = 900;

/**
 * Runs work that can be interrupted. The first Ctrl-C aborts its signal and gives it a moment to end; the second ends
 * the process at once. Returns the work's code, or 99 when it was interrupted.
 */
export async function interruptible(io: Io, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  // Every connection under way listens to it.
  setMaxListeners(0, controller.signal);
  let giveUp: () => void = () => {};
  const overdue = new Promise<number>((resolve) => {
    giveUp = () => setTimeout(resolve, GRACE, EXIT_INTERRUPTED).unref();
  });
  const onSignal = () => {
    if (controller.signal.aborted) io.exit(EXIT_INTERRUPTED);
    controller.abort();
    giveUp();
  };
  io.on('SIGINT', onSignal);
  io.on('SIGTERM', onSignal);
  try {
    const code = await Promise.race([work(controller.signal), overdue]);
    return controller.signal.aborted ? EXIT_INTERRUPTED : code;
  } finally {
    io.off('SIGINT', onSignal);
    io.off('SIGTERM', onSignal);
  }
}
