import { stripVTControlCharacters, styleText } from 'node:util';

export type Paint = (colour: Colour, text: string) => string;

/** What a text is about; each has Ansible's colour. */
export type Colour = keyof typeof COLOURS;

const COLOURS = {
  ok: 'green',
  changed: 'yellow',
  skipped: 'cyan',
  unknown: 'magenta',
  failed: 'red',
  unreachable: 'redBright',
  warning: 'magentaBright',
  verbose: 'blue',
  dim: 'gray',
  title: 'bold',
  added: 'green',
  removed: 'red',
  hunk: 'cyan',
} as const;

/** Colours every line by itself, so that a pager which cuts lines keeps them. */
export function painter(enabled: boolean): Paint {
  if (!enabled) return (_, text) => text;
  return (colour, text) =>
    text
      .split('\n')
      .map((line) => (line === '' ? '' : styleText(COLOURS[colour], line, { validateStream: false })))
      .join('\n');
}

export interface ColourWishes {
  /** `--no-color`, or false by ansible.cfg; true by its `force_color`. */
  asked?: boolean | undefined;
  env: NodeJS.ProcessEnv;
  isTTY: boolean;
}

/** Whether to colour: what was asked, then NO_COLOR and FORCE_COLOR, then the terminal. */
export function wantsColour({ asked, env, isTTY }: ColourWishes): boolean {
  if (asked !== undefined) return asked;
  if (isSet(env.NO_COLOR)) return false;
  if (isSet(env.FORCE_COLOR)) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTTY && env.TERM !== 'dumb';
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** Characters that a terminal draws two cells wide (East Asian wide and emoji), and those it draws in none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const EMPTY = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Cells that a text takes on a terminal. */
export function width(text: string): number {
  let cells = 0;
  for (const char of stripVTControlCharacters(text)) cells += EMPTY.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return cells;
}

/** The text cut to so many cells, with `…` in place of what is gone. The text is plain. */
export function cut(text: string, cells: number): string {
  if (width(text) <= cells) return text;
  let kept = '';
  for (const char of text) {
    if (width(kept + char) > cells - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
