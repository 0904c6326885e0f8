import { JinjaError, type Position } from './errors.ts';

/** A template's text and where it stands, so that an offset can be turned into a place when an error needs one. */
export class Source {
  readonly text: string;
  readonly file: string | undefined;
  readonly start: { file?: string; line?: number; column?: number };
  private readonly line: number;
  private readonly column: number;

  constructor(text: string, start: { file?: string; line?: number; column?: number } = {}) {
    this.text = text;
    this.start = start;
    this.file = start.file;
    this.line = start.line ?? 1;
    this.column = start.column ?? 1;
  }

  position(offset: number): Position {
    let line = 0;
    let lineStart = 0;
    for (let at = this.text.indexOf('\n'); at >= 0 && at < offset; at = this.text.indexOf('\n', at + 1)) {
      line++;
      lineStart = at + 1;
    }
    const column = offset - lineStart + (line === 0 ? this.column : 1);
    return { file: this.file, line: this.line + line, column };
  }

  syntaxError(message: string, offset: number, hint?: string): JinjaError {
    return new JinjaError('syntax', message, {
      pythonType: 'TemplateSyntaxError',
      position: this.position(offset),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
