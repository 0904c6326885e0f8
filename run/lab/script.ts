import { ProcessOutput, $ as zx } from 'zx';
import { LamplighterError } from '../errors.ts';

/** Runs scripts of the controller, silently. Never for a host's shell: zx quotes as bash reads, not as sh does. */
export const $ = zx({
  quiet: true,
  verbose: false,
  prefix: 'set -euo pipefail; export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin";',
});

/** Awaits a script and turns its failure into a LAB error: what was tried, then what the tool said. */
export async function attempt<T>(what: string, work: PromiseLike<T>, hint?: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ProcessOutput)) throw error;
    const said = error.stderr.trim() || error.stdout.trim() || `exit status ${error.exitCode ?? error.signal}`;
    const lines = said.split('\n').slice(-8).join('\n');
    throw new LamplighterError('LAB', `could not ${what}: ${lines}`, { hint, cause: error });
  }
}
