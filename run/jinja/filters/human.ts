import { filterError } from '../errors.ts';
import { formatFloat } from '../python/format-number.ts';

const units = 'BKMGTPEZY';

function factor(unit: string): number | undefined {
  const power = units.indexOf(unit);
  return power < 0 ? undefined : 1024 ** power;
}

/** Ansible's `bytes_to_human`: a number of bytes (or bits) in the largest fitting unit, or in `unit`. */
export function humanReadable(size: number, bits: boolean, unit: string | undefined): string {
  const base = bits ? 'bits' : 'Bytes';
  let chosen = '';
  let limit = 1;
  for (const candidate of [...units].reverse()) {
    limit = factor(candidate)!;
    chosen = candidate;
    const fits = unit === undefined ? size >= limit : unit.toUpperCase() === candidate;
    if (fits) break;
  }
  const suffix = limit === 1 ? base : chosen + base[0];
  return `${formatFloat(size / limit, 'f', 2)} ${suffix}`;
}

/** Ansible's `human_to_bytes`: the number of bytes (or bits) that text such as `1.5 GB` names. */
export function humanToBytes(text: string, defaultUnit: string | undefined, bits: boolean): number {
  const wrong = () => filterError(`human_to_bytes() can't interpret following string: ${text}`);
  const match = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text);
  if (!match || match[1] === '' || match[1] === '.') throw wrong();
  const unit = match[2] ?? defaultUnit;
  const number = Number(match[1]);
  if (unit === undefined) return roundHalfEven(number);
  const limit = factor(unit[0]!.toUpperCase());
  if (limit === undefined) throw wrong();
  const named = unit.toLowerCase().includes(bits ? 'bit' : 'byte') || unit[1] === (bits ? 'b' : 'B');
  if (unit.length > 1 && !named) throw wrong();
  return roundHalfEven(number * limit);
}

function roundHalfEven(value: number): number {
  return Number(formatFloat(value, 'f', 0));
}
