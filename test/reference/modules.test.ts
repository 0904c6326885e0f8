import { readFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Modules } from '../../run/plan/modules.ts';
import { moduleReference } from '../../run/reference/modules.ts';

const test = suite('module reference');

test('docs/modules.md is what the schemas say (npm run docs writes it)', async () => {
  const written = await readFile(new URL('../../docs/modules.md', import.meta.url), 'utf8');
  assert.is(written, await moduleReference(new Modules()));
});

test('shows types, defaults, what is required and what is refused', async () => {
  const text = await moduleReference(new Modules());
  assert.match(text, '| `lock_timeout` | int | `60` |');
  assert.match(text, '| `path`, `dest`, `name` | path | **required** |');
});

test.run();
