/*
 * Somebody ends the benchmark: the programs that it runs end, nothing new starts, and what it made is taken away as after a
 * failure. Twice is once: a terminal and npm both pass a Ctrl-C on.
 */

const ending = new AbortController();

/** Aborted by SIGINT and SIGTERM. */
export const interrupted: AbortSignal = ending.signal;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort());
