import type { Builtin, Builtins } from '../builtin.ts';
import { collectionTests } from './collections.ts';
import { compareTests } from './comparisons.ts';
import { fileTests } from './files.ts';
import { ipTests } from './ip.ts';
import { kindTests } from './kinds.ts';
import { resultTests } from './results.ts';
import { textTests } from './texts.ts';

const families: readonly (readonly [string, Builtins])[] = [
  ['ansible.builtin', collectionTests],
  ['ansible.builtin', compareTests],
  ['ansible.builtin', fileTests],
  ['ansible.builtin', kindTests],
  ['ansible.builtin', resultTests],
  ['ansible.builtin', textTests],
  ['ansible.utils', ipTests],
];

const tests = new Map<string, Builtin>();
for (const [collection, family] of families) {
  for (const [name, test] of Object.entries(family)) {
    tests.set(name, test);
    tests.set(`${collection}.${name}`, test);
  }
}

export const testNames: readonly string[] = [...tests.keys()];

/** A test by its short name or by its full one. */
export function findTest(name: string): Builtin | undefined {
  return tests.get(name);
}
