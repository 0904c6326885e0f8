import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { suite } from 'uvu';
import { differences, emptiness, readCase } from './compare.ts';
import { Oracles } from './oracles.ts';
import { ansiblePython, type Oracle, runOurs } from './runners.ts';

/*
 * The language against ansible-playbook: every playbook of cases/THEME/ is run by both, and hosts, results, recap, exit
 * code and files must be the same. `PARITY=loop npx tsx test/parity/language.test.ts` runs the cases whose names match.
 */

const parity = suite('parity of the language');
const FOLDER = join(import.meta.dirname, 'cases');
const AT_A_TIME = 2;

const ansible = ansiblePython();
const files = readdirSync(FOLDER)
  .flatMap((theme) => readdirSync(join(FOLDER, theme)).map((file) => join(theme, file)))
  .filter((file) => file.endsWith('.yaml') && new RegExp(process.env.PARITY ?? '').test(file))
  .map((file) => join(FOLDER, file));
let oracles: Oracles | undefined;

if ('missing' in ansible) console.log(`Parity of the language skipped: ${ansible.missing}`);
const test = 'missing' in ansible ? parity.skip : parity;
const outcomes = new Map<string, Promise<string[]>>();

parity.before(() => {
  if ('missing' in ansible) return;
  const pool = new Oracles(ansible.python, AT_A_TIME);
  oracles = pool;
  for (const file of files) {
    const outcome = pool.with((oracle) => compareCase(file, oracle));
    outcome.catch(() => {});
    outcomes.set(file, outcome);
  }
});
parity.after(() => oracles?.close());

for (const file of files)
  test(relative(FOLDER, file).slice(0, -'.yaml'.length), async () => {
    const found = await outcomes.get(file)!;
    // As details, since a message would be told twice.
    if (found.length > 0)
      throw Object.assign(new Error('not as ansible-playbook'), { details: `\n${found.join('\n')}\n` });
  });

async function compareCase(file: string, oracle: Oracle): Promise<string[]> {
  const { runs, expected, refused } = readCase(file);
  const found: string[] = [];
  for (const args of runs) {
    const theirs = await oracle.run(file, args);
    const ours = await runOurs(file, args);
    const empty = emptiness(theirs, refused);
    const different = [...differences(theirs, ours, expected), ...(empty === undefined ? [] : [empty])];
    if (different.length === 0) continue;
    const command = `${relative(FOLDER, file)} ${args.join(' ')}`;
    found.push(`${command}\n  ${different.join('\n  ')}\n  theirs said: ${theirs.output}\n  ours said: ${ours.output}`);
  }
  return found;
}

parity.run();
