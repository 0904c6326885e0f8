import { LamplighterError, type Place } from '../errors.ts';

/** A setting with the place where it stands. */
export interface IniValue {
  text: string;
  place: Place;
}

/**
 * Values of an INI file by `section.key`, as Python's ConfigParser reads it for Ansible: `=` or `:`, `#` and `;` comments,
 * ` ;` comments behind values, indented lines that continue a value.
 * @throws LamplighterError USAGE
 */
export function parseIni(text: string, file: string): Map<string, IniValue> {
  const values = new Map<string, IniValue>();
  let section: string | undefined;
  let key: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.replace(/(?:^|\s);.*$/, '').trimEnd();
    if (content.trim() === '' || /^\s*[#;]/.test(line)) continue;
    if (key !== undefined && /^\s/.test(content)) {
      values.get(key)!.text += `\n${content.trim()}`;
      continue;
    }
    const head = /^\[([^\]]+)\]/.exec(content);
    if (head) {
      section = head[1]!.trim();
      key = undefined;
      continue;
    }
    const assignment = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(content.trim());
    if (!assignment || section === undefined)
      throw new LamplighterError(
        'USAGE',
        section === undefined ? 'a setting before the first [section]' : 'neither a [section] nor key = value',
        {
          place: { file, line: index + 1, column: line.length - line.trimStart().length + 1 },
          sourceLine: line,
        },
      );
    key = `${section}.${assignment[1]!.trim().toLowerCase()}`;
    const column = line.length - line.trimStart().length + 1;
    values.set(key, { text: assignment[2]!, place: { file, line: index + 1, column } });
  }
  return values;
}
