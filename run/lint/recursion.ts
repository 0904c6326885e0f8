import type { Names } from '../plan/inspect/names.ts';
import type { SeenTemplate } from '../plan/inspect/unknown-names.ts';
import type { Problem } from './problem.ts';

/**
 * Finds variables that are made of themselves, directly or by way of others. A variable that is written in several places,
 * or that tasks set, may get its value from elsewhere: only those written once take part in a circle of several.
 */
export function recursiveVariables(templates: readonly SeenTemplate[], names: Names): Problem[] {
  const byPlace = new Map(templates.map(({ template, place }) => [keyOf(place), template.names]));
  const needs = new Map<string, ReadonlySet<string>>();
  const problems: Problem[] = [];
  for (const [name, definitions] of names.definitions) {
    if (names.assigned.has(name)) continue;
    for (const { place } of definitions) {
      const needed = byPlace.get(keyOf(place));
      if (!needed) continue;
      if (needed.has(name)) problems.push(problem([name, name], place));
      else if (definitions.length === 1) needs.set(name, needed);
    }
  }
  const told = new Set<string>();
  for (const name of needs.keys()) {
    const circle = circleFrom(name, needs);
    if (!circle || circle.some((each) => told.has(each))) continue;
    for (const each of circle) told.add(each);
    problems.push(problem([...circle, name], names.definitions.get(name)![0]!.place));
  }
  return problems;
}

/** The shortest way from a variable back to itself. */
function circleFrom(start: string, needs: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const ways = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift())
    for (const next of needs.get(way.at(-1)!) ?? []) {
      if (next === start) return way;
      if (seen.has(next) || !needs.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  return undefined;
}

function problem(circle: string[], place: Problem['place']): Problem {
  return {
    code: 'RECURSIVE_VARIABLE',
    severity: 'error',
    message: `a variable that is made of itself: ${circle.join(' -> ')}`,
    place,
    hint: 'a variable is evaluated when it is used, so its own old value is not there: use another name',
  };
}

function keyOf({ file, line, column }: { file: string; line: number; column: number }): string {
  return `${file}:${line}:${column}`;
}
