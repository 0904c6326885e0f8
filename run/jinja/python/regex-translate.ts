import { valueError } from '../errors.ts';

const start = '(?<![\\s\\S])';
const end = '(?![\\s\\S])';

/** What a class of characters is called inside brackets, with Unicode as in Python 3 and with ASCII only. */
const classes: Record<string, readonly [unicode: string, ascii: string]> = {
  d: ['\\p{Nd}', '0-9'],
  w: ['\\p{L}\\p{N}_', 'a-zA-Z0-9_'],
  s: ['\\s\\x1c-\\x1f\\x85', ' \\t\\n\\r\\f\\v'],
};

const characterEscapes: Record<string, string> = { a: '\\x07', f: '\\f', n: '\\n', r: '\\r', t: '\\t', v: '\\v' };

/** Rewrites one Python regular expression as a JS one with the flag `v`. */
export class RegexTranslator {
  ignoreCase: boolean;
  groups = 0;
  readonly names = new Map<string, number>();
  private readonly text: string;
  private multiline: boolean;
  private dotAll = false;
  private verbose = false;
  private ascii = false;
  private at = 0;

  constructor(text: string, ignoreCase: boolean, multiline: boolean) {
    this.text = text;
    this.ignoreCase = ignoreCase;
    this.multiline = multiline;
  }

  translate(): string {
    this.globalFlags();
    let out = '';
    while (this.at < this.text.length) out += this.next();
    return out;
  }

  private fail(message: string): never {
    throw valueError(`the regular expression '${this.text}' is not valid: ${message} at position ${this.at}`);
  }

  private unsupported(what: string): never {
    throw valueError(`the regular expression '${this.text}' uses ${what}, which is not supported`);
  }

  /** `(?ims)` at the start hold for the whole pattern. */
  private globalFlags(): void {
    const match = /^\(\?([aiLmsux]+)\)/.exec(this.text);
    if (!match) return;
    for (const flag of match[1]!) {
      if (flag === 'i') this.ignoreCase = true;
      else if (flag === 'm') this.multiline = true;
      else if (flag === 's') this.dotAll = true;
      else if (flag === 'x') this.verbose = true;
      else if (flag === 'a') this.ascii = true;
      else if (flag === 'L') this.unsupported('the flag L');
    }
    this.at = match[0].length;
  }

  private next(): string {
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    switch (character) {
      case '\\':
        return this.escape();
      case '[':
        return this.set();
      case '(':
        return this.group();
      case '^':
        this.at++;
        return this.multiline ? '(?<![^\\n])' : start;
      case '$':
        this.at++;
        return this.multiline ? '(?![^\\n])' : `(?=\\n?${end})`;
      case '.':
        this.at++;
        return this.dotAll ? '[\\s\\S]' : '[^\\n]';
      case '*':
      case '+':
      case '?':
      case '{':
        return this.quantifier();
      case '|':
      case ')':
        this.at++;
        return character;
    }
    this.at += character.length;
    if (this.verbose && /\s/.test(character)) return '';
    if (this.verbose && character === '#') {
      const newline = this.text.indexOf('\n', this.at);
      this.at = newline < 0 ? this.text.length : newline + 1;
      return '';
    }
    return literal(character);
  }

  private quantifier(): string {
    const match = /^(?:[*+?]|\{(\d*)(,?)(\d*)\})/.exec(this.text.slice(this.at));
    if (!match || (match[0].startsWith('{') && match[1] === '' && match[3] === '')) {
      this.at++;
      return '\\{';
    }
    this.at += match[0].length;
    const sign = this.text[this.at];
    if (sign === '+') this.unsupported('a possessive quantifier');
    if (sign === '?') this.at++;
    const lazy = sign === '?' ? '?' : '';
    return (match[0].startsWith('{') ? `{${match[1] || '0'}${match[2]}${match[3]}}` : match[0]) + lazy;
  }

