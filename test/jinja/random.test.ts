import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { suite } from 'uvu';
import { JinjaError } from '../../run/jinja/errors.ts';
import { compileTemplate } from '../../run/jinja/template.ts';
import { ansiblePython } from '../parity/runners.ts';
import { TEMPLATES, VARIABLES } from './random/templates.ts';
import { scopeOf, variablesOf } from './scopes.ts';

/*
 * Random templates, rendered by Ansible and here: the same text, or an error in both. They are the same in every run;
 * `JINJA_SEED=7 JINJA_RUNS=100` looks for more (a run is a hundred templates), and what fails is shown made small.
 */

const random = suite('random templates');
const SEED = Number(process.env.JINJA_SEED ?? 1);
const RUNS = Number(process.env.JINJA_RUNS ?? 20);
const TOGETHER = 100;

interface Outcome {
  text?: string;
  error?: string;
}

const ansible = ansiblePython();
if ('missing' in ansible) console.log(`Random templates skipped: ${ansible.missing}`);
const test = 'missing' in ansible ? random.skip : random;

test('say what they say in Ansible', async () => {
  if ('missing' in ansible) return;
  process.env.TZ = 'UTC';
  const oracle = startOracle(ansible.python);
  try {
    const templates = fc.array(TEMPLATES, { minLength: 1, maxLength: TOGETHER, size: 'max' });
    const property = fc.asyncProperty(templates, async (some) => {
      const theirs = await oracle.render(some);
      const found = some.flatMap((template, i) => difference(template, theirs[i]!));
      if (found.length > 0) throw new Error(found.join('\n'));
    });
    const { failed, errorInstance } = await fc.check(property, { seed: SEED, numRuns: RUNS });
    if (failed)
      throw Object.assign(new Error('not as Ansible'), { details: `\n${(errorInstance as Error).message}\n` });
  } finally {
    oracle.close();
  }
});

const variables = variablesOf(JSON.stringify({ vars: VARIABLES }));

function difference(template: string, theirs: Outcome): string[] {
  const ours = rendered(template);
  if (theirs.error !== undefined ? ours.error !== undefined : ours.text === theirs.text) return [];
  return [`${template}\n  Ansible: ${JSON.stringify(theirs)}\n  here:    ${JSON.stringify(ours)}`];
}

function rendered(template: string): Outcome {
  try {
    return { text: compileTemplate(template).renderString(scopeOf(variables()), {}) };
  } catch (error) {
    if (!(error instanceof JinjaError)) throw error;
    return { error: error.message };
  }
}

function startOracle(python: string) {
  const server = spawn(python, ['-W', 'ignore', join(import.meta.dirname, 'random/serve.py')], {
    env: { ...process.env, ANSIBLE_DEPRECATION_WARNINGS: 'false', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  return {
    async render(templates: string[]): Promise<Outcome[]> {
      server.stdin.write(`${JSON.stringify({ templates, variables: VARIABLES })}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error('the process that renders with Ansible has ended');
      return JSON.parse(answer.value) as Outcome[];
    },
    close: () => server.stdin.end(),
  };
}

random.run();
