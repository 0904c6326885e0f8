import type { Place } from '../errors.ts';
import type { SourceText } from './source.ts';

/** Offsets in the source: where a key stands, where its value begins, where the text inside the value's quotes begins. */
export interface Mark {
  key: number;
  value: number;
  content: number;
  /** The source of this entry when it came from elsewhere (a merge of several files). */
  source?: SourceText;
}

interface Marks {
  source: SourceText;
  start: number;
  entries: Map<unknown, Mark>;
}

const marksOf = Symbol('marks');

/** Notes where a list or mapping, and each of its entries, was written. */
export function markPlaces(container: object, source: SourceText, start: number, entries: Map<unknown, Mark>): void {
  const marks: Marks = { source, start, entries };
  Object.defineProperty(container, marksOf, { value: marks, enumerable: false, configurable: true });
}

/** Gives `copy` the places of `original`, whose keys it holds (and maybe others, which keep their own). */
export function copyPlaces(copy: object, ...originals: object[]): void {
  const entries = new Map<unknown, Mark>();
  let first: Marks | undefined;
  for (const original of originals) {
    const marks = marksIn(original);
    if (!marks) continue;
    first ??= marks;
    for (const [key, mark] of marks.entries) entries.set(key, { source: marks.source, ...mark });
  }
  if (first) markPlaces(copy, first.source, first.start, entries);
}

/** Gives all entries of `container` the place of one entry of another: what a person wrote as one string. */
export function markAllAs(container: object, original: object, key: unknown): void {
  const marks = marksIn(original);
  const mark = marks?.entries.get(key);
  if (!marks || !mark) return;
  const source = mark.source ?? marks.source;
  const here: Mark = { key: mark.content, value: mark.content, content: mark.content, source };
  const entries = Array.isArray(container) ? container.keys() : Object.keys(container);
  markPlaces(container, source, mark.value, new Map([...entries].map((entry) => [entry, here])));
}

/**
 * Where a list or mapping that was read from a file begins or, given a key or an index, where that entry's value begins.
 * Undefined for what did not come from a file.
 */
export function placeOf(container: unknown, key?: unknown): Place | undefined {
  return place(container, key, 'value');
}

/** The same place as one that was reached by way of another. */
export function reachedFrom(place: Place, from: Place | undefined): Place {
  if (from !== undefined) place.from ??= from;
  return place;
}

/** Where the key of an entry stands (for a list's entry: the value). */
export function keyPlaceOf(container: unknown, key: unknown): Place | undefined {
  return place(container, key, 'key');
}

/** Where the text of a string entry begins: after the opening quote, on the first line of a block scalar. */
export function contentPlaceOf(container: unknown, key: unknown): Place | undefined {
  return place(container, key, 'content');
}

function place(container: unknown, key: unknown, which: 'key' | 'value' | 'content'): Place | undefined {
  const marks = marksIn(container);
  if (!marks) return undefined;
  if (key === undefined) return marks.source.placeAt(marks.start);
  const mark = marks.entries.get(key);
  if (!mark) return marks.source.placeAt(marks.start);
  return (mark.source ?? marks.source).placeAt(mark[which]);
}

function marksIn(container: unknown): Marks | undefined {
  if (typeof container !== 'object' || container === null) return undefined;
  return (container as { [marksOf]?: Marks })[marksOf];
}
