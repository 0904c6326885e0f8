import { type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { toNumber } from '../python/arithmetic.ts';
import { parseFloatText } from '../python/numbers.ts';
import { pyString } from '../python/repr.ts';
import { formatTime, type TimeFields } from '../python/strftime.ts';
import { parseTime } from '../python/strptime.ts';
import type { Runtime } from '../runtime.ts';
import { isNumber, isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';

/** The clock's fields of a moment, here or in UTC. */
function fieldsOf(date: Date, utc: boolean): TimeFields {
  const offset = utc ? 0 : -date.getTimezoneOffset();
  const shown = new Date(date.getTime() + offset * 60_000);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    microsecond: 0,
    weekday: (shown.getUTCDay() + 6) % 7,
    offset,
    zone: utc ? 'GMT' : zoneName(date),
  };
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

function strftime(rt: Runtime, format: unknown, second: unknown, utc: unknown): string {
  let date = rt.env.now?.() ?? new Date();
  if (second !== undefined && second !== null) {
    const seconds = isNumber(second) ? toNumber(second) : isText(second) ? parseFloatText(String(second)) : undefined;
    if (seconds === undefined) throw filterError(`Invalid value for epoch value (${pyString(second)})`);
    date = new Date(Math.floor(seconds) * 1000);
  }
  return formatTime(pyString(format).replaceAll('%f', '%%f'), fieldsOf(date, utc !== undefined && truthy(utc)));
}

/** Ansible's filters for dates. */
export const dateFilters: Builtins = {
  strftime: builtin('string_format, second?, utc?', strftime),
  to_datetime: builtin('string, format?', (_rt, text, format) =>
    parseTime(pyString(text), format === undefined ? '%Y-%m-%d %H:%M:%S' : pyString(format)),
  ),
};
