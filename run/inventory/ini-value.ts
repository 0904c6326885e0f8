import { JinjaError } from '../jinja/errors.ts';
import { literalEval } from '../jinja/python/literal.ts';

/** The value of an INI variable: a Python literal (`['a']`, `1`, `True`, `None`) or else the text itself. */
export function iniValue(text: string): unknown {
  if (!/^\s*[-+\d.'"[{(TFNrRbBuU]/.test(text)) return text;
  // literalEval knows JSON's words and numbers with leading zeros, which Python does not.
  const withoutStrings = text.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, '""');
  if (/\b(?:true|false|null)\b/.test(withoutStrings) || /(?:^|[^\w.])0\d/.test(withoutStrings)) return text;
  try {
    return literalEval(text);
  } catch (error) {
    if (error instanceof JinjaError) return text;
    throw error;
  }
}
