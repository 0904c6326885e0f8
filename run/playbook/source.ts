import type { Place } from '../errors.ts';

const sourceOfPlace = Symbol('source');

/** The text of a file that a person wrote, for turning offsets into places and places into source lines. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  /** The text was decrypted: its lines must not be shown. */
  readonly secret: boolean;
  private starts: number[] | undefined;

  constructor(file: string, text: string, secret = false) {
    this.file = file;
    this.text = text;
    this.secret = secret;
  }

  placeAt(offset: number): Place {
    const starts = this.lineStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return this.place(low + 1, offset - starts[low]! + 1);
  }

  place(line: number, column: number): Place {
    const place: Place = { file: this.file, line, column };
    Object.defineProperty(place, sourceOfPlace, { value: this, enumerable: false });
    return place;
  }

  /** Offset of a line's first character; lines count from 1. */
  offsetOf(line: number): number {
    return this.lineStarts()[line - 1] ?? this.text.length;
  }

  /** Text of a line, counted from 1. */
  line(number: number): string | undefined {
    if (this.secret) return '(encrypted)';
    const starts = this.lineStarts();
    const start = starts[number - 1];
    if (start === undefined) return undefined;
    const end = starts[number] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }

  private lineStarts(): number[] {
    if (!this.starts) {
      this.starts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) this.starts.push(at + 1);
    }
    return this.starts;
  }
}

/** The line that a place of ours stands in, while the text it was read from is at hand. */
export function sourceLineOf(place: Place | undefined): string | undefined {
  return place && sourceOf(place)?.line(place.line);
}

/** Whether a place stands in a text that was decrypted. */
export function isDecrypted(place: Place): boolean {
  return sourceOf(place)?.secret === true;
}

function sourceOf(place: Place): SourceText | undefined {
  return (place as { [sourceOfPlace]?: SourceText })[sourceOfPlace];
}
