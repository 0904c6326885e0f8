import { escapeHtml } from '../python/arithmetic.ts';
import { decodeBytes } from '../python/methods-bytes.ts';
import { pyRepr, pyString } from '../python/repr.ts';
import { DictView, Markup } from '../values/types.ts';

/** Collects a template's text. While `muted` (behind `{% extends %}`) nothing is kept. */
export class Out {
  text = '';
  muted = false;

  write(text: string): void {
    if (!this.muted) this.text += text;
  }
}

/** The text of a `{{ }}`: Ansible prints None as nothing and a dict's views as lists. */
export function outputText(value: unknown, autoescape: boolean): string {
  if (value === null) return '';
  if (value instanceof DictView) return pyRepr([...value]);
  if (value instanceof Uint8Array) return decodeBytes(value);
  const text = pyString(value);
  return autoescape && !(value instanceof Markup) ? escapeHtml(text) : text;
}
