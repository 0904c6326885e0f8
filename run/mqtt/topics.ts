/** Whether a topic matches a filter with `+` and `#`; neither covers a first level that starts with `$`. MQTT 4.7. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  if (topic.startsWith('$') && !filter.startsWith('$')) return false;
  for (const [i, word] of wanted.entries()) {
    if (word === '#') return true;
    if (i >= levels.length || (word !== '+' && word !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}

/** Whether some topic matches both filters. */
export function overlap(a: string, b: string): boolean {
  const [first, second] = [a.split('/'), b.split('/')];
  for (let i = 0; ; i++) {
    const [x, y] = [first[i], second[i]];
    if (x === '#' || y === '#') return true;
    if (x === undefined || y === undefined) return x === y;
    if (x !== '+' && y !== '+' && x !== y) return false;
  }
}
