import { valueError } from '../errors.ts';

const simple: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const escapePattern = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(N\{[^}]*\})|([\s\S]))/g;

/** The text that the inside of a Python string literal stands for. Throws a `ValueError` for an escape cut short. */
export function decodeEscapes(body: string): string {
  if (!body.includes('\\')) return body;
  return body.replace(escapePattern, (whole, x, u, long, octal, named, other) => {
    const hex = x ?? u ?? long;
    if (hex !== undefined) {
      const code = Number.parseInt(hex, 16);
      if (code > 0x10ffff) throw valueError('illegal Unicode character in a string');
      return code >= 0xd800 && code < 0xe000 ? String.fromCharCode(code) : String.fromCodePoint(code);
    }
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    if (named !== undefined) throw valueError(`Unicode names such as \\${named} are not supported; write \\uXXXX`);
    if ('xuU'.includes(other)) throw valueError(`truncated \\${other} escape in a string`);
    return simple[other] ?? whole;
  });
}
