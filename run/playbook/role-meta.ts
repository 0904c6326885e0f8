import type { Place } from '../errors.ts';
import { listOf } from './mapping.ts';
import type { Raw } from './model.ts';
import { placeOf } from './places.ts';
import { checkKeywords, checkKind, readShared } from './shared.ts';

export interface RoleMeta {
  allowDuplicates: boolean;
  dependencies: { value: unknown; place: Place | undefined }[];
  collections: string[];
  argumentSpecs: Record<string, Raw>;
}

const KEYWORDS = ['allow_duplicates', 'dependencies', 'galaxy_info', 'argument_specs', 'collections', 'galaxy_tags'];

/** What meta/main.yml says of a role; `galaxy_info` is for those who publish it. @throws LamplighterError */
export function readMeta(meta: Record<string, Raw>): RoleMeta {
  checkKeywords(meta, "a role's meta/main.yml", KEYWORDS);
  const { dependencies, argument_specs: specs } = meta;
  const list =
    dependencies === undefined || dependencies === null
      ? []
      : listOf(dependencies, '"dependencies"', placeOf(meta, 'dependencies'));
  const duplicates = meta.allow_duplicates ?? null;
  return {
    allowDuplicates:
      duplicates !== null && /^(?:y|yes|on|1|true|t)$/i.test(String(checkKind(meta, 'allow_duplicates', 'bool'))),
    dependencies: list.map((value, index) => ({ value, place: placeOf(list, index) })),
    collections: readShared({ collections: meta.collections ?? null }).collections ?? [],
    argumentSpecs: typeof specs === 'object' && specs !== null ? (specs as Record<string, Raw>) : {},
  };
}
