import { LamplighterError } from '../errors.ts';

/** Python's names of encodings, without punctuation -> how Node writes them. */
const ENCODINGS: Record<string, (text: string) => Buffer> = {
  utf8: (text) => Buffer.from(text, 'utf8'),
  u8: (text) => Buffer.from(text, 'utf8'),
  utf8sig: (text) => Buffer.from(`\ufeff${text}`, 'utf8'),
  utf16le: (text) => Buffer.from(text, 'utf16le'),
  utf16be: (text) => Buffer.from(text, 'utf16le').swap16(),
  // Python writes a byte order mark, and the machine's own order.
  utf16: (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  ascii: (text) => narrow(text, 0x7f, 'ascii'),
  usascii: (text) => narrow(text, 0x7f, 'ascii'),
  latin1: (text) => narrow(text, 0xff, 'latin-1'),
  iso88591: (text) => narrow(text, 0xff, 'latin-1'),
  l1: (text) => narrow(text, 0xff, 'latin-1'),
  windows1252: (text) => western(text),
  cp1252: (text) => western(text),
  cp1250: (text) => table(text, 'windows-1250'),
  cp1251: (text) => table(text, 'windows-1251'),
  iso885915: (text) => table(text, 'iso-8859-15'),
  koi8r: (text) => table(text, 'koi8-r'),
};

/**
 * A text in an encoding by its Python name (`output_encoding` of `template`).
 * @throws LamplighterError BAD_ARGUMENT for an encoding that is not known or cannot hold the text
 */
export function encodeText(text: string, encoding: string): Buffer {
  const encode = ENCODINGS[encoding.toLowerCase().replace(/[-_ ]/g, '')];
  if (encode === undefined) throw new LamplighterError('BAD_ARGUMENT', `unknown encoding: ${encoding}`);
  return encode(text);
}

function narrow(text: string, last: number, name: string): Buffer {
  for (const character of text) if (character.codePointAt(0)! > last) throw cannot(character, name);
  return Buffer.from(text, 'latin1');
}

/** The encodings of one byte a character, read backwards from the platform's decoder. */
function table(text: string, label: string): Buffer {
  const decoder = new TextDecoder(label);
  const bytes = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]));
  return Buffer.from(
    Array.from(text, (character) => {
      const byte = bytes.get(character);
      if (byte === undefined) throw cannot(character, label);
      return byte;
    }),
  );
}

/** What windows-1252 has at 0x80 to 0x9f, a blank where there is nothing: Node 20's decoder takes it for latin-1. */
const WESTERN = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

function western(text: string): Buffer {
  return Buffer.from(
    Array.from(text, (character) => {
      const at = character === ' ' ? -1 : WESTERN.indexOf(character);
      if (at >= 0) return 0x80 + at;
      const code = character.codePointAt(0)!;
      if (code > 0xff || (code >= 0x80 && code < 0xa0)) throw cannot(character, 'windows-1252');
      return code;
    }),
  );
}

function cannot(character: string, encoding: string): LamplighterError {
  return new LamplighterError('BAD_ARGUMENT', `the character "${character}" cannot be written in ${encoding}`);
}
