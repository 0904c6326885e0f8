import { toUSVString } from 'node:util';
import type { RunEvent } from '../events.ts';
import type { TaskResult } from '../task.ts';

/*
 * Keeps secrets out of every output. One redactor serves a whole run; what it knows grows while the run goes on (vault
 * values, password arguments, whatever a module marks).
 */

export const MASK = '********';

/** Ansible's words for a result under `no_log: true`. */
const CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

/**
 * Shorter secrets are hidden only where they are a whole value: masking every "a" would make the output unreadable and,
 * by its gaps, give the secret away.
 */
const MIN_LENGTH = 4;

/** Lines of a longer secret (a key, a certificate) are hidden one by one too, from this length on. */
const MIN_LINE_LENGTH = 8;

/** An encoded form shorter than this would match by chance. */
const MIN_ENCODED_LENGTH = 8;

/** The keys of events whose values may hold what a host, a person or a file said. */
const TEXTS = new Set(['play', 'place', 'label', 'result', 'diffs', 'unknown', 'message', 'playbooks']);

export class Redactor {
  private readonly whole = new Set<string>();
  private readonly parts = new Set<string>();
  private pattern: RegExp | undefined;

  /** From now on this text is not shown, nor its usual encodings. */
  add(secret: string): void {
    const text = secret.trim();
    if (text === '' || this.whole.has(text)) return;
    this.whole.add(text);
    for (const form of formsOf(text)) this.parts.add(form);
    this.pattern = undefined;
  }

  /** The text with every secret in it masked. */
  text(text: string): string {
    if (this.whole.has(text.trim())) return MASK;
    const pattern = this.compiled();
    return pattern ? text.replace(pattern, MASK) : text;
  }

  /** Any data, copied, with every secret in its strings, numbers and keys masked. */
  value<T>(value: T): T {
    return this.whole.size === 0 ? value : (this.copy(value) as T);
  }

  /**
   * The event as a report may show it: `no_log` results replaced, secrets masked in every text. What the runner itself
   * chose (event, status, module, host, counts) stays, or a password such as "changed" would be given away by its gaps.
   */
  event(event: RunEvent): RunEvent {
    if (event.event === 'task' || event.event === 'item') return this.texts(event.noLog ? censored(event) : event);
    return event.event === 'recap' ? event : this.texts(event);
  }

  private texts<E extends RunEvent>(event: E): E {
    if (this.whole.size === 0) return event;
    const masked = Object.entries(event).map(([key, value]) => {
      if (key === 'task') return [key, { ...value, name: this.text(value.name), place: this.copy(value.place) }];
      return [key, TEXTS.has(key) ? this.copy(value) : value];
    });
    return Object.fromEntries(masked);
  }

  private copy(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number' || typeof value === 'bigint')
      return this.text(String(value)) === String(value) ? value : MASK;
    if (Array.isArray(value)) return value.map((each) => this.copy(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(entriesOf(value).map(([key, each]) => [this.text(key), this.copy(each)]));
  }

  private compiled(): RegExp | undefined {
    if (this.parts.size === 0) return undefined;
    // Longest first, so that a secret inside another one does not leave the rest of it standing.
    this.pattern ??= new RegExp(
      [...this.parts]
        .sort((a, b) => b.length - a.length)
        .map(escaped)
        .join('|'),
      'g',
    );
    return this.pattern;
  }
}

function entriesOf(value: object): [string, unknown][] {
  return value instanceof Map ? [...value].map(([key, each]) => [String(key), each]) : Object.entries(value);
}

/** The ways in which a secret may stand inside another text. */
function formsOf(secret: string): string[] {
  if (secret.length < MIN_LENGTH) return [];
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const pieces = [secret, ...(lines.length > 1 ? lines.filter((line) => line.length >= MIN_LINE_LENGTH) : [])];
  return [...pieces.flatMap(plainForms), ...base64Forms(secret)];
}

function plainForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [
    text,
    json,
    json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
    text.replaceAll("'", "''"), // YAML
    text.replaceAll("'", "'\\''"), // sh
    text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"), // Python
    encodeURIComponent(toUSVString(text)),
  ];
}

/** Base64 of the secret alone, and the characters that only it decides where it stands inside something longer. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const forms = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const bits = (offset + bytes.length) * 8;
    return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(bits / 6));
  });
  const urlSafe = forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [...forms, ...urlSafe].filter((form) => form.length >= MIN_ENCODED_LENGTH);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** A result under `no_log`, as Ansible censors it: that it changed and how often it was tried, no more. */
function censored<E extends Extract<RunEvent, { result: TaskResult; diffs: unknown }>>(event: E): E {
  const { attempts, changed, retries } = event.result;
  const kept = Object.entries({ attempts, changed, retries }).filter(([, value]) => value !== undefined);
  const copy = { ...event, result: { censored: CENSORED, ...Object.fromEntries(kept) }, diffs: [] };
  return copy.event === 'item' ? { ...copy, label: '(censored due to no_log)' } : copy;
}
