/** Whether a text anywhere in a value as it is written passes a test. */
export function mentions(value: unknown, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (typeof value !== 'object' || value === null) return false;
  const parts = value instanceof Map ? [...value.values()] : Object.values(value);
  return parts.some((part) => mentions(part, test));
}
