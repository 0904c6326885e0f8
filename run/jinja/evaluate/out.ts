import { decodeBytes } from '../python/methods-bytes.ts';
import { pyRepr, pyString } from '../python/repr.ts';
import { DictView } from '../values/types.ts';

/** Collects a template's text. While `muted` (behind `{% extends %}`) nothing is kept. */
export class Out {
  text = '';
  muted = false;

  write(text: string): void {
    if (!this.muted) this.text += text;
  }
}

/** Ansible gives a template's text back the newlines at its end that Jinja2 took away. */
export function restoreNewlines(source: string, text: string, newline = '\n'): string {
  const missing = trailingNewlines(source) - trailingNewlines(text);
  return missing > 0 ? text + newline.repeat(missing) : text;
}

export function trailingNewlines(text: string): number {
  let at = text.length;
  while (text[at - 1] === '\n') at--;
  return text.length - at;
}

/** The text of a `{{ }}`: Ansible prints None as nothing and a dict's views as lists, and never
 * escapes here, not even inside `{% autoescape %}`. */
export function outputText(value: unknown): string {
  if (value === null) return '';
  if (value instanceof DictView) return pyRepr([...value]);
  if (value instanceof Uint8Array) return decodeBytes(value);
  return pyString(value);
}
