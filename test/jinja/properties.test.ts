import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JinjaError } from '../../run/jinja/errors.ts';
import { dumpJson } from '../../run/jinja/python/json-dump.ts';
import { loadJson } from '../../run/jinja/python/json-load.ts';
import { literalEval } from '../../run/jinja/python/literal.ts';
import { compileRegex, searchRegex } from '../../run/jinja/python/regex.ts';
import { pyRepr } from '../../run/jinja/python/repr.ts';
import { dumpYaml } from '../../run/jinja/python/yaml-dump.ts';
import { loadYaml } from '../../run/jinja/python/yaml-load.ts';
import { compileExpression, compileTemplate } from '../../run/jinja/template.ts';
import { equal } from '../../run/jinja/values/compare.ts';

const test = suite('properties');

/** Pieces that templates are made of, in any order. */
const pieces = fc.constantFrom(
  ...['{{', '}}', '{%', '%}', '{#', '#}', '-', '+', ' ', '\n', 'if', 'for', 'in', 'endif', 'endfor', 'set', 'raw'],
  ...['endraw', 'macro', 'x', '|', 'upper', 'is', 'defined', '(', ')', '[', ']', '{', '}', ',', ':', '.', '"', "'"],
  ...['\\', '1', '1.5', '=', '==', '~', '**', 'not', 'and', 'é', '😀', 'block', 'extends', 'call', 'filter'],
);

/** Runs it; whatever is thrown must be ours. */
function quietly(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof JinjaError)) throw error;
  }
}

test('no text makes the compiler or a rendering fail in a way of its own', () => {
  const scope = { resolve: (name: string) => (name === 'x' ? 'text' : undefined) };
  const any = fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(any, (text) => {
      quietly(() => compileTemplate(text).render(scope, {}));
      quietly(() => compileExpression(text).render(scope, {}));
    }),
    { numRuns: 1500 },
  );
});

test('text without tags is rendered as it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !/[{][{%#]/.test(text)),
      (text) => compileTemplate(text).renderString({ resolve: () => undefined }, {}) === text,
    ),
  );
});

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).filter((text) => !/\p{Cs}/u.test(text)),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isInteger(number)),
  fc.boolean(),
  fc.constant(null),
);
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

test('what repr writes, literal_eval reads', () => {
  fc.assert(
    fc.property(data, (value) => equal(literalEval(pyRepr(value)), value)),
    { numRuns: 500 },
  );
});

test('what to_json writes, from_json reads', () => {
  fc.assert(
    fc.property(data, (value) => equal(loadJson(dumpJson(value)), value)),
    { numRuns: 500 },
  );
});

const printable = fc.string({ unit: fc.constantFrom(...'ab1 :-#\'"\n,[]{}&*!|>%@`?=~.éß\\'.split('')), maxLength: 12 });

test('what to_nice_yaml writes, from_yaml reads', () => {
  fc.assert(
    fc.property(fc.array(printable, { maxLength: 4 }), fc.integer({ min: 2, max: 8 }), (texts, indent) => {
      const value = { list: texts, map: Object.fromEntries(texts.map((text, index) => [`k${index}`, text])) };
      assert.ok(equal(loadYaml(dumpYaml(value, { indent, flow: 'none' })), value), dumpYaml(value, { indent }));
      assert.ok(equal(loadYaml(dumpYaml(value, { flow: 'leaves' })), value), dumpYaml(value, { flow: 'leaves' }));
    }),
    { numRuns: 500 },
  );
});

test('an escaped text is a pattern of itself', () => {
  const escaping = compileTemplate('{{ text | regex_escape }}');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const pattern = escaping.renderNative({ resolve: () => text }, {}) as string;
      return searchRegex(compileRegex(pattern), text, 'fullmatch')?.[0] === text;
    }),
  );
});

test('a pattern is translated or refused, never misread by JS', () => {
  const parts = fc.constantFrom(
    ...['a', '[', ']', '(', ')', '?', 'P', '<', '>', '=', '*', '+', '{', '}', '1', ',', '\\'],
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 10 }), (text) => quietly(() => compileRegex(text.join('')))),
    { numRuns: 1000 },
  );
});

test.run();
