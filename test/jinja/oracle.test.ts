import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JinjaError } from '../../run/jinja/errors.ts';
import { pyString } from '../../run/jinja/python/repr.ts';
import { compileTemplate } from '../../run/jinja/template.ts';
import { dictEntries } from '../../run/jinja/values/dict.ts';
import { isDict } from '../../run/jinja/values/kinds.ts';
import { Float, Tuple } from '../../run/jinja/values/types.ts';
import { scopeOf, variablesOf } from './scopes.ts';

/** Outcomes of ansible-core 2.14 on Python 3.11: of a playbook's string (`render`) and of a template file (`text`). */
interface Case {
  template: string;
  render?: unknown;
  render_error?: string;
  text?: string;
  text_error?: string;
}

const fixture = readFileSync('test/fixtures/jinja_more_cases.json', 'utf8');
const variables = variablesOf(fixture);
const { cases } = JSON.parse(fixture) as { cases: Case[] };

/** Python's types that JSON has not, in the fixture's notation. */
function tagged(value: unknown): unknown {
  if (typeof value === 'bigint') return { $int: String(value) };
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $float: pyString(value) };
  if (value instanceof Float) return { $float: pyString(value) };
  if (value instanceof Tuple) return { $tuple: value.map(tagged) };
  if (Array.isArray(value)) return value.map(tagged);
  if (value instanceof Set) return { $set: [...value].map(tagged).sort() };
  if (!isDict(value)) return value;
  const entries = dictEntries(value);
  if (entries.every(([key]) => typeof key === 'string')) {
    return Object.fromEntries(entries.map(([key, item]) => [key, tagged(item)]));
  }
  return { $dict: entries.map(([key, item]) => [tagged(key), tagged(item)]) };
}

const strings = suite('playbook strings, as Ansible renders them');
const files = suite('template files, as Ansible renders them');

for (const each of [strings, files]) {
  each.before(() => {
    process.env.HOME = '/root';
    process.env.TZ = 'UTC';
  });
}

function check(refused: string | undefined, expected: unknown, render: () => unknown): void {
  if (refused === undefined) assert.equal(tagged(render()), expected);
  else assert.throws(render, (error: unknown) => error instanceof JinjaError);
}

for (const { template, render, render_error, text, text_error } of cases) {
  const scope = () => scopeOf(variables());
  strings(template, () => check(render_error, render, () => compileTemplate(template).render(scope(), {})));
  files(template, () => check(text_error, text, () => compileTemplate(template).renderString(scope(), {})));
}

strings.run();
files.run();
