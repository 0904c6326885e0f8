import { readFileSync, writeFileSync } from 'node:fs';
import type { Fix, Problem } from './problem.ts';

/** The problem with what mends it, where that can be read off the line. */
export function fixesOf(problem: Problem): Problem {
  const { place, code } = problem;
  if (!place || problem.fix) return problem;
  if (code === 'YAML_UNQUOTED_BRACES') return { ...problem, fix: quoted(problem) };
  if (code === 'BRACES_IN_CONDITION') return { ...problem, fix: withoutBraces(problem) };
  return problem;
}

/** A value that is one line with templates, put into quotes. */
function quoted({ place }: Problem): Fix | undefined {
  const line = lineOf(place!);
  const value = /^\{\{.*\}\}[^#]*?(?=\s*(?:\s#.*)?$)/.exec(line.slice(place!.column - 1))?.[0];
  if (value === undefined || !/(?:[:-]\s+)$/.test(line.slice(0, place!.column - 1))) return undefined;
  if (!value.includes('"') && !value.includes('\\')) return { place: place!, wrong: value, right: `"${value}"` };
  return value.includes("'") ? undefined : { place: place!, wrong: value, right: `'${value}'` };
}

/** `{{ x }}` as x, where it is the whole condition. */
function withoutBraces({ place }: Problem): Fix | undefined {
  const rest = lineOf(place!).slice(place!.column - 1);
  const found = /^\{\{\s*((?:(?!\{\{|\}\}|\{%).)*?)\s*\}\}(?=["']?\s*(?:\s#.*)?$)/.exec(rest);
  return found?.[1] ? { place: place!, wrong: found[0], right: found[1] } : undefined;
}

function lineOf({ file, line }: { file: string; line: number }): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[line - 1] ?? '';
  } catch {
    return '';
  }
}

/** Writes the fixes into their files, last place first so that none moves another. Returns how many were made. */
export function applyFixes(problems: readonly Problem[]): number {
  const byFile = new Map<string, Fix[]>();
  for (const { fix } of problems) if (fix) byFile.set(fix.place.file, [...(byFile.get(fix.place.file) ?? []), fix]);
  let made = 0;
  for (const [file, fixes] of byFile) {
    const lines = readFileSync(file, 'utf8').split('\n');
    for (const fix of fixes.toSorted((a, b) => b.place.line - a.place.line || b.place.column - a.place.column))
      if (applied(lines, fix)) made++;
    writeFileSync(file, lines.join('\n'));
  }
  return made;
}

/** Only where the line still says what was found there. */
function applied(lines: string[], { place, wrong, right }: Fix): boolean {
  const line = lines[place.line - 1];
  const at = place.column - 1;
  if (line === undefined || !line.startsWith(wrong, at)) return false;
  lines[place.line - 1] = line.slice(0, at) + right + line.slice(at + wrong.length);
  return true;
}
