import type { Place } from '../errors.ts';
import { BLOCK_KEYWORDS } from './keywords.ts';
import { mappingOf } from './mapping.ts';
import type { SharedKeywords } from './model.ts';
import { checkKeywords, readShared } from './shared.ts';

const KEYWORDS = BLOCK_KEYWORDS.filter((key) => !['block', 'rescue', 'always', 'notify'].includes(key));

/** The keywords under `apply` of an include, for all that it includes. @throws LamplighterError as those of a block */
export function applyKeywords(apply: unknown, place: Place): SharedKeywords {
  if (apply === undefined || apply === null) return {};
  const keywords = mappingOf(apply, '"apply"', place);
  checkKeywords(keywords, '"apply"', KEYWORDS);
  return readShared(keywords);
}
