import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JinjaError } from '../../run/jinja/errors.ts';
import type { TemplateOptions } from '../../run/jinja/options.ts';
import type { Environment } from '../../run/jinja/runtime.ts';
import { compileTemplate } from '../../run/jinja/template.ts';
import { scopeOf } from './scopes.ts';

/** Outcomes of Jinja2 3.1 with `trim_blocks` and the extensions `do` and `loopcontrols`. */
interface Fixture {
  files: Record<string, string>;
  cases: { template: string; vars: object; text?: string; error?: string }[];
  line: { template: string; text: string }[];
  whitespace: { template: string; trimBlocks: boolean; lstripBlocks: boolean; keep: boolean; text: string }[];
  delimiters: { template: string; options: Record<string, string>; text: string }[];
}

const { files, cases, line, whitespace, delimiters } = JSON.parse(
  readFileSync('test/fixtures/jinja_templates.json', 'utf8'),
) as Fixture;

const env: Environment = {
  loadTemplate: (name) => (Object.hasOwn(files, name) ? { source: files[name]!, file: name } : undefined),
};
const scope = scopeOf({ v: 1 });

const several = suite('include, import, extends and the extensions');
for (const { template, vars, text, error } of cases) {
  several(template, () => {
    const render = () =>
      compileTemplate(template, { extensions: ['do', 'loopcontrols'] }).renderString(scopeOf(vars), env);
    if (error === undefined) assert.is(render(), text);
    else assert.throws(render, (thrown: unknown) => thrown instanceof JinjaError);
  });
}
several.run();

const syntax = suite('whitespace, line statements and delimiters');
for (const { template, text } of line) {
  syntax(template, () => {
    const options = { lineStatementPrefix: '#', lineCommentPrefix: '##' };
    assert.is(compileTemplate(template, options).renderString(scope, {}), text);
  });
}

/** Ansible puts newlines at the end back whatever Jinja2 does. */
const chomp = (text: string) => text.replace(/\n+$/, '');
for (const { template, text, keep, ...blocks } of whitespace) {
  syntax(`${JSON.stringify(blocks)} ${keep} ${template}`, () => {
    const compiled = compileTemplate(template, { ...blocks, keepTrailingNewline: keep });
    assert.is(chomp(compiled.renderString(scope, {})), chomp(text));
  });
}

function camelCase(options: Record<string, string>): TemplateOptions {
  const entries = Object.entries(options).map(([name, value]) => [
    name.replace(/_string$/, '').replace(/_(.)/g, (_whole, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as TemplateOptions;
}
for (const { template, text, options } of delimiters) {
  syntax(template, () => assert.is(compileTemplate(template, camelCase(options)).renderString(scope, {}), text));
}
syntax.run();
