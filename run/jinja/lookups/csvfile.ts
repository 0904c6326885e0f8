import { lookupError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import { findOrFail, readText } from './files.ts';
import { parseKeyValues } from './key-values.ts';
import { checkOptions, type Lookup } from './plugin.ts';

const names = ['col', 'default', 'delimiter', 'file', 'encoding'];

/** The rows of comma-separated text, with Python's quoting. */
function rows(text: string, delimiter: string): string[][] {
  const found: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === delimiter) {
      row.push(field);
      field = '';
    } else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[at + 1] === '\n') at++;
      found.push([...row, field]);
      row = [];
      field = '';
    } else field += character;
  }
  if (field !== '' || row.length > 0) found.push([...row, field]);
  return found;
}

/** Ansible's `csvfile`: the cell of the row whose first cell is the key. */
export const csvfile: Lookup = (terms, options, rt) => {
  checkOptions('csvfile', options, names);
  return terms.flatMap((term) => {
    const { values, words } = parseKeyValues(pyString(term));
    const [key] = words;
    if (key === undefined) throw lookupError('Search key is required but was not found');
    const unknown = [...values.keys()].find((name) => !names.includes(name));
    if (unknown !== undefined) throw lookupError(`${unknown} is not a valid option`);
    const option = (name: string, fallback: string) =>
      values.get(name) ?? (options[name] === undefined ? fallback : pyString(options[name]));
    const named = option('delimiter', 'TAB');
    const delimiter = named === 'TAB' || named === 't' ? '\t' : named;
    const column = Number(option('col', '1'));
    const path = findOrFail(rt, 'files', option('file', 'ansible.csv'));
    const row = rows(readText(rt, path), delimiter).find(([first]) => first === words.join(' '));
    if (row && row[column] === undefined) throw lookupError('csvfile: list index out of range');
    const cell = row?.[column] ?? values.get('default') ?? options.default;
    return cell === undefined || cell === null ? [] : [cell];
  });
};
