import { type Family, type Files, families, familyOf, ofFamily, type StaticAddress, type Wanted } from './request.ts';

export const INTERFACES = '/etc/network/interfaces';

/**
 * /etc/network/interfaces with the interface's stanzas of the stated families as they should be; the files that it sources lose
 * theirs. Everything else stays. Source: interfaces(5).
 */
export function ifupdownFiles(files: Files, request: StaticAddress): Wanted[] {
  const wanted: Wanted[] = [];
  const stanza = stanzas(request);
  for (const [path, text] of files) {
    const { kept, at } = withoutStanzas(text, request);
    const result = path === INTERFACES ? inserted(kept, at, stanza) : kept;
    if (path === INTERFACES || result.join('\n') !== linesOf(text).join('\n'))
      wanted.push({ path, text: joined(result), mode: '0644' });
  }
  if (!files.has(INTERFACES)) wanted.push({ path: INTERFACES, text: `${stanza.join('\n')}\n`, mode: '0644' });
  return wanted;
}

function stanzas(request: StaticAddress): string[] {
  const name = request.interface;
  const lines = [headerOf(name), `auto ${name}`];
  for (const family of families(request)) {
    const gateway = ofFamily(request.gateway, family)[0];
    const dns = ofFamily(request.dns, family);
    ofFamily(request.address, family).forEach((address, i) => {
      lines.push(`iface ${name} inet${family === 6 ? '6' : ''} static`, `address ${writtenAddress(address)}`);
      if (i > 0) return;
      if (gateway !== undefined) lines.push(`gateway ${gateway}`);
      if (dns.length > 0) lines.push(`dns-nameservers ${dns.join(' ')}`);
    });
  }
  const elsewhere = request.dns.filter((each) => !families(request).includes(familyOf(each)));
  if (elsewhere.length > 0) lines.push(`dns-nameservers ${elsewhere.join(' ')}`);
  return lines;
}

function headerOf(name: string): string {
  return `# Configuration for ${name}`;
}

/** Without the prefix where that is the one ifup takes by itself, that of the address's class: so people write it. */
function writtenAddress(address: string): string {
  const [bare = '', prefix] = address.split('/');
  if (familyOf(bare) === 6) return address;
  const first = Number(bare.split('.')[0]);
  const byClass = first < 128 ? 8 : first < 192 ? 16 : 24;
  return Number(prefix) === byClass ? bare : address;
}

/** A line that begins something of its own. */
const START = /^\s*(iface|mapping|auto|allow-\S+|source|source-directory|rename|no-auto-down|no-scripts)\s/;

/** The lines without the interface's stanzas, and where the first of them (or the line that brings it up) was. */
function withoutStanzas(text: string, request: StaticAddress): { kept: string[]; at: number | undefined } {
  const name = request.interface;
  const replaced: Family[] = families(request);
  const kept: string[] = [];
  let at: number | undefined;
  let dropping = false;
  for (const line of linesOf(text)) {
    const words = line.trim().split(/\s+/);
    if (START.test(line)) {
      dropping = words[0] === 'iface' && words[1] === name && replaced.includes(words[2] === 'inet6' ? 6 : 4);
      if (dropping) at ??= kept.length;
      if ((words[0] === 'auto' || words[0] === 'allow-hotplug') && words.slice(1).includes(name)) {
        at ??= kept.length;
        const others = words.slice(1).filter((each) => each !== name);
        if (others.length > 0) kept.push(`${words[0]} ${others.join(' ')}`);
        continue;
      }
    } else if (line.trim() === headerOf(name)) {
      at ??= kept.length;
      continue;
    } else if (dropping && line.trim() === '') dropping = false;
    // A comment within a stanza goes with it, one behind it does not.
    if (!dropping) kept.push(line);
  }
  return { kept, at };
}

function inserted(lines: string[], at: number | undefined, stanza: string[]): string[] {
  if (at !== undefined) return [...lines.slice(0, at), ...stanza, ...lines.slice(at)];
  const isEmpty = lines.every((line) => line.trim() === '');
  return isEmpty ? stanza : [...lines, ...(lines.at(-1) === '' ? [] : ['']), ...stanza];
}

function linesOf(text: string): string[] {
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function joined(lines: string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
