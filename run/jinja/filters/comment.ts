import { filterError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import type { Keywords } from '../values/types.ts';

const styles: Record<string, Record<string, string>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
};

/** Ansible's `comment`: text as a comment of some language. */
export function comment(text: string, style: string, options: Keywords): string {
  const chosen = Object.hasOwn(styles, style) ? styles[style]! : undefined;
  if (!chosen) throw filterError(`'${style}' is not a style of comment; there are ${Object.keys(styles).join(', ')}`);
  const given = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, pyString(value)]));
  const border = (given.decoration ?? chosen.decoration!).trimEnd();
  const p: Record<string, string> = {
    newline: '\n',
    beginning: '',
    prefix: border,
    prefix_count: '1',
    decoration: '',
    postfix: border,
    postfix_count: '1',
    end: '',
    ...chosen,
    ...given,
  };
  const { newline, decoration, prefix, postfix, beginning, end } = p as Record<string, string> & { newline: string };
  const head = beginning ? beginning + newline : '';
  const prefixLine = prefix ? (prefix === newline ? newline : prefix + newline) : '';
  const body = (decoration + text.replaceAll(newline, newline + decoration)).replaceAll(
    `${decoration}${newline}`,
    `${decoration!.trimEnd()}${newline}`,
  );
  const after = (newline + postfix).repeat(Number(p.postfix_count));
  return head + prefixLine.repeat(Number(p.prefix_count)) + body + after + (end ? newline + end : '');
}
