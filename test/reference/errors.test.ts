import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CODES, SITE_CODES } from '../../run/lint/rules.ts';
import { errorReference } from '../../run/reference/errors.ts';

const ROOT = join(import.meta.dirname, '../..');
const codes = suite('reference of codes');

codes('docs/errors.md is what the code says (npm run docs writes it)', () => {
  assert.is(readFileSync(join(ROOT, 'docs/errors.md'), 'utf8'), errorReference());
});

codes('every rule on a site is in it, and no other', () => {
  const used = new Set<string>();
  for (const directory of ['run', 'tasks'])
    for (const name of readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const text = readFileSync(join(ROOT, directory, name), 'utf8');
      for (const [, rule] of text.matchAll(/\b(?:mistake|doubt)\(\s*'([a-z-]+)'|rule: '([a-z-]+)'/g))
        if (rule !== undefined) used.add(rule);
      for (const [, rule] of text.matchAll(/\brule: '([a-z-]+)'/g)) used.add(rule!);
    }
  assert.ok(used.size > 20);
  const names = [...used].map((rule) => rule.toUpperCase().replaceAll('-', '_'));
  // What is found in files as well has its code there.
  const own = names.filter((name) => name !== 'ARGUMENT' && !Object.hasOwn(CODES, name));
  assert.equal(own.sort(), Object.keys(SITE_CODES).sort());
});

codes.run();
