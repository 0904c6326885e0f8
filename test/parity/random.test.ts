import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import { stringify } from 'yaml';
import { differences } from './compare.ts';
import { Oracles } from './oracles.ts';
import { PLAYBOOKS, type RandomPlaybook } from './random/plays.ts';
import { ansiblePython, runOurs } from './runners.ts';

/*
 * Random plays, run by ansible-playbook and by Lamplighter: what each host's tasks said, the recap, the exit code and the
 * files must be the same. The plays are the same in every run; `PARITY_SEED=7 PARITY_RUNS=1000` looks for more, and what
 * fails is shown made as small as it goes.
 */

const parity = suite('parity of random plays');
const CASES = join(import.meta.dirname, 'cases/language');
const SEED = Number(process.env.PARITY_SEED ?? 1);
const RUNS = Number(process.env.PARITY_RUNS ?? 30);
const AT_A_TIME = 2;
/** How long a failure is made smaller. */
const SHRINK_MS = 30_000;

const ansible = ansiblePython();
if ('missing' in ansible) console.log(`Parity of random plays skipped: ${ansible.missing}`);
const test = 'missing' in ansible ? parity.skip : parity;

test('hosts, results, recap, exit code and files are the same', async () => {
  if ('missing' in ansible) return;
  const oracles = new Oracles(ansible.python, AT_A_TIME);
  try {
    const outcomes = await Promise.all(
      Array.from({ length: AT_A_TIME }, (_, i) => search(oracles, SEED * 1000 + i, Math.ceil(RUNS / AT_A_TIME))),
    );
    const details = outcomes.filter((each) => each !== undefined).join('\n');
    if (details !== '') throw Object.assign(new Error('not as ansible-playbook'), { details: `\n${details}\n` });
  } finally {
    oracles.close();
  }
});

/** The smallest play found that the two run differently, with the differences. */
async function search(oracles: Oracles, seed: number, numRuns: number): Promise<string | undefined> {
  let failedAt = 0;
  const property = fc.asyncProperty(PLAYBOOKS, async (playbook) => {
    if (failedAt > 0 && Date.now() - failedAt > SHRINK_MS) return;
    const found = await compare(oracles, playbook);
    if (found === undefined) return;
    failedAt ||= Date.now();
    throw new Error(found);
  });
  const result = await fc.check(property, { seed, numRuns });
  if (!result.failed) return undefined;
  return `seed ${seed}: ${(result.errorInstance as Error).message}`;
}

async function compare(oracles: Oracles, { plays, args }: RandomPlaybook): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'parity-random-'));
  try {
    for (const name of ['roles', 'tasks', 'templates']) symlinkSync(join(CASES, name), join(folder, name));
    const file = join(folder, 'play.yaml');
    const text = stringify(plays, { aliasDuplicateObjects: false });
    // Whose result of a run_once task the hosts see is a matter of time there.
    if (/strategy: free/.test(text) && /run_once: true/.test(text)) return undefined;
    writeFileSync(file, text);
    const [theirs, ours] = await oracles.with(async (oracle) => [
      await oracle.run(file, args),
      await runOurs(file, args),
    ]);
    // Some undefined names in conditions end all of ansible-playbook with an error, where here the task fails.
    if (theirs.code === 1 && /^ERROR!/m.test(theirs.output)) return undefined;
    const found = differences(theirs, ours);
    if (found.length === 0) return undefined;
    return `${args.join(' ')}\n${text}\n${found.join('\n')}\ntheirs said: ${theirs.output}\nours said: ${ours.output}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

parity.run();
