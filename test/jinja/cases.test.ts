import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JinjaError } from '../../run/jinja/errors.ts';
import { compileTemplate } from '../../run/jinja/template.ts';
import { toPlain } from '../../run/jinja/values/plain.ts';
import { scopeOf, variablesOf } from './scopes.ts';

interface Case {
  id: number;
  template: string;
  /** What Ansible 2.14 makes of it without converting text to data; null when it refuses. */
  ansible: unknown;
  ansible_error?: string;
}

const text = readFileSync('test/fixtures/jinja_cases.json', 'utf8');
const variables = variablesOf(text);
const { cases } = JSON.parse(text) as { cases: Case[] };

/** What this machine's Ansible had, or how it prints its own functions. */
const deviations = new Map([
  [79, 'json_query is built in here'],
  [112, 'prints the address of a Python function'],
]);

const test = suite('what Ansible makes of 336 templates');
test.before(() => {
  process.env.HOME = '/tmp/npmtrial';
});

for (const { id, template, ansible, ansible_error: refused } of cases) {
  if (deviations.has(id)) continue;
  test(`${id}: ${template}`, () => {
    const scope = scopeOf(variables());
    const render = () => {
      const compiled = compileTemplate(template);
      return typeof ansible === 'string' ? compiled.renderString(scope, {}) : compiled.render(scope, {});
    };
    if (refused === undefined) assert.equal(toPlain(render()), ansible);
    else assert.throws(render, (error: unknown) => error instanceof JinjaError);
  });
}

test.run();
