/** Arguments whose quotes or braces are not balanced. */
export class UnbalancedArguments extends Error {}

interface Depths {
  print: number;
  block: number;
  comment: number;
}

/**
 * Splits free-form arguments on blanks, leaving quoted texts and templates whole, as Ansible's split_args does (its
 * parsing/splitter.py, whose every oddity is kept: playbooks depend on them).
 * @throws UnbalancedArguments
 */
export function splitArgs(text: string): string[] {
  const params: string[] = [];
  const append = (suffix: string): void => {
    if (params.length === 0) params.push('');
    params[params.length - 1] += suffix;
  };
  let quote = '';
  const depth: Depths = { print: 0, block: 0, comment: 0 };
  const inBlock = (): boolean => depth.print > 0 || depth.block > 0 || depth.comment > 0;
  const lines = text.split('\n');
  for (const [lineIndex, line] of lines.entries()) {
    const tokens = line.split(' ');
    let continued = false;
    for (const [index, token] of tokens.entries()) {
      if (token === '' && index !== 0) {
        append(' ');
        continue;
      }
      if (token === '\\' && quote === '') {
        continued = true;
        continue;
      }
      const wasQuoted = quote !== '';
      quote = quoteAfter(token, quote);
      let appended = true;
      if (quote !== '' && !wasQuoted && !inBlock()) params.push(token);
      else if (inBlock() || quote !== '' || wasQuoted) {
        if (index === 0 && wasQuoted) append(token);
        else if (tokens.length > 1) append((index > 0 ? ' ' : '') + token);
        else append(`\n${token}`);
      } else appended = false;
      for (const [kind, open, close] of BRACKETS) {
        const before = depth[kind];
        depth[kind] = depthAfter(token, before, open, close);
        if (depth[kind] !== before && !appended) {
          params.push(token);
          appended = true;
        }
      }
      if (!inBlock() && quote === '' && !appended && token !== '') params.push(token);
    }
    if (lines.length > 1 && lineIndex !== lines.length - 1 && !continued) append('\n');
  }
  if (inBlock() || quote !== '') throw new UnbalancedArguments('unbalanced quotes or template braces');
  return params;
}

const BRACKETS: readonly [keyof Depths, string, string][] = [
  ['print', '{{', '}}'],
  ['block', '{%', '%}'],
  ['comment', '{#', '#}'],
];

function quoteAfter(token: string, before: string): string {
  let quote = before;
  for (let at = 0; at < token.length; at++) {
    const char = token[at]!;
    if ((char !== '"' && char !== "'") || token[at - 1] === '\\') continue;
    if (quote === '') quote = char;
    else if (quote === char) quote = '';
  }
  return quote;
}

function depthAfter(token: string, before: number, open: string, close: string): number {
  const difference = token.split(open).length - token.split(close).length;
  return Math.max(0, before + difference);
}

/** Puts split words together again. */
export function joinArgs(words: readonly string[]): string {
  let text = '';
  for (const word of words) text += text === '' || text.endsWith('\n') ? word : ` ${word}`;
  return text;
}
