import { compileRegex, type Regex, replaceRegex } from '../jinja/python/regex.ts';

/** What `replace` is asked to do. */
export interface TextEdit {
  regexp: string;
  replace: string;
  after?: string | undefined;
  before?: string | undefined;
}

export interface EditedText {
  text: string;
  /** How often it was replaced; 0 also where all replacements left the text as it was. */
  replaced: number;
  /** The pattern of `after` and `before`, when it is nowhere in the text. */
  missing?: string;
}

/**
 * `replace` on a text, after ansible/modules/replace.py of 2.14.
 * @throws LamplighterError for what is no pattern or no replacement
 */
export function editText(text: string, edit: TextEdit): EditedText {
  const regex = replaceRegexOf(edit);
  const pattern = sectionPattern(edit);
  const section = pattern === '' ? { from: 0, to: text.length } : findSection(sectionRegex(pattern), text);
  if (!section) return { text, replaced: 0, missing: pattern };
  const inside = text.slice(section.from, section.to);
  const { text: edited, replaced } = replaceRegex(regex, edit.replace, inside);
  if (edited === inside) return { text, replaced: 0 };
  return { text: text.slice(0, section.from) + edited + text.slice(section.to), replaced };
}

/** The patterns read, so that what is none fails before any host is asked. @throws LamplighterError */
export function checkTextEdit(edit: TextEdit): void {
  replaceRegexOf(edit);
  const pattern = sectionPattern(edit);
  if (pattern !== '') sectionRegex(pattern);
}

function replaceRegexOf({ regexp }: TextEdit): Regex {
  return compileRegex(regexp, { multiline: true });
}

function sectionPattern({ after, before }: TextEdit): string {
  if (after && before) return `${after}(?P<subsection>.*?)${before}`;
  if (after) return `${after}(?P<subsection>.*)`;
  return before ? `(?P<subsection>.*)${before}` : '';
}

/** In a section the dot also matches line feeds. */
function sectionRegex(pattern: string): Regex {
  const flags = /^\(\?([aimsux]+)\)/.exec(pattern);
  return compileRegex(`(?s${flags?.[1] ?? ''})${pattern.slice(flags?.[0].length ?? 0)}`);
}

function findSection({ pattern, names }: Regex, text: string): { from: number; to: number } | undefined {
  const match = new RegExp(pattern.source, `${pattern.flags}d`).exec(text);
  const range = match?.indices?.[names.get('subsection')!];
  return range && { from: range[0], to: range[1] };
}
