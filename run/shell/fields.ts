import type { Diff } from '../task.ts';

/** What a step wrote to fd 3, read: see the head of runtime.sh for the records. */
export interface StepFields {
  fields: Record<string, string>;
  diffs: Diff[];
  warnings: string[];
  /** The body's own status where it had to be told apart from the runtime's. */
  code?: number;
}

/**
 * Reads a step's records. A step that was killed while it wrote leaves half a record, which is dropped.
 * @param mark the word of the session that ends contents, which may hold any byte
 */
export function readFields(bytes: Buffer, mark: string): StepFields {
  const result: StepFields = { fields: {}, diffs: [], warnings: [] };
  const end = Buffer.from(`${mark}\0`);
  let at = 0;
  const text = (): string | undefined => {
    const stop = bytes.indexOf(0, at);
    if (stop < 0) return undefined;
    const value = bytes.toString('utf8', at, stop);
    at = stop + 1;
    return value;
  };
  const content = (): Buffer | undefined => {
    const stop = bytes.indexOf(end, at);
    if (stop < 0) return undefined;
    const value = bytes.subarray(at, stop);
    at = stop + end.length;
    return value;
  };
  while (at < bytes.length) {
    const head = text();
    if (head === undefined) break;
    const name = head.slice(1);
    switch (head[0]) {
      case 'R': {
        const value = text();
        if (value !== undefined) result.fields[name] = value;
        break;
      }
      case 'F':
      case 'B': {
        const value = content();
        if (value !== undefined) result.fields[name] = value.toString(head[0] === 'F' ? 'utf8' : 'base64');
        break;
      }
      case 'M':
        result.fields.msg = name;
        break;
      case 'W':
        result.warnings.push(name);
        break;
      case 'C':
        result.code = Number(name);
        break;
      case 'D': {
        const before = content();
        const after = content();
        if (before !== undefined && after !== undefined) result.diffs.push(contentDiff(name, before, after));
        break;
      }
      case 'A': {
        const [attribute, before, after] = [text(), text(), text()];
        if (attribute !== undefined && before !== undefined && after !== undefined)
          addAttribute(result.diffs, name, attribute, before, after);
        break;
      }
      default:
        // Half a record of a killed step.
        return result;
    }
  }
  return result;
}

/** Reads fields of a line each into `fields`. */
export function readLines(text: string, fields: Record<string, string>): void {
  for (const line of text.split('\n')) {
    const blank = line.indexOf(' ');
    if (blank > 0) fields[line.slice(0, blank)] = line.slice(blank + 1);
  }
}

const LARGE = Buffer.from('\0large\0');
const PRIVATE = Buffer.from('\0private\0');

/** Contents that cannot be shown are named instead, as Ansible does. */
function contentDiff(path: string, before: Buffer, after: Buffer): Diff {
  const hidden = before.equals(PRIVATE)
    ? 'for its owner alone'
    : before.equals(LARGE) || after.equals(LARGE)
      ? 'larger than 104448 bytes'
      : before.includes(0) || after.includes(0)
        ? 'binary'
        : undefined;
  const head = { path, beforeHeader: path, afterHeader: path };
  if (hidden !== undefined) return { ...head, hidden };
  return { ...head, before: before.toString('utf8'), after: after.toString('utf8') };
}

/** Attributes of one path are one diff, `{before: {path, mode}, after: {path, mode}}` as Ansible's file module has it. */
function addAttribute(diffs: Diff[], path: string, name: string, before: string, after: string): void {
  const last = diffs.at(-1);
  const diff: Diff =
    last?.path === path && typeof last.before === 'object' ? last : { path, before: { path }, after: { path } };
  if (diff !== last) diffs.push(diff);
  const number = name === 'owner' || name === 'group';
  (diff.before as Record<string, unknown>)[name] = number ? asNumber(before) : before;
  (diff.after as Record<string, unknown>)[name] = number ? asNumber(after) : after;
}

/** Owners are numbers, but one that is only predicted is known by its name. */
function asNumber(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
