import type { Row } from './benchmark.ts';

/** Rows as a Markdown table: each median with its ratio to the first tool's. */
export function tableOf(title: string, rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.values)))];
  const cells = rows.map((row) => [row.work, row.tool, ...names.map((name) => cell(row, name))]);
  const all = [['work', 'tool', ...names], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  const line = (words: readonly string[]) => `| ${words.map((word, i) => word.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [`### ${title}`, '', line(all[0]!), rule, ...cells.map(line), ''].join('\n');
}

function cell({ values, ratios }: Row, name: string): string {
  const value = values[name];
  if (value === undefined) return '';
  const ratio = ratios[name];
  return ratio === undefined || ratio === 1 ? short(value) : `${short(value)} (${short(ratio)}×)`;
}

function short(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
