import { valueError } from '../errors.ts';
import { makeDict } from '../values/dict.ts';
import { makeFloat, makeInt } from './arithmetic.ts';

const token =
  /[ \t\n\r]*(?:([[\]{},:])|("(?:[^"\\\x00-\x1f]|\\.)*")|(-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)|(true|false|null|NaN|-?Infinity))/y;

const words: Record<string, unknown> = {
  true: true,
  false: false,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Python's `json.loads`: floats stay floats, and large integers exact. Throws a `ValueError`. */
export function loadJson(text: string): unknown {
  const reader = new JsonReader(text);
  return reader.document();
}

class JsonReader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): unknown {
    const value = this.value(this.next());
    if (this.text.slice(this.at).trim() !== '') throw this.error('Extra data');
    return value;
  }

  private error(message: string): Error {
    const before = this.text.slice(0, this.at);
    const line = before.split('\n').length;
    const column = this.at - before.lastIndexOf('\n');
    return valueError(`${message}: line ${line} column ${column} (char ${this.at})`);
  }

  private next(): RegExpExecArray {
    token.lastIndex = this.at;
    const match = token.exec(this.text);
    if (!match) {
      this.at += /^[ \t\n\r]*/.exec(this.text.slice(this.at))![0].length;
      throw this.error('Expecting value');
    }
    this.at = token.lastIndex;
    return match;
  }

  private value(match: RegExpExecArray): unknown {
    const [, mark, text, number, fraction, exponent, word] = match;
    if (text !== undefined) return this.string(text);
    if (number !== undefined) return fraction || exponent ? makeFloat(Number(number)) : makeInt(BigInt(number));
    if (word !== undefined) return words[word];
    if (mark === '[') return this.array();
    if (mark === '{') return this.object();
    this.at -= match[0].length;
    throw this.error('Expecting value');
  }

  private string(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw this.error('Invalid \\escape');
    }
  }

  private array(): unknown[] {
    const items: unknown[] = [];
    let match = this.next();
    if (match[1] === ']') return items;
    for (;;) {
      items.push(this.value(match));
      const { 1: mark } = this.next();
      if (mark === ']') return items;
      if (mark !== ',') throw this.error("Expecting ',' delimiter");
      match = this.next();
    }
  }

  private object(): unknown {
    const entries: [unknown, unknown][] = [];
    let match = this.next();
    if (match[1] === '}') return makeDict(entries);
    for (;;) {
      if (match[2] === undefined) throw this.error('Expecting property name enclosed in double quotes');
      const key = this.string(match[2]);
      if (this.next()[1] !== ':') throw this.error("Expecting ':' delimiter");
      entries.push([key, this.value(this.next())]);
      const { 1: mark } = this.next();
      if (mark === '}') return makeDict(entries);
      if (mark !== ',') throw this.error("Expecting ',' delimiter");
      match = this.next();
    }
  }
}
