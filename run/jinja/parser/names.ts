/** Which filters, tests and lookups exist: the parser refuses all others. */
export interface KnownNames {
  filter(name: string): boolean;
  test(name: string): boolean;
  lookup(name: string): boolean;
  /** The nearest known name, for the hint of an error. */
  suggest(kind: 'filter' | 'test' | 'lookup', name: string): string | undefined;
}
