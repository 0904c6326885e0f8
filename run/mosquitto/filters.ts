/** Why a text is no topic filter of MQTT 4.7; undefined when it is one. */
export function wrongFilter(filter: string): string | undefined {
  const levels = filter.split('/');
  for (const [i, level] of levels.entries()) {
    if (level.includes('#') && i < levels.length - 1) return '"#" has to be the last level';
    if (level.length > 1 && level.includes('#')) return '"#" has to have a level of its own';
    if (level.length > 1 && level.includes('+')) return '"+" has to have a level of its own';
  }
  return undefined;
}

/** The filter of the topics that match both, or undefined when none does. */
export function intersection(a: string, b: string): string | undefined {
  const [first, second] = [a.split('/'), b.split('/')];
  const common: string[] = [];
  for (let i = 0; ; i++) {
    const [x, y] = [first[i], second[i]];
    if (x === '#') return [...common, ...(y === undefined ? [] : second.slice(i))].join('/');
    if (y === '#') return [...common, ...(x === undefined ? [] : first.slice(i))].join('/');
    if (x === undefined || y === undefined) return x === y ? common.join('/') : undefined;
    if (x !== '+' && y !== '+' && x !== y) return undefined;
    common.push(x === '+' ? y : x);
  }
}

export function overlap(a: string, b: string): boolean {
  return intersection(a, b) !== undefined;
}
