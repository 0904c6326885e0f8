import { collectionLookups, oldCollectionLookups } from './collections.ts';
import { config } from './config.ts';
import { csvfile } from './csvfile.ts';
import { fileLookups } from './files.ts';
import { firstFound } from './first-found.ts';
import { ini } from './ini.ts';
import { password } from './password.ts';
import type { Lookup } from './plugin.ts';
import { processLookups } from './processes.ts';
import { sequence } from './sequence.ts';
import { url } from './url.ts';
import { variableLookups } from './variables.ts';

const plugins: Readonly<Record<string, Lookup>> = {
  ...collectionLookups,
  ...fileLookups,
  ...processLookups,
  ...variableLookups,
  config,
  csvfile,
  first_found: firstFound,
  ini,
  password,
  sequence,
  url,
};

const lookups = new Map(
  [['ansible.builtin', plugins] as const, ['community.general', oldCollectionLookups] as const].flatMap(
    ([collection, family]) =>
      Object.entries(family).flatMap(([name, plugin]) => [
        [name, plugin] as const,
        [`${collection}.${name}`, plugin] as const,
      ]),
  ),
);

export const lookupNames: readonly string[] = [...lookups.keys()];

/** A lookup by its short name or by its full one. */
export function findLookup(name: string): Lookup | undefined {
  return lookups.get(name);
}
