import { type Look, quote } from './script.ts';

/** As `ll_ahead` reads them. */
const LETTERS = { sum: 's', text: 't' };

/** Calls on their way to a shell. Those of steps that go together are announced, with all that they will look at. */
export class Outbox {
  private before = '';
  /** From the first step on. */
  private text = '';
  private steps = 0;
  private looks: string[] = [];

  get isEmpty(): boolean {
    return this.before === '' && this.text === '';
  }

  add(call: string): void {
    if (this.steps === 0) this.before += call;
    else this.text += call;
  }

  addStep(id: number, call: string, looks: readonly Look[]): void {
    this.steps++;
    this.text += call;
    for (const { path, content } of looks) this.looks.push(`${id}${content ? LETTERS[content] : ''}`, quote(path));
  }

  /** Empties it. */
  take(): string {
    const more = this.steps > 1 ? `ll_more ${this.steps - 1} .\n` : '';
    const ahead = this.looks.length > 0 ? `ll_ahead ${this.looks.join(' ')} .\n` : '';
    const text = this.before + more + ahead + this.text;
    this.before = '';
    this.text = '';
    this.steps = 0;
    this.looks = [];
    return text;
  }
}
