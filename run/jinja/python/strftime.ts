export interface TimeFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** Minutes east of Greenwich; `undefined` for a time without a zone. */
  readonly offset: number | undefined;
  readonly zone: string;
}

export const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
export const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

const two = (value: number) => String(value).padStart(2, '0');
const blank = (value: number) => String(value).padStart(2, ' ');

function yearDay({ year, month, day }: TimeFields): number {
  return Math.round((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
}

function isoWeek(fields: TimeFields): { year: number; week: number } {
  const thursday = new Date(Date.UTC(fields.year, fields.month - 1, fields.day - fields.weekday + 3));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 / 7) + 1 };
}

function zoneOffset({ offset }: TimeFields): string {
  if (offset === undefined) return '';
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

type Formatter = (fields: TimeFields) => string;

const compose =
  (format: string): Formatter =>
  (fields) =>
    formatTime(format, fields);

const formatters: Record<string, Formatter> = {
  a: ({ weekday }) => days[weekday]!.slice(0, 3),
  A: ({ weekday }) => days[weekday]!,
  b: ({ month }) => months[month - 1]!.slice(0, 3),
  B: ({ month }) => months[month - 1]!,
  c: compose('%a %b %e %H:%M:%S %Y'),
  C: ({ year }) => two(Math.floor(year / 100)),
  d: ({ day }) => two(day),
  D: compose('%m/%d/%y'),
  e: ({ day }) => blank(day),
  f: ({ microsecond }) => String(microsecond).padStart(6, '0'),
  F: compose('%Y-%m-%d'),
  g: (fields) => two(isoWeek(fields).year % 100),
  G: (fields) => String(isoWeek(fields).year),
  h: compose('%b'),
  H: ({ hour }) => two(hour),
  I: ({ hour }) => two(hour % 12 || 12),
  j: (fields) => String(yearDay(fields)).padStart(3, '0'),
  k: ({ hour }) => blank(hour),
  l: ({ hour }) => blank(hour % 12 || 12),
  m: ({ month }) => two(month),
  M: ({ minute }) => two(minute),
  n: () => '\n',
  p: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  P: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  r: compose('%I:%M:%S %p'),
  R: compose('%H:%M'),
  s: (fields) => String(epoch(fields)),
  S: ({ second }) => two(second),
  t: () => '\t',
  T: compose('%H:%M:%S'),
  u: ({ weekday }) => String(weekday + 1),
  U: (fields) => two(Math.floor((yearDay(fields) + 6 - ((fields.weekday + 1) % 7)) / 7)),
  V: (fields) => two(isoWeek(fields).week),
  w: ({ weekday }) => String((weekday + 1) % 7),
  W: (fields) => two(Math.floor((yearDay(fields) + 6 - fields.weekday) / 7)),
  x: compose('%m/%d/%y'),
  X: compose('%H:%M:%S'),
  y: ({ year }) => two(year % 100),
  Y: ({ year }) => String(year),
  z: zoneOffset,
  Z: ({ zone }) => zone,
  '%': () => '%',
};

/** As glibc does it: the clock is the controller's, whatever zone the fields are in. */
function epoch({ year, month, day, hour, minute, second }: TimeFields): number {
  return Math.floor(new Date(year, month - 1, day, hour, minute, second).getTime() / 1000);
}

/** C's `strftime` in the C locale, with glibc's `%-d` and `%_d`. Unknown directives stay as they are. */
export function formatTime(format: string, fields: TimeFields): string {
  return format.replace(/%([-_0^]?)([a-zA-Z%])/g, (whole, flag: string, letter: string) => {
    const text = formatters[letter]?.(fields);
    if (text === undefined) return whole;
    if (flag === '-') return text.replace(/^[0 ]+(?=.)/, '');
    if (flag === '_') return text.replace(/^0+(?=.)/, (zeros) => ' '.repeat(zeros.length));
    if (flag === '^') return text.toUpperCase();
    return flag === '0' ? text.replace(/^ +/, (blanks) => '0'.repeat(blanks.length)) : text;
  });
}
