import { valueError } from '../errors.ts';
import { makeDict } from '../values/dict.ts';
import { isNumber } from '../values/kinds.ts';
import { Tuple } from '../values/types.ts';
import { makeFloat, makeInt, negate } from './arithmetic.ts';
import { decodeEscapes } from './string-escapes.ts';

const token =
  /\s*(?:(?:([rRbBuU]{0,2})('''[\s\S]*?(?<!\\)(?:\\\\)*'''|"""[\s\S]*?(?<!\\)(?:\\\\)*"""|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"))|(0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:\.(?!\d))?(?:[eE][+-]?\d+)?(?![\w.]))|([A-Za-z_]\w*)|([[\](){},:+-]))/y;

const words: Record<string, unknown> = { True: true, False: false, None: null, true: true, false: false, null: null };

/**
 * Python's `ast.literal_eval`, which also takes JSON's `true`, `false` and `null` as Ansible's does. Throws a
 * `ValueError` for everything that is not a literal.
 */
export function literalEval(text: string): unknown {
  const reader = new LiteralReader(text);
  return reader.whole();
}

class LiteralReader {
  private readonly text: string;
  private at = 0;
  private match: RegExpExecArray | undefined;

  constructor(text: string) {
    this.text = text;
  }

  whole(): unknown {
    this.advance();
    const value = this.value();
    if (this.match || this.text.slice(this.at).trim() !== '') throw this.malformed();
    return value;
  }

  private malformed(): Error {
    return valueError(`malformed literal at offset ${this.at}`);
  }

  private advance(): void {
    token.lastIndex = this.at;
    const match = token.exec(this.text) ?? undefined;
    if (match) this.at = token.lastIndex;
    else if (this.text.slice(this.at).trim() !== '') throw this.malformed();
    this.match = match;
  }

  private get mark(): string | undefined {
    return this.match?.[5];
  }

  private take(mark: string): boolean {
    if (this.mark !== mark) return false;
    this.advance();
    return true;
  }

  private value(): unknown {
    const match = this.match;
    if (!match) throw this.malformed();
    if (match[2] !== undefined) return this.strings();
    if (match[3] !== undefined) {
      this.advance();
      return numberLiteral(match[3]);
    }
    if (match[4] !== undefined) return this.word(match[4]);
    if (this.take('[')) return this.items(']').values;
    if (this.take('{')) return this.braces();
    if (this.take('(')) {
      const { values, trailing } = this.items(')');
      return values.length === 1 && !trailing ? values[0] : Tuple.make(values);
    }
    return this.signed();
  }

  private signed(): unknown {
    const negative = this.mark === '-';
    if (!this.take('-') && !this.take('+')) throw this.malformed();
    const value = this.value();
    if (!isNumber(value) || typeof value === 'boolean') throw this.malformed();
    return negative ? negate(value) : value;
  }

  private word(name: string): unknown {
    this.advance();
    if (Object.hasOwn(words, name)) return words[name];
    if (name === 'set' && this.take('(') && this.take(')')) return new Set();
    throw valueError(`malformed literal: ${name}`);
  }

  /** Neighbouring string literals are one. */
  private strings(): unknown {
    let out = '';
    while (this.match?.[2] !== undefined) {
      const prefix = this.match[1]!.toLowerCase();
      if (prefix.includes('b')) throw valueError('bytes literals are not supported');
      const quoted = this.match[2];
      const width = quoted.startsWith("'''") || quoted.startsWith('"""') ? 3 : 1;
      const body = quoted.slice(width, quoted.length - width);
      out += prefix.includes('r') ? body : decodeEscapes(body);
      this.advance();
    }
    return out;
  }

  private items(end: string): { values: unknown[]; trailing: boolean } {
    const values: unknown[] = [];
    let trailing = false;
    while (!this.take(end)) {
      if (values.length > 0 && !trailing) throw this.malformed();
      values.push(this.value());
      trailing = this.take(',');
    }
    return { values, trailing };
  }

  private braces(): unknown {
    const entries: [unknown, unknown][] = [];
    const items = new Set<unknown>();
    let separated = true;
    while (!this.take('}')) {
      if (!separated) throw this.malformed();
      const key = this.value();
      if (this.take(':')) entries.push([key, this.value()]);
      else items.add(key);
      separated = this.take(',');
    }
    if (items.size > 0 && entries.length > 0) throw this.malformed();
    return items.size > 0 ? items : makeDict(entries);
  }
}

/** The number that a Python literal stands for; the text must be one. */
export function numberLiteral(text: string): number | bigint | ReturnType<typeof makeFloat> {
  const digits = text.replaceAll('_', '');
  if (/^0[xXoObB]/.test(digits)) return makeInt(BigInt(digits.toLowerCase()));
  if (/^\d+$/.test(digits)) {
    if (/^0+[1-9]/.test(digits)) throw valueError('leading zeros in decimal integer literals are not permitted');
    return makeInt(BigInt(digits));
  }
  return makeFloat(Number(digits));
}