  private group(): string {
    const rest = this.text.slice(this.at);
    const take = (width: number, text: string): string => {
      this.at += width;
      return text;
    };
    if (!rest.startsWith('(?')) {
      this.groups++;
      return take(1, '(');
    }
    const named = /^\(\?P<([\p{L}_][\p{L}\p{N}_]*)>/u.exec(rest);
    if (named) {
      this.groups++;
      if (this.names.has(named[1]!)) this.fail(`redefinition of group name '${named[1]}'`);
      this.names.set(named[1]!, this.groups);
      return take(named[0].length, '(');
    }
    const reference = /^\(\?P=([^)]*)\)/.exec(rest);
    if (reference) {
      const number = this.names.get(reference[1]!) ?? this.fail(`unknown group name '${reference[1]}'`);
      return take(reference[0].length, `(?:\\${number})`);
    }
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment) return take(comment[0].length, '');
    const plain = /^\(\?(?:[:=!]|<[=!])/.exec(rest);
    if (plain) return take(plain[0].length, plain[0]);
    if (rest.startsWith('(?(')) this.unsupported('a conditional group');
    if (rest.startsWith('(?>')) this.unsupported('an atomic group');
    if (/^\(\?[aiLmsux]+\)/.test(rest)) this.fail('global flags not at the start of the expression');
    if (/^\(\?[aiLmsux-]+:/.test(rest)) this.unsupported('flags for a part of it');
    return this.fail('unknown extension');
  }

  private escape(): string {
    const character = this.text[this.at + 1];
    if (character === undefined) this.fail('bad escape (end of pattern)');
    this.at += 2;
    const word = this.ascii ? '[a-zA-Z0-9_]' : '[\\p{L}\\p{N}_]';
    if (character === 'A') return start;
    if (character === 'Z') return end;
    if (character === 'b') return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
    if (character === 'B') return `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
    if (/[1-9]/.test(character)) return this.backReference();
    const set = this.classEscape(character);
    return set === undefined ? this.characterEscape(character) : `[${set}]`;
  }

  private backReference(): string {
    const digits = /^\d{1,3}/.exec(this.text.slice(this.at - 1))![0];
    if (digits.length === 3 && /^[0-3][0-7]{2}$/.test(digits)) {
      this.at += 2;
      return literal(String.fromCharCode(Number.parseInt(digits, 8)));
    }
    const number = digits.slice(0, 2);
    this.at += number.length - 1;
    if (Number(number) > this.groups) this.fail(`invalid group reference ${number}`);
    return `(?:\\${number})`;
  }

  /** `\d`, `\W` and the like, as they are written inside brackets. */
  private classEscape(character: string): string | undefined {
    const [unicode, ascii] = classes[character.toLowerCase()] ?? [];
    const set = this.ascii ? ascii : unicode;
    if (set === undefined) return undefined;
    return character === character.toLowerCase() ? set : `[^${set}]`;
  }

  private characterEscape(character: string): string {
    if (characterEscapes[character]) return characterEscapes[character];
    const widths: Record<string, number> = { x: 2, u: 4, U: 8 };
    const width = widths[character];
    if (width !== undefined) {
      const hex = this.text.slice(this.at, this.at + width);
      if (!new RegExp(`^[\\da-fA-F]{${width}}$`).test(hex)) this.fail(`incomplete escape \\${character}${hex}`);
      this.at += width;
      return `\\u{${hex}}`;
    }
    if (character === '0') {
      const octal = /^[0-7]{0,2}/.exec(this.text.slice(this.at))![0];
      this.at += octal.length;
      return `\\u{${Number.parseInt(`0${octal}`, 8).toString(16)}}`;
    }
    if (/[A-Za-z]/.test(character)) this.fail(`bad escape \\${character}`);
    return literal(character);
  }

  private set(): string {
    this.at++;
    let out = '[';
    if (this.text[this.at] === '^') {
      out += '^';
      this.at++;
    }
    for (let first = true; first || this.text[this.at] !== ']'; first = false) {
      if (this.at >= this.text.length) this.fail('unterminated character set');
      const low = this.setMember();
      if (this.text[this.at] !== '-' || this.text[this.at + 1] === ']') {
        out += low.text;
        continue;
      }
      if (this.at + 1 >= this.text.length) this.fail('unterminated character set');
      this.at++;
      const high = this.setMember();
      if (low.isClass || high.isClass) this.fail('bad character range');
      out += `${low.text}-${high.text}`;
    }
    this.at++;
    return `${out}]`;
  }

  private setMember(): { text: string; isClass: boolean } {
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    this.at += character.length;
    if (character !== '\\') return { text: literal(character), isClass: false };
    const escaped = this.text[this.at];
    if (escaped === undefined) this.fail('bad escape (end of pattern)');
    this.at++;
    if (escaped === 'b') return { text: '\\x08', isClass: false };
    if (/[1-7]/.test(escaped)) {
      const octal = /^[0-7]{1,3}/.exec(this.text.slice(this.at - 1))![0];
      this.at += octal.length - 1;
      return { text: `\\u{${Number.parseInt(octal, 8).toString(16)}}`, isClass: false };
    }
    const set = this.classEscape(escaped);
    return set === undefined ? { text: this.characterEscape(escaped), isClass: false } : { text: set, isClass: true };
  }
}

/** A character that stands for itself, inside and outside of brackets. */
function literal(character: string): string {
  const code = character.codePointAt(0)!;
  return /[A-Za-z0-9_]/.test(character) || code > 0x7f ? character : `\\x${code.toString(16).padStart(2, '0')}`;
}
