const SPACE = ' \t\n\r\f\v';
const CLASSES: Record<string, string> = { d: '0-9', w: 'A-Za-z0-9_', s: SPACE };
const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', a: '\x07' };

/**
 * A Python pattern over bytes as a POSIX extended one that matches in just the same texts (not at the same length: it
 * answers yes or no), for any awk. The text must keep its line feed, as Python's lines do.
 * @returns undefined for what cannot be said exactly: references, look-around, word boundaries, counted repeats, flags
 */
export function extendedRegex(pattern: string): string | undefined {
  const reader = new Reader(pattern);
  try {
    const text = reader.alternatives();
    return reader.done ? text : undefined;
  } catch (error) {
    if (error instanceof Untranslatable) return undefined;
    throw error;
  }
}

class Untranslatable extends Error {}

/** Recursive descent over the pattern; every piece it does not know is given up. */
class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  alternatives(): string {
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    // An empty alternative is undefined in POSIX.
    if (parts.length > 1 && parts.some((part) => part === '')) throw new Untranslatable();
    return parts.join('|');
  }

  private sequence(): string {
    let out = '';
    while (!this.done && !'|)'.includes(this.peek())) {
      const piece = this.piece();
      const repeat = this.repeat();
      if (repeat !== '' && (piece === '^' || piece === '(\n?$)')) throw new Untranslatable();
      // Several pieces, such as a character of two bytes, are never made of one escape.
      out += piece + repeat;
    }
    return out;
  }

  private repeat(): string {
    const found = this.take('*') || this.take('+') || this.take('?');
    if (!found) {
      // Braces that are no counted repeat are plain characters in Python.
      if (/^\{\d*,?\d*\}/.test(this.text.slice(this.at))) throw new Untranslatable();
      return '';
    }
    // A lazy repeat matches in the same texts; a possessive one may not.
    if (this.take('+')) throw new Untranslatable();
    this.take('?');
    if (!this.done && '*+?'.includes(this.peek())) throw new Untranslatable();
    return found;
  }

  private piece(): string {
    const character = this.next();
    switch (character) {
      case '.':
        return '[^\n]';
      case '^':
        return '^';
      case '$':
        return '(\n?$)';
      case '(':
        return this.group();
      case '[':
        return this.bracket();
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        throw new Untranslatable();
      default:
        return literal(character);
    }
  }

  private group(): string {
    if (this.take('?') && !this.take(':')) throw new Untranslatable();
    const inside = this.alternatives();
    if (inside === '' || !this.take(')')) throw new Untranslatable();
    return `(${inside})`;
  }

  private escape(): string {
    if (this.done) throw new Untranslatable();
    const character = this.next();
    const found = CLASSES[character.toLowerCase()];
    if (found !== undefined) return character in CLASSES ? `[${found}]` : `[^${found}]`;
    if (CONTROLS[character] !== undefined) return CONTROLS[character];
    if (/[A-Za-z0-9]/.test(character)) throw new Untranslatable();
    return literal(character);
  }

  private bracket(): string {
    const negated = this.take('^') ? '^' : '';
    const members: string[] = [];
    for (;;) {
      if (this.done) throw new Untranslatable();
      const member = this.member(members.length === 0);
      if (member === undefined) break;
      if (this.peek() === '-' && this.text[this.at + 1] !== ']' && this.text[this.at + 1] !== undefined) {
        this.at++;
        const last = this.member(false);
        if (last === undefined || member.length !== 1 || last.length !== 1 || member > last) throw new Untranslatable();
        if (!/[A-Za-z0-9]/.test(member) || !/[A-Za-z0-9]/.test(last)) throw new Untranslatable();
        members.push(`${member}-${last}`);
      } else members.push(member);
    }
    return bracketed(negated, members);
  }

  /** One character, or the members of a class; undefined at the closing bracket. */
  private member(first: boolean): string | undefined {
    const character = this.next();
    if (character === ']' && !first) return undefined;
    if (character !== '\\') {
      // Two bytes in a bracket are two members to Python; nothing to say, but what is not ASCII is left to it.
      if (character > '\x7f') throw new Untranslatable();
      return character;
    }
    if (this.done) throw new Untranslatable();
    const escaped = this.next();
    if (CLASSES[escaped] !== undefined) return CLASSES[escaped];
    if (CONTROLS[escaped] !== undefined) return CONTROLS[escaped];
    if (/[A-Za-z0-9]/.test(escaped) || escaped > '\x7f') throw new Untranslatable();
    return escaped;
  }

  private peek(): string {
    return this.text[this.at] ?? '';
  }

  private next(): string {
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    this.at += character.length;
    return character;
  }

  private take(character: string): string {
    if (this.peek() !== character) return '';
    this.at += 1;
    return character;
  }
}

/** A character for itself; one of several bytes is held together, so that a repeat means the last byte, as to Python. */
function literal(character: string): string {
  if (/[A-Za-z0-9 _\n\r\t\f\v\x07"#%&',:;<=>@`~!/-]/.test(character)) return character;
  if (character === '^') return '\\^';
  if (character === '\\') return '\\\\';
  return `[${character}]`;
}

/** POSIX brackets know no escapes, but awk's do: only the order keeps `]`, `^` and `-` plain, and a backslash is doubled. */
function bracketed(negated: string, members: string[]): string {
  const plain = members
    .filter((member) => !/^[\]^-]$/.test(member))
    .map((member) => (member === '\\' ? '\\\\' : member));
  if (plain.some((member) => member === '[')) throw new Untranslatable();
  const has = (character: string) => (members.includes(character) ? character : '');
  const inside = `${has(']')}${plain.join('')}${has('^')}${has('-')}`;
  if (inside === '^' && negated === '') return '\\^';
  return `[${negated}${inside}]`;
}
