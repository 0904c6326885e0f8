/** Python's `fnmatch.translate`: `*`, `?`, `[seq]`, `[!seq]`; matches the whole text, case counts. */
export function globExpression(pattern: string): RegExp {
  let expression = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === '*') expression += '.*';
    else if (char === '?') expression += '.';
    else if (char === '[') {
      const end = classEnd(pattern, at);
      if (end < 0) expression += '\\[';
      else {
        expression += characterClass(pattern.slice(at + 1, end));
        at = end;
      }
    } else expression += char.replace(/[.+^${}()|[\]\\/-]/g, '\\$&');
  }
  return new RegExp(`^(?:${expression})$`, 's');
}

function classEnd(pattern: string, open: number): number {
  let at = open + 1;
  if (pattern[at] === '!') at++;
  if (pattern[at] === ']') at++;
  return pattern.indexOf(']', at);
}

function characterClass(body: string): string {
  const negated = body.startsWith('!');
  const members = (negated ? body.slice(1) : body).replace(/[\\\]^[]/g, '\\$&');
  return `[${negated ? '^' : ''}${members}]`;
}

/** A Python regular expression that must match at the start, as `re.match`. @throws SyntaxError */
export function pythonRegex(expression: string): RegExp {
  let flags = 's';
  let body = expression;
  const inline = /^\(\?([aiLmsux]+)\)/.exec(body);
  // Python's dot does not match a newline by itself, but names hold none: only "i" makes a difference.
  if (inline) {
    body = body.slice(inline[0].length);
    if (inline[1]!.includes('i')) flags += 'i';
  }
  body = body.replaceAll('(?P<', '(?<').replaceAll('\\Z', '$').replaceAll('\\A', '^');
  return new RegExp(`^(?:${body})`, flags);
}
