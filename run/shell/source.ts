import { readFileSync } from 'node:fs';

/** The files that make up the runtime, in the order in which they are sent. */
export const RUNTIME_FILES = ['runtime.sh', 'ahead.sh', 'files.sh', 'memory.sh', 'journal.sh'] as const;

/** A login script that reads takes these instead of the runtime. */
const SACRIFICE = '\n'.repeat(16);

let cached: string | undefined;
let cachedBytes: Buffer | undefined;

/** The runtime with what stands in front of it, made once for all hosts. */
export function runtimeBytes(): Buffer {
  cachedBytes ??= Buffer.from(SACRIFICE + runtimeSource());
  return cachedBytes;
}

/** The runtime as it is sent: its files in a row, without comments, indentation and empty lines. */
export function runtimeSource(): string {
  cached ??= RUNTIME_FILES.map((name) => compact(readFileSync(new URL(name, import.meta.url), 'utf8'))).join('');
  return cached;
}

/** Drops whole-line comments, indentation and empty lines; the runtime's files hold no text where these would count. */
function compact(source: string): string {
  return source
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => `${line}\n`)
    .join('');
}
