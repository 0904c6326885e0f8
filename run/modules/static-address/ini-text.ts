/** A section of an INI text, in the order of its lines; the lines before the first header have the name ''. */
interface Section {
  name: string;
  lines: string[];
}

/** A text of sections and `key=value` lines (systemd's files, NetworkManager's keyfiles) that keeps what nobody touches. */
export class IniText {
  readonly sections: Section[] = [{ name: '', lines: [] }];

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const header = /^\s*\[([^\]]+)\]\s*$/.exec(line);
      if (header) this.sections.push({ name: header[1]!, lines: [] });
      else this.sections.at(-1)!.lines.push(line);
    }
  }

  /** The values of a key in all sections of a name. */
  values(section: string, key: string): string[] {
    return this.#named(section).flatMap(({ lines }) =>
      lines.flatMap((line) => (keyOf(line) === key ? [line.slice(line.indexOf('=') + 1).trim()] : [])),
    );
  }

  /** Takes lines away whose key and value a test names. */
  drop(section: string, test: (key: string, value: string) => boolean): void {
    for (const each of this.#named(section))
      each.lines = each.lines.filter((line) => {
        const key = keyOf(line);
        return key === undefined || !test(key, line.slice(line.indexOf('=') + 1).trim());
      });
  }

  /** Takes whole sections away. */
  dropSections(section: string, test: (values: (key: string) => string[]) => boolean): void {
    for (const each of this.#named(section)) {
      const values = (key: string) =>
        each.lines.filter((line) => keyOf(line) === key).map((line) => line.slice(line.indexOf('=') + 1).trim());
      if (test(values)) this.sections.splice(this.sections.indexOf(each), 1);
    }
  }

  /** Puts one line for each value in place of all that a key has. */
  set(section: string, key: string, ...values: string[]): void {
    let target = this.#named(section)[0];
    if (!target) {
      this.#endWithBlank();
      target = { name: section, lines: [''] };
      this.sections.push(target);
    }
    const first = target.lines.findIndex((line) => keyOf(line) === key);
    this.drop(section, (each) => each === key);
    const end = target.lines.findLastIndex((line) => line.trim() !== '') + 1;
    target.lines.splice(first < 0 ? end : first, 0, ...values.map((value) => `${key}=${value}`));
  }

  toString(): string {
    const text = this.sections
      .map(({ name, lines }) => [...(name === '' ? [] : [`[${name}]`]), ...lines].join('\n'))
      .filter((part, i) => i > 0 || part.trim() !== '')
      .join('\n');
    return `${text.trimEnd()}\n`;
  }

  #named(section: string): Section[] {
    return this.sections.filter(({ name }) => name === section);
  }

  #endWithBlank(): void {
    const last = this.sections.at(-1)!;
    if (last.name !== '' && last.lines.at(-1) !== '') last.lines.push('');
  }
}

function keyOf(line: string): string | undefined {
  return /^\s*([A-Za-z][\w-]*)\s*=/.exec(line)?.[1];
}
