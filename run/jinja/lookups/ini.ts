import { lookupError } from '../errors.ts';
import { compileRegex, searchRegex } from '../python/regex.ts';
import { pyString } from '../python/repr.ts';
import { findOrFail, readText } from './files.ts';
import { parseKeyValues } from './key-values.ts';
import { checkOptions, flagOption, type Lookup } from './plugin.ts';

const names = ['type', 'file', 'section', 're', 'encoding', 'default', 'case_sensitive', 'allow_no_value'];

type Sections = Map<string, Map<string, string>>;

/** Python's ConfigParser: sections of `key = value` or `key: value`, with continued lines. */
function parseIni(text: string, keepCase: boolean): Sections {
  const sections: Sections = new Map([['DEFAULT', new Map()]]);
  let section: Map<string, string> | undefined;
  let last: string | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const header = /^\[([^\]]+)\]/.exec(line);
    if (header) {
      section = sections.get(header[1]!) ?? new Map();
      sections.set(header[1]!, section);
      last = undefined;
    } else if (/^\s/.test(line) && section && last !== undefined) {
      section.set(last, `${section.get(last)}\n${line.trim()}`);
    } else {
      const pair = /^([^=:]+?)\s*(?:[=:]\s*(.*))?$/.exec(line.trimEnd());
      if (!section || !pair) throw lookupError(`this is no line of an INI file: ${line}`);
      last = keepCase ? pair[1]! : pair[1]!.toLowerCase();
      section.set(last, pair[2] ?? '');
    }
  }
  return sections;
}

/** `key = value` lines without sections; `:` separates too. */
function parseProperties(text: string): string {
  return `[java_properties]\n${text}`;
}

/** `%(name)s` stands for another value of the section. */
function interpolate(value: string, section: ReadonlyMap<string, string>, depth = 0): string {
  if (depth > 10) throw lookupError(`the value ${value} refers to itself`);
  return value.replace(/%(?:\(([^)]+)\)s|%)/g, (whole, name) => {
    if (name === undefined) return '%';
    const other = section.get(name.toLowerCase()) ?? section.get(name);
    return other === undefined ? whole : interpolate(other, section, depth + 1);
  });
}

/** Ansible's `ini`: values of INI or properties files. */
export const ini: Lookup = (terms, options, rt) => {
  checkOptions('ini', options, names);
  return terms.flatMap((term) => {
    const { values, words } = parseKeyValues(pyString(term));
    const unknown = [...values.keys()].find((name) => !names.includes(name));
    if (unknown !== undefined) throw lookupError(`${unknown} is not a valid option`);
    const option = (name: string, fallback: string) =>
      values.get(name) ?? (options[name] === undefined ? fallback : pyString(options[name]));
    const isProperties = option('type', 'ini') === 'properties';
    const keepCase = flagOption({ ...options, ...Object.fromEntries(values) }, 'case_sensitive', false);
    const text = readText(rt, findOrFail(rt, 'files', option('file', 'ansible.ini')));
    const sections = parseIni(isProperties ? parseProperties(text) : text, keepCase);
    const section = new Map([
      ...sections.get('DEFAULT')!,
      ...(sections.get(isProperties ? 'java_properties' : option('section', 'global')) ?? []),
    ]);
    const wanted = words.join(' ');
    if (flagOption({ ...options, ...Object.fromEntries(values) }, 're', false)) {
      const regex = compileRegex(wanted);
      return [...section]
        .filter(([key]) => searchRegex(regex, key, 'match'))
        .map(([, value]) => interpolate(value, section));
    }
    const value = section.get(keepCase ? wanted : wanted.toLowerCase());
    if (value !== undefined) return [interpolate(value, section)];
    const fallback = option('default', '');
    return [fallback];
  });
};
