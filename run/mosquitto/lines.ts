import { isBefore, LINES, since, type Version, versionText } from './version.ts';

/** One line of a configuration file: an option and its words. */
export interface Line {
  option: string;
  value: string;
}

/** A file's text for the hosts whose Mosquitto is at least `from`, or why they cannot have it. */
export interface Variant {
  from: string;
  text: string;
  refused: string;
}

export function line(option: string, value: string | number | boolean): Line {
  return { option, value: String(value) };
}

/** Nothing for an option that is not said. */
export function optional(option: string, value: string | number | boolean | undefined): Line[] {
  return value === undefined ? [] : [line(option, value)];
}

/** The text of lines, each `OPTION VALUE`; a paragraph for each list. */
export function textOf(paragraphs: readonly (readonly Line[])[]): string {
  return paragraphs
    .filter((paragraph) => paragraph.length > 0)
    .map((paragraph) => paragraph.map(({ option, value }) => `${option} ${value}\n`).join(''))
    .join('\n');
}

/**
 * What a file is on each release, and which of its options a release does not know yet. Neighbours that do not differ are
 * one, so most files have one or two variants, and the host picks its own by the version it finds.
 */
export function variantsOf(render: (version: Version) => readonly (readonly Line[])[]): Variant[] {
  const variants: Variant[] = [];
  for (const version of LINES) {
    const paragraphs = render(version);
    const variant = {
      from: versionText(version),
      text: textOf(paragraphs),
      refused: refusal(paragraphs.flat(), version),
    };
    const last = variants.at(-1);
    if (last?.text !== variant.text || last.refused !== variant.refused) variants.push(variant);
  }
  return variants;
}

/** Names the options that a release does not know: "bridge_bind_address (since 2.0)". Empty when it knows all. */
function refusal(lines: readonly Line[], version: Version): string {
  const unknown = lines.flatMap(({ option, value }) => {
    const first = since(option, value);
    if (!isBefore(version, first)) return [];
    const shown = isBefore(version, since(option, '')) ? option : `${option} ${value}`;
    return [`${shown} (since ${versionText(first)})`];
  });
  return [...new Set(unknown)].join(', ');
}
