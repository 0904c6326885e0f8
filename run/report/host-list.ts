import { width } from './style.ts';

/** Names with commas, as many as fit into so many cells (one at least), and how many more there are. */
export function hostList(names: readonly string[], cells: number): string {
  const all = names.join(', ');
  if (width(all) <= cells) return all;
  let shown = 1;
  while (shown < names.length && width(abridged(names, shown + 1)) <= cells) shown++;
  return abridged(names, shown);
}

function abridged(names: readonly string[], shown: number): string {
  const left = names.length - shown;
  return `${names.slice(0, shown).join(', ')}${left > 0 ? `, … ${left} more` : ''}`;
}
