import { LamplighterError } from '../errors.ts';

const UNITS = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 } as const;

/** Whether a text is a time as community.crypto takes them. */
export function isTime(text: string): boolean {
  return relative(text) !== undefined || absolute(text) !== undefined;
}

/**
 * `+3650d`, `-1w2d3h4m5s` from now, or `YYYYMMDDHHMMSSZ`.
 * @throws LamplighterError BAD_ARGUMENT
 */
export function timeOf(text: string, now: Date): Date {
  const seconds = relative(text);
  // Certificates have whole seconds.
  const found = seconds === undefined ? absolute(text) : new Date(Math.floor(now.getTime() / 1000 + seconds) * 1000);
  if (found === undefined)
    throw new LamplighterError('BAD_ARGUMENT', `"${text}" is no time`, {
      hint: 'write +3650d (from now; units w d h m s) or 20301231235959Z',
    });
  return found;
}

/** Seconds of `30d` or `1w2d`; a number alone is days. */
export function durationOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) * UNITS.d : relative(text.startsWith('+') ? text : `+${text}`);
}

/** ASN.1's form, as community.crypto returns times: `20301231235959Z`. */
export function timeText(time: Date): string {
  return `${time
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:T]/g, '')}Z`;
}

function relative(text: string): number | undefined {
  const [, sign, ...parts] = /^([+-])(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text) ?? [];
  if (sign === undefined || parts.every((part) => part === undefined)) return undefined;
  const seconds = Object.values(UNITS).reduce((sum, unit, i) => sum + Number(parts[i] ?? 0) * unit, 0);
  return sign === '-' ? -seconds : seconds;
}

function absolute(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second = '00'] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
