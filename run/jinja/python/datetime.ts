import { typeError } from '../errors.ts';
import { isNumber } from '../values/kinds.ts';
import { NativeFunction, PyObject } from '../values/types.ts';
import { makeFloat, toNumber } from './arithmetic.ts';
import { formatTime, type TimeFields } from './strftime.ts';

const day = 86_400_000_000;

/** Python's `timedelta`, in microseconds. */
class TimeDelta extends PyObject {
  readonly typeName = 'timedelta';
  readonly micros: number;

  constructor(micros: number) {
    super();
    this.micros = micros;
  }

  private get parts(): { days: number; seconds: number; microseconds: number } {
    const days = Math.floor(this.micros / day);
    const rest = this.micros - days * day;
    return { days, seconds: Math.floor(rest / 1e6), microseconds: rest % 1e6 };
  }

  override repr(): string {
    const { days, seconds, microseconds } = this.parts;
    const shown = Object.entries({ days, seconds, microseconds }).filter(([, value]) => value !== 0);
    return `datetime.timedelta(${shown.map(([name, value]) => `${name}=${value}`).join(', ') || '0'})`;
  }

  override str(): string {
    const { days, seconds, microseconds } = this.parts;
    const two = (value: number) => String(value).padStart(2, '0');
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const head = days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `;
    return head + clock + (microseconds ? `.${String(microseconds).padStart(6, '0')}` : '');
  }

  override truthy(): boolean {
    return this.micros !== 0;
  }

  override attribute(name: string): unknown {
    if (name === 'total_seconds') return new NativeFunction(name, () => makeFloat(this.micros / 1e6));
    const { parts } = this;
    return name === 'days' || name === 'seconds' || name === 'microseconds' ? parts[name] : undefined;
  }

  override equals(other: unknown): boolean {
    return other instanceof TimeDelta && other.micros === this.micros;
  }

  override compare(other: unknown): number | undefined {
    return other instanceof TimeDelta ? this.micros - other.micros : undefined;
  }

  override operate(operator: string, other: unknown, swapped: boolean): unknown {
    if (operator === 'json') return this.str();
    if (other instanceof TimeDelta) {
      const [a, b] = swapped ? [other.micros, this.micros] : [this.micros, other.micros];
      if (operator === '+') return new TimeDelta(a + b);
      if (operator === '-') return new TimeDelta(a - b);
      if (operator === '/') return makeFloat(a / b);
      if (operator === '//') return Math.floor(a / b);
    }
    if (!isNumber(other)) return undefined;
    if (operator === '*') return new TimeDelta(Math.round(this.micros * toNumber(other)));
    if (operator === '-' && swapped && toNumber(other) === 0) return new TimeDelta(-this.micros);
    return operator === '/' && !swapped ? new TimeDelta(Math.round(this.micros / toNumber(other))) : undefined;
  }
}

/** Python's `datetime` without a time zone: microseconds since 1970 by its own clock. */
export class DateTime extends PyObject {
  readonly typeName = 'datetime';
  readonly micros: number;
  constructor(micros: number) {
    super();
    this.micros = micros;
  }

  /** The wall clock of `date`, here or in UTC. */
  static fromDate(date: Date, utc: boolean): DateTime {
    const shift = utc ? 0 : date.getTimezoneOffset() * 60_000;
    return new DateTime((date.getTime() - shift) * 1000);
  }

  static fromFields(
    year: number,
    month: number,
    dayOfMonth: number,
    hour = 0,
    minute = 0,
    second = 0,
    micro = 0,
  ): DateTime {
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, dayOfMonth);
    date.setUTCHours(hour, minute, second);
    return new DateTime(date.getTime() * 1000 + micro);
  }

  fields(): TimeFields {
    const date = new Date(Math.floor(this.micros / 1000));
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      microsecond: ((this.micros % 1e6) + 1e6) % 1e6,
      weekday: (date.getUTCDay() + 6) % 7,
      offset: undefined,
      zone: '',
    };
  }

  strftime(format: string): string {
    return formatTime(format, this.fields());
  }

  isoFormat(separator = 'T'): string {
    const { microsecond } = this.fields();
    return this.strftime(`%Y-%m-%d${separator}%H:%M:%S${microsecond ? '.%f' : ''}`);
  }

  /** Seconds since 1970 when this is the controller's wall clock. */
  timestamp(): number {
    const { year, month, day: date, hour, minute, second } = this.fields();
    return new Date(year, month - 1, date, hour, minute, second).getTime() / 1000 + (this.micros % 1e6) / 1e6;
  }

  override repr(): string {
    const { year, month, day: date, hour, minute, second, microsecond } = this.fields();
    const parts = [year, month, date, hour, minute];
    if (second || microsecond) parts.push(second);
    if (microsecond) parts.push(microsecond);
    return `datetime.datetime(${parts.join(', ')})`;
  }

  override str(): string {
    return this.isoFormat(' ');
  }

  override attribute(name: string): unknown {
    const fields = this.fields();
    if (['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'].includes(name)) {
      return fields[name as keyof TimeFields];
    }
    switch (name) {
      case 'strftime':
        return new NativeFunction(name, ([format]) => this.strftime(String(format)));
      case 'isoformat':
        return new NativeFunction(name, ([separator]) =>
          this.isoFormat(separator === undefined ? 'T' : String(separator)),
        );
      case 'timestamp':
        return new NativeFunction(name, () => makeFloat(this.timestamp()));
      case 'weekday':
        return new NativeFunction(name, () => fields.weekday);
      case 'isoweekday':
        return new NativeFunction(name, () => fields.weekday + 1);
      case 'date':
        return new NativeFunction(name, () => new DateOnly(this));
      case 'time':
        return new NativeFunction(name, () => this.strftime('%H:%M:%S'));
      case 'replace':
        return new NativeFunction(name, (_args, kwargs) => {
          const f = { ...fields, ...(kwargs as Partial<TimeFields>) };
          return DateTime.fromFields(f.year, f.month, f.day, f.hour, f.minute, f.second, f.microsecond);
        });
      default:
        return undefined;
    }
  }

  override equals(other: unknown): boolean {
    return other instanceof DateTime && other.micros === this.micros;
  }

  override compare(other: unknown): number | undefined {
    return other instanceof DateTime ? this.micros - other.micros : undefined;
  }

  override operate(operator: string, other: unknown, swapped: boolean): unknown {
    if (operator === 'json') return this.isoFormat();
    if (operator === 'format') return this.strftime(String(other));
    if (other instanceof TimeDelta) {
      if (operator === '+') return new DateTime(this.micros + other.micros);
      if (operator === '-' && !swapped) return new DateTime(this.micros - other.micros);
    }
    if (other instanceof DateTime && operator === '-') {
      return new TimeDelta(swapped ? other.micros - this.micros : this.micros - other.micros);
    }
    if (operator === '+' && other instanceof DateTime) {
      throw typeError("unsupported operand type(s) for +: 'datetime.datetime' and 'datetime.datetime'");
    }
    return undefined;
  }
}

/** Python's `date`. */
class DateOnly extends PyObject {
  readonly typeName = 'date';
  private readonly start: DateTime;

  constructor(moment: DateTime) {
    super();
    this.start = new DateTime(Math.floor(moment.micros / day) * day);
  }
  override str(): string {
    return this.start.strftime('%Y-%m-%d');
  }
  override repr(): string {
    const { year, month, day: date } = this.start.fields();
    return `datetime.date(${year}, ${month}, ${date})`;
  }
  override attribute(name: string): unknown {
    if (name === 'isoformat') return new NativeFunction(name, () => this.str());
    return ['year', 'month', 'day', 'strftime', 'weekday', 'isoweekday'].includes(name)
      ? this.start.attribute(name)
      : undefined;
  }
  override equals(other: unknown): boolean {
    return other instanceof DateOnly && this.start.equals(other.start);
  }
  override compare(other: unknown): number | undefined {
    return other instanceof DateOnly ? this.start.compare(other.start) : undefined;
  }
  override operate(operator: string, other: unknown, swapped: boolean): unknown {
    if (operator === 'json') return this.str();
    if (operator === '-' && other instanceof DateOnly) return this.start.operate('-', other.start, swapped);
    return undefined;
  }
}
