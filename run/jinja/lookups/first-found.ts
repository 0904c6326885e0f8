import { JinjaError, lookupError } from '../errors.ts';
import { joinPaths } from '../filters/paths.ts';
import { pyString } from '../python/repr.ts';
import { dictEntries } from '../values/dict.ts';
import { isDict, isSequence, isText } from '../values/kinds.ts';
import type { Keywords } from '../values/types.ts';
import { contextOf, flagOption, type Lookup } from './plugin.ts';

interface Search {
  candidates: string[];
  skip: boolean;
}

function split(value: unknown, separators: RegExp): string[] {
  const texts = isSequence(value) ? value : value === undefined || value === null ? [] : [value];
  return texts.flatMap((text) => (isSequence(text) ? split(text, separators) : pyString(text).split(separators)));
}

function collect(terms: readonly unknown[], options: Keywords): Search {
  const search: Search = { candidates: [], skip: flagOption(options, 'skip', false) };
  for (const term of terms) {
    if (isSequence(term)) {
      const inner = collect(term, options);
      search.candidates.push(...inner.candidates);
      search.skip = inner.skip;
      continue;
    }
    if (!isDict(term) && !isText(term))
      throw lookupError(`Invalid term supplied, can handle string, mapping or list of strings`);
    const given = isDict(term) ? (Object.fromEntries(dictEntries(term)) as Keywords) : options;
    search.skip = flagOption(given, 'skip', false);
    const files = split(given.files, /[,;]/);
    const paths = split(given.paths, /[,:;]/);
    if (paths.length > 0)
      search.candidates.push(...paths.flatMap((path) => files.map((file) => joinPaths([path, file]))));
    else if (files.length > 0) search.candidates = files;
    else if (isText(term)) search.candidates.push(String(term));
  }
  return search;
}

/** Ansible's `first_found`: the path of the first file that exists. */
export const firstFound: Lookup = (terms, options, rt) => {
  const { candidates, skip } = collect(terms.length === 0 ? [{ ...options }] : terms, options);
  const context = contextOf(rt);
  for (const candidate of candidates) {
    const name = templated(candidate, context.template?.bind(context));
    const path = name === undefined ? undefined : context.findFile(kindOf(options), name);
    if (path !== undefined) return [path];
  }
  if (skip) return [];
  throw lookupError('No file was found when using first_found.');
};

/** `with_first_found` looks where its task's module would. */
function kindOf(options: Keywords): 'files' | 'templates' | 'vars' {
  return options._subdir === 'templates' || options._subdir === 'vars' ? options._subdir : 'files';
}

/** A candidate whose variables are not defined does not count. */
function templated(candidate: string, template: ((text: string) => unknown) | undefined): string | undefined {
  if (!template || !candidate.includes('{{')) return candidate;
  try {
    return pyString(template(candidate));
  } catch (error) {
    if (error instanceof JinjaError && error.kind === 'undefined') return undefined;
    throw error;
  }
}
