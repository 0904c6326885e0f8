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

/** Runs of UTF-8 as Python reads it, or one byte that is none. */
const UTF8_RUN =
  /(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+|[\x80-\xff]/g;

/**
 * A text of an encoding, by its Python name, that `textBytes` turns back into the same bytes: in UTF-8 a byte that is no
 * part of a character becomes half a surrogate pair, as Python's `surrogateescape` makes it.
 * @throws LamplighterError BAD_ARGUMENT for an encoding that is not known, or a content that is not in it
 */
export function decodeText(bytes: Buffer, encoding: string): string {
  const name = encoding.toLowerCase().replace(/[-_ ]/g, '');
  if (name === 'utf8' || name === 'u8')
    return bytes
      .toString('latin1')
      .replace(UTF8_RUN, (run) =>
        run.length === 1 && run > '\x7f'
          ? String.fromCharCode(0xdc00 + run.charCodeAt(0))
          : Buffer.from(run, 'latin1').toString('utf8'),
      );
  const text = decoded(bytes, name);
  if (text === undefined || !encodeText(text, encoding).equals(bytes))
    throw new LamplighterError('BAD_ARGUMENT', `the content is not in the encoding ${encoding}, or that is not known`);
  return text;
}

/** The bytes of a text that `decodeText` made. */
export function textBytes(text: string, encoding: string): Buffer {
  const lone = /[\udc80-\udcff]/u;
  if (!lone.test(text)) return encodeText(text, encoding);
  return Buffer.concat(
    text
      .split(/([\udc80-\udcff])/u)
      .map((part) => (lone.test(part) ? Buffer.from([part.charCodeAt(0) - 0xdc00]) : encodeText(part, encoding))),
  );
}

function decoded(bytes: Buffer, name: string): string | undefined {
  if (name === 'utf16' || name === 'utf16le')
    return bytes.toString('utf16le').replace(name === 'utf16' ? /^\ufeff/ : '', '');
  if (name === 'utf16be') return Buffer.from(bytes).swap16().toString('utf16le');
  if (name === 'utf8sig') return bytes.toString('utf8').replace(/^\ufeff/, '');
  const encode = ENCODINGS[name];
  if (encode === undefined || (name.endsWith('ascii') && bytes.some((byte) => byte > 0x7f))) return undefined;
  // One byte a character: the table read from what encodes it.
  const characters = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  if (name === 'cp1252' || name === 'windows1252')
    for (const [i, character] of [...WESTERN].entries()) if (character !== ' ') characters[0x80 + i] = character;
  const labels: Record<string, string> = {
    cp1250: 'windows-1250',
    cp1251: 'windows-1251',
    iso885915: 'iso-8859-15',
    koi8r: 'koi8-r',
  };
  const label = labels[name];
  if (label !== undefined) return new TextDecoder(label).decode(bytes);
  return Array.from(bytes, (byte) => characters[byte]!).join('');
}
