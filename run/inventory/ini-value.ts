import { JinjaError } from '../jinja/errors.ts';
import { literalEval } from '../jinja/python/literal.ts';

/** The value of an INI variable: a Python literal (`['a']`, `1`, `True`, `None`) or else the text itself. */
export function iniValue(written: string): unknown {
  // To Python, "#" outside of quotes begins a comment: `port=8883 # TLS` is a number, `name=a # b` no literal at all.
  const text = written.replace(/('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|#.*$/g, '$1');
  if (!/^\s*[-+\d.'"[{(TFNrRbBuU]/.test(text)) return written;
  // literalEval knows JSON's words and numbers with leading zeros, which Python does not.
  const withoutStrings = text.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, '""');
  if (
    /\b(?:true|false|null)\b/.test(withoutStrings) ||
    /(?:^|[^\w.])0[\d_]*[1-9][\d_]*(?![\d_.eE])/.test(withoutStrings)
  )
    return written;
  const value = literal(text);
  if (value !== undefined) return value;
  // A tuple needs no parentheses in Python: `ports=1,2`.
  return (isBareTuple(withoutStrings) ? literal(`(${text})`) : undefined) ?? written;
}

function literal(text: string): unknown {
  try {
    return literalEval(text);
  } catch (error) {
    if (error instanceof JinjaError) return undefined;
    throw error;
  }
}

/** Whether a comma stands outside of all brackets, which open before they close. */
function isBareTuple(text: string): boolean {
  let depth = 0;
  let comma = false;
  for (const char of text) {
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (char === ',' && depth === 0) comma = true;
    if (depth < 0) return false;
  }
  return comma;
}
