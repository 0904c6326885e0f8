import type { HostStats } from '../events.ts';
import { hostList } from './host-list.ts';
import { type Colour, type Paint, width } from './style.ts';

/** From so many hosts on, those that fared alike share a line (-v: a line each). */
const MANY = 40;

/** Ansible's width of the names. */
const NAME_WIDTH = 26;

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
  // Ansible's column widths where the line has room for them, otherwise as narrow as the numbers allow.
  const roomy = COLUMNS.map(([key]) => key.length + 5);
  const narrow = COLUMNS.map(([key]) => Math.max(...rows.map(({ stats }) => `${key}=${stats[key]}`.length)));
  const needed = (widths: number[]) => widths.reduce((sum, each) => sum + each + 1, ' :'.length);
  const names = rows.map((row) => hostList(row.names, Math.max(NAME_WIDTH, options.columns - needed(roomy))));
  const longest = Math.max(...names.map(width));
  const fits = Math.max(longest, NAME_WIDTH) + needed(roomy) <= options.columns;
  const nameWidth = fits ? Math.max(longest, NAME_WIDTH) : longest;
  return rows.map(({ stats }, i) => {
    const name = names[i]!;
    const counts = COLUMNS.map(([key, colour], column) => {
      const text = `${key}=${stats[key]}`;
      const padding = ' '.repeat(Math.max(0, (fits ? roomy : narrow)[column]! - text.length));
      return (stats[key] > 0 ? options.paint(colour, text) : text) + padding;
    });
    const padding = ' '.repeat(nameWidth - width(name));
    return `${options.paint(hostColour(stats), name)}${padding} : ${counts.join(' ').trimEnd()}`;
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
