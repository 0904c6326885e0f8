const SECTION = '\u0001';

/**
 * What a facts step brought back: files, links and the sections its scripts printed. The step's output begins with the
 * files as `grep -H` prints them.
 */
export class HostView {
  private readonly files = new Map<string, string>();
  private readonly links = new Map<string, string>();
  private readonly sections = new Map<string, string>();

  constructor(output: string) {
    for (const part of output.split(SECTION).slice(1)) {
      const newline = part.indexOf('\n');
      const name = part.slice(0, newline);
      this.sections.set(name, (this.sections.get(name) ?? '') + part.slice(newline + 1));
    }
    const contents = new Map<string, string[]>();
    for (const line of this.lines('files')) {
      const colon = line.indexOf(':');
      if (colon <= 0) continue;
      const path = line.slice(0, colon);
      const lines = contents.get(path);
      if (lines === undefined) contents.set(path, [line.slice(colon + 1)]);
      else lines.push(line.slice(colon + 1));
    }
    for (const [path, lines] of contents) this.files.set(path, lines.join('\n'));
    for (const line of this.lines('links')) {
      const match = /(\/\S+) -> (.+)$/.exec(line);
      if (match !== null) this.links.set(match[1]!, match[2]!);
    }
  }

  /** A file's content, trimmed as Ansible does; undefined when it is missing, unreadable or empty. */
  file(path: string): string | undefined {
    const content = this.files.get(path)?.trim();
    return content === '' ? undefined : content;
  }

  /** The paths that were read and match. */
  paths(pattern: RegExp): string[] {
    return [...this.files.keys()].filter((path) => pattern.test(path));
  }

  link(path: string): string | undefined {
    return this.links.get(path);
  }

  linksBelow(pattern: RegExp): [string, string][] {
    return [...this.links].filter(([path]) => pattern.test(path));
  }

  section(name: string): string | undefined {
    return this.sections.get(name);
  }

  /** Sections whose names begin so, without that beginning. */
  sectionsBelow(prefix: string): [string, string][] {
    return [...this.sections]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, text]) => [name.slice(prefix.length), text]);
  }

  lines(section: string): string[] {
    const text = this.sections.get(section);
    return text === undefined ? [] : text.split('\n').filter((line) => line !== '');
  }

  /** Whether a script said that this path is there (`fact_exists PATH…`). */
  exists(path: string): boolean {
    return this.lines('exists').includes(path);
  }
}

/** The last component of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
