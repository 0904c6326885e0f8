/*
 * Host names with ports and ranges, as ansible/parsing/utils/addresses.py reads them.
 */

const numericRange = String.raw`\[(?:[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const hexRange = String.raw`\[(?:[0-9a-f]+:[0-9a-f]+)(?::[0-9]+)?\]`;
const alphanumericRange = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const word = String.raw`[\p{L}\p{N}_]`;
const label = `(?:${word}|${alphanumericRange})(?:[\\p{L}\\p{N}_\\-]|${alphanumericRange})*(?<![_\\-])`;
const i4 = `(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${numericRange})`;
const i6 = `(?:[0-9a-f]{1,4}|${hexRange})`;

const bracketedWithPort = /^\[(.+)\]:([0-9]+)$/;
const withPort = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;
const ipv4 = new RegExp(`^(?:${i4}\\.){3}${i4}$`, 'iu');
const hostname = new RegExp(`^${label}(?:\\.${label})*$`, 'iu');
// The alternatives are Ansible's, and like there only the first is bound to the start and only the last to the end.
const ipv6 = new RegExp(
  `^(?:(?:${i6}:){7}${i6}|(?:${i6}:){1,6}:|(?:${i6}:)(?::${i6}){1,6}|(?:${i6}:){2}(?::${i6}){1,5}|` +
    `(?:${i6}:){3}(?::${i6}){1,4}|(?:${i6}:){4}(?::${i6}){1,3}|(?:${i6}:){5}(?::${i6}){1,2}|(?:${i6}:){6}(?::${i6})|` +
    `:(?::${i6}){1,6}|${i6}?::|(?:0:){6}(?:${i6}\\.){3}${i6}|::(?:ffff:)?(?:${i6}\\.){3}${i6}|` +
    `(?:0:){5}ffff:(?:${i6}\\.){3}${i6})$`,
  'iu',
);

export interface Address {
  host: string;
  port: number | undefined;
}

/** Host (a name or address, maybe with `[1:9]` ranges) and port, or undefined when the text is neither. */
export function parseAddress(text: string, allowRanges: boolean): Address | undefined {
  let host = text;
  let port: number | undefined;
  for (const pattern of [bracketedWithPort, withPort]) {
    const match = pattern.exec(host);
    if (!match) continue;
    host = match[1]!;
    port = Number(match[2]);
  }
  if (!ipv4.test(host) && !ipv6.test(host) && !hostname.test(host)) return undefined;
  if (!allowRanges && host.includes('[')) return undefined;
  return { host, port };
}
