const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * A time read by a Python `strptime` format, as touch(1) wants it: `YYYYMMDDhhmm.ss`, in the zone of whoever touches.
 * Fields that the format leaves out are those of 1900-01-01 00:00:00.
 * @throws RangeError when the text does not fit the format, or the format holds a directive that is not known
 */
export function touchTime(text: string, format: string): string {
  const names: string[] = [];
  const pattern = format.replace(/%.|[\\^$.*+?()[\]{}|]|\s+/g, (part) => {
    if (/^\s/.test(part)) return '\\s+';
    if (!part.startsWith('%')) return `\\${part}`;
    const directive = part[1]!;
    if (directive === '%') return '%';
    const found = DIRECTIVES[directive];
    if (!found) throw new RangeError(`'${directive}' is a bad directive in format '${format}'`);
    names.push(...found.names);
    return found.pattern;
  });
  const match = new RegExp(`^${pattern}$`, 'i').exec(text);
  if (!match) throw new RangeError(`time data '${text}' does not match format '${format}'`);
  const values = new Map(names.map((name, i) => [name, match[i + 1]!]));
  return assemble(values, text);
}

const two = '([0-9]{1,2})';
const DIRECTIVES: Record<string, { names: string[]; pattern: string }> = {
  Y: { names: ['Y'], pattern: '([0-9]{4})' },
  y: { names: ['y'], pattern: '([0-9]{2})' },
  m: { names: ['m'], pattern: '(1[0-2]|0[1-9]|[1-9])' },
  d: { names: ['d'], pattern: '(3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9])' },
  H: { names: ['H'], pattern: '(2[0-3]|[01][0-9]|[0-9])' },
  I: { names: ['I'], pattern: '(1[0-2]|0[1-9]|[1-9])' },
  M: { names: ['M'], pattern: '([0-5][0-9]|[0-9])' },
  S: { names: ['S'], pattern: '(6[01]|[0-5][0-9]|[0-9])' },
  p: { names: ['p'], pattern: '(am|pm)' },
  j: { names: ['j'], pattern: '(36[0-6]|3[0-5][0-9]|[12][0-9][0-9]|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])' },
  b: { names: ['b'], pattern: `(${MONTHS.join('|')})` },
  B: {
    names: ['b'],
    pattern: '(january|february|march|april|may|june|july|august|september|october|november|december)',
  },
  a: { names: ['a'], pattern: '(mon|tue|wed|thu|fri|sat|sun)' },
  A: { names: ['a'], pattern: '(monday|tuesday|wednesday|thursday|friday|saturday|sunday)' },
  T: { names: ['H', 'M', 'S'], pattern: `${two}:${two}:${two}` },
  D: { names: ['m', 'd', 'y'], pattern: `${two}/${two}/([0-9]{2})` },
};

function assemble(values: Map<string, string>, text: string): string {
  const number = (name: string, otherwise: number) => Number(values.get(name) ?? otherwise);
  let year = number('Y', 1900);
  // POSIX: 69 to 99 are of the last century.
  if (values.has('y')) year = number('y', 0) + (number('y', 0) < 69 ? 2000 : 1900);
  let month = values.has('b') ? MONTHS.indexOf(values.get('b')!.slice(0, 3).toLowerCase()) + 1 : number('m', 1);
  let day = number('d', 1);
  if (values.has('j')) {
    const date = new Date(Date.UTC(year, 0, number('j', 1)));
    month = date.getUTCMonth() + 1;
    day = date.getUTCDate();
  }
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) throw new RangeError(`day is out of range: '${text}'`);
  let hour = number('H', 0);
  if (values.has('I')) hour = (number('I', 0) % 12) + (values.get('p')?.toLowerCase() === 'pm' ? 12 : 0);
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  return `${pad(year, 4)}${pad(month)}${pad(day)}${pad(hour)}${pad(number('M', 0))}.${pad(number('S', 0))}`;
}
