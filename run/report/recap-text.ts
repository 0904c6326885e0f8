import type { HostStats } from '../events.ts';
import { hostList } from './host-list.ts';
import { type Colour, type Paint, width } from './style.ts';

/** From so many hosts on, those that fared alike share a line (-v: a line each). */
const MANY = 40;

const COLUMNS: [keyof HostStats, Colour][] = [
  ['ok', 'ok'],
  ['changed', 'changed'],
  ['unreachable', 'unreachable'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
  ['rescued', 'ok'],
  ['ignored', 'warning'],
];

/** The recap's lines: a host, or hosts that fared alike, and Ansible's columns. */
export function recapLines(
  hosts: Record<string, HostStats>,
  options: { paint: Paint; columns: number; verbose: boolean },
): string[] {
  const rows = rowsOf(hosts, options.verbose);
  const names = rows.map(({ names }) => hostList(names, Math.max(26, options.columns - 90)));
  const nameWidth = Math.max(26, ...names.map(width));
  return rows.map(({ stats }, i) => {
    const name = names[i]!;
    const padding = ' '.repeat(nameWidth - width(name));
    const counts = COLUMNS.map(([key, colour], column) => {
      const text = `${key}=${stats[key]}`;
      const padded = column === COLUMNS.length - 1 ? text : text.padEnd(key.length + 5);
      return stats[key] > 0 ? options.paint(colour, padded) : padded;
    });
    return `${options.paint(hostColour(stats), name)}${padding} : ${counts.join(' ')}`;
  });
}

function rowsOf(hosts: Record<string, HostStats>, verbose: boolean): { names: string[]; stats: HostStats }[] {
  const all = Object.entries(hosts);
  if (verbose || all.length < MANY) return all.map(([name, stats]) => ({ names: [name], stats }));
  const rows = new Map<string, { names: string[]; stats: HostStats }>();
  for (const [name, stats] of all) {
    const key = JSON.stringify(COLUMNS.map(([column]) => stats[column]));
    const row = rows.get(key);
    if (row) row.names.push(name);
    else rows.set(key, { names: [name], stats });
  }
  return [...rows.values()];
}

function hostColour({ failed, unreachable, changed }: HostStats): Colour {
  if (failed > 0 || unreachable > 0) return 'failed';
  return changed > 0 ? 'changed' : 'ok';
}
