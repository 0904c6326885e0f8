const DEPTH = 2;

/** Things by a topic filter, so that those whose filter may overlap another's are found without looking at all. */
export class TopicIndex<T> {
  readonly #byStart = new Map<string, T[]>();
  /** With a wildcard among the first levels: near to everything. */
  readonly #wild: T[] = [];
  readonly #all: T[] = [];

  add(filter: string, thing: T): void {
    this.#all.push(thing);
    const start = startOf(filter);
    if (start === undefined) this.#wild.push(thing);
    else this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), thing]);
  }

  /** At least all whose filter overlaps this one. */
  near(filter: string): readonly T[] {
    const start = startOf(filter);
    return start === undefined ? this.#all : [...(this.#byStart.get(start) ?? []), ...this.#wild];
  }
}

/** The first levels, when they are all literal and all there. */
function startOf(filter: string): string | undefined {
  const levels = filter.split('/').slice(0, DEPTH);
  return levels.length < DEPTH || levels.some((level) => level === '+' || level === '#') ? undefined : levels.join('/');
}
