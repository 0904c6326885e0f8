import type { z } from 'zod';
import { str } from '../args.ts';

/*
 * Words of a configuration. Mosquitto reads its files line by line and splits at spaces, so a line feed or a space in a
 * value is another setting, and a leading # makes a comment: what a person never meant is refused where it is written.
 */

/** Why a text cannot be a value of a line; undefined when it can. `words` allows spaces inside. */
function wrongValue(text: string, words = false): string | undefined {
  if (text === '') return 'is empty';
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'holds a line feed or another control character';
  if (text.startsWith('#')) return 'begins with #, which makes it a comment';
  if (!words && text.includes(' ')) return 'holds a space';
  if (text.trim() !== text) return 'begins or ends with a space';
  return undefined;
}

/** One word of a line. */
export function word(): z.ZodType<string> {
  return checked(false);
}

/** A topic filter: one word, and `#` is a wildcard there. */
export function filter(): z.ZodType<string> {
  return checked(false, true);
}

/** A topic filter in an ACL file, where it is the rest of the line. */
export function filterWords(): z.ZodType<string> {
  return checked(true, true);
}

/** The rest of a line, spaces included. */
export function words(): z.ZodType<string> {
  return checked(true);
}

function checked(spaces: boolean, hash = false): z.ZodType<string> {
  return str().superRefine((text, context) => {
    const wrong = wrongValue(hash ? text.replace(/^#/, '') || '+' : text, spaces);
    if (wrong !== undefined)
      context.addIssue({ code: 'custom', message: `the value ${wrong}: ${JSON.stringify(text)}` });
  }) as unknown as z.ZodType<string>;
}

/** The name of a file in conf.d, without `.conf`. */
export function fileName(): z.ZodType<string> {
  return str().refine(
    (text) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text) && !text.endsWith('.conf'),
    'expected the name of a file in conf.d, without ".conf": letters, digits, ".", "_" and "-"',
  ) as unknown as z.ZodType<string>;
}

/** Why a text cannot be a Device ID: one level of a topic and one word of a line. */
export function wrongDeviceId(id: string): string | undefined {
  if (id === '') return 'is empty';
  const found = /[/+#$\s\u0000-\u001f\u007f]/.exec(id);
  return found ? `holds ${JSON.stringify(found[0])}` : undefined;
}

/** Why a text cannot be the name of a user; undefined when it can. */
export function wrongUser(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.startsWith('#')) return 'begins with #, which makes it a comment';
  return /[:\s\u0000-\u001f\u007f]/.test(name) ? 'holds a colon, a space or a control character' : undefined;
}
