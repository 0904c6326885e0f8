import path from 'node:path';
import { LamplighterError, type Place } from '../../errors.ts';
import type { LocatedFinding } from './finding.ts';

/**
 * Warns of what is doubtful and refuses what is wrong.
 * @throws LamplighterError BAD_ARGUMENT at the first mistake's place, with all of them in its message
 */
export function refuse(findings: readonly LocatedFinding[], warn: (message: string, place?: Place) => void): void {
  for (const finding of findings) if (finding.level === 'warning') warn(text(finding), finding.places[0]);
  const [first, ...others] = findings.filter(({ level }) => level === 'error');
  if (first === undefined) return;
  const rest = others.map((finding) => `\n  ${shown(finding.places[0])}: ${text(finding)}`);
  const more =
    rest.length === 0 ? '' : `\nand ${rest.length === 1 ? 'one more' : `${rest.length} more`}:${rest.join('')}`;
  throw new LamplighterError('BAD_ARGUMENT', `${text(first)}${more}`, { place: first.places[0], hint: first.hint });
}

/** The message with the other places, and how many hosts it is about when it does not say. */
function text({ message, hosts, places }: LocatedFinding): string {
  const others = places.slice(1).map(shown);
  const where = others.length === 0 ? '' : ` (see also ${[...new Set(others)].join(', ')})`;
  const many = hosts.length > 2 ? ` [${hosts.length} hosts, ${hosts[0]} the first]` : '';
  return `${message}${where}${many}`;
}

function shown(place: Place | undefined): string {
  return place === undefined ? '?' : `${path.relative('', place.file)}:${place.line}`;
}
