import type { Builtin, Builtins } from '../builtin.ts';
import { collectionFilters } from './collections.ts';
import { combinationFilters } from './combinations.ts';
import { dateFilters } from './dates.ts';
import { dictFilters } from './dicts.ts';
import { encodingFilters } from './encodings.ts';
import { hashFilters } from './hashes.ts';
import { htmlFilters } from './html.ts';
import { ipFilters } from './ip.ts';
import { mathFilters } from './math.ts';
import { pathFilters } from './paths.ts';
import { queryFilters } from './queries.ts';
import { randomFilters } from './randoms.ts';
import { regexFilters } from './regexes.ts';
import { selectionFilters } from './selections.ts';
import { sequenceFilters } from './sequences.ts';
import { serialFilters } from './serials.ts';
import { setFilters } from './sets.ts';
import { textFilters } from './texts.ts';
import { typeFilters } from './types.ts';
import { urlFilters } from './urls.ts';
import { vaultFilters } from './vaults.ts';

/** Filters by the collection that Ansible has them in; Jinja2's own may be called as `ansible.builtin.…` too. */
const families: readonly (readonly [string, Builtins])[] = [
  ['ansible.builtin', collectionFilters],
  ['ansible.builtin', combinationFilters],
  ['ansible.builtin', dateFilters],
  ['ansible.builtin', dictFilters],
  ['ansible.builtin', encodingFilters],
  ['ansible.builtin', hashFilters],
  ['ansible.builtin', htmlFilters],
  ['ansible.builtin', mathFilters],
  ['ansible.builtin', pathFilters],
  ['ansible.builtin', randomFilters],
  ['ansible.builtin', regexFilters],
  ['ansible.builtin', selectionFilters],
  ['ansible.builtin', sequenceFilters],
  ['ansible.builtin', serialFilters],
  ['ansible.builtin', setFilters],
  ['ansible.builtin', textFilters],
  ['ansible.builtin', typeFilters],
  ['ansible.builtin', urlFilters],
  ['ansible.builtin', vaultFilters],
  ['ansible.utils', ipFilters],
  // Where they came from: the old name still leads to them.
  ['ansible.netcommon', ipFilters],
  ['community.general', queryFilters],
];

const filters = new Map<string, Builtin>();
for (const [collection, family] of families) {
  for (const [name, filter] of Object.entries(family)) {
    filters.set(name, filter);
    filters.set(`${collection}.${name}`, filter);
  }
}

export const filterNames: readonly string[] = [...filters.keys()];

/** A filter by its short name or by its full one. */
export function findFilter(name: string): Builtin | undefined {
  return filters.get(name);
}
