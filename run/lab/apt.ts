import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $, attempt } from './script.ts';

/** How the controller's own apt reaches Debian, as far as a lab host needs it. */
export interface ControllerApt {
  /** One-line sources for the wanted suite; empty when the controller has none of Debian. */
  sources: string[];
  /** Lines for apt.conf: proxies, time-outs, certificates. */
  conf: string[];
  /** Keyrings that the sources name, at the same path on the controller. */
  keyrings: string[];
}

const APT = '/etc/apt';
const DEBIAN_SUITE = /^(bullseye|bookworm|trixie|forky|sid|stable|oldstable|testing)(-updates|-security|\/updates)?$/;

/** Reads the controller's sources, those of Debian translated to `suite`, and its settings for fetching. */
export async function controllerApt(suite: string, env: NodeJS.ProcessEnv = process.env): Promise<ControllerApt> {
  const names = (await readdir(join(APT, 'sources.list.d')).catch(() => [])).sort();
  const files = ['sources.list', ...names.map((name) => join('sources.list.d', name))];
  const sources: string[] = [];
  for (const file of files) {
    const text = await readFile(join(APT, file), 'utf8').catch(() => '');
    if (file.endsWith('.list')) sources.push(...oneLineSources(text));
    else if (file.endsWith('.sources')) sources.push(...deb822Sources(text));
  }
  const lines = [...new Set(sources.flatMap((line) => forSuite(line, suite) ?? []))];
  const dump = await attempt("read apt's settings", $`apt-config dump`);
  return {
    sources: lines,
    conf: fetchSettings(dump.stdout, env),
    keyrings: [...new Set(lines.flatMap((line) => /signed-by=([^\s\]]+)/.exec(line)?.[1]?.split(',') ?? []))].filter(
      (file) => file.startsWith('/'),
    ),
  };
}

/** The `deb` lines of a sources.list. */
export function oneLineSources(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter((line) => /^deb\s/.test(line)).map((line) => line.replaceAll(/\s+/g, ' '));
}

/** The `deb` stanzas of a deb822 file as one-line sources. A key written into the stanza itself is left out. */
export function deb822Sources(text: string): string[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    const unfolded = stanza.replaceAll(/^#.*\n?/gm, '').replaceAll(/\n[ \t]+/g, ' ');
    for (const line of unfolded.split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    const words = (name: string) => fields.get(name)?.split(/\s+/).filter(Boolean) ?? [];
    if (/^(no|false|0)$/.test(fields.get('enabled') ?? 'yes') || !words('types').includes('deb')) return [];
    const key = fields.get('signed-by') ?? '';
    const options = [
      ...(key.startsWith('/') ? [`signed-by=${key.replaceAll(/[\s,]+/g, ',')}`] : []),
      ...(fields.has('trusted') ? [`trusted=${fields.get('trusted')}`] : []),
    ];
    const start = options.length > 0 ? `deb [${options.join(' ')}]` : 'deb';
    return words('uris').flatMap((uri) =>
      words('suites').map((suite) => `${start} ${uri} ${suite} ${words('components').join(' ')}`.trim()),
    );
  });
}

/** A one-line source of a Debian suite turned to another one, or undefined when it is not Debian's own. */
export function forSuite(line: string, suite: string): string | undefined {
  const parts = /^deb (\[[^\]]*\] )?(\S+) (\S+) (.+)$/.exec(line);
  const pocket = DEBIAN_SUITE.exec(parts?.[3] ?? '');
  // Third parties use Debian's names for their suites too, but not its components.
  if (!parts || !pocket || !parts[4]!.split(' ').includes('main') || !/debian/.test(parts[2]!)) return undefined;
  const options = (parts[1] ?? '').replaceAll(/\b(arch|architectures)=[^\s\]]*\s?/g, '').replace(/^\[\s*\]\s*/, '');
  const named = (pocket[2] ?? '').replace('/updates', '-security');
  return `deb ${options}${parts[2]} ${suite}${named} ${parts[4]}`;
}

/** The lines of `apt-config dump` that say how to fetch, plus the proxies of the environment. */
export function fetchSettings(dump: string, env: NodeJS.ProcessEnv): string[] {
  const lines = dump.split('\n').filter((line) => {
    return (
      /^Acquire::(https?::|Check-|Retries|Force|AllowInsecure|AllowWeak|AllowDowngrade)/.test(line) &&
      !/ "";$/.test(line)
    );
  });
  for (const scheme of ['http', 'https']) {
    const proxy = env[`${scheme}_proxy`];
    const known = lines.some((line) => line.startsWith(`Acquire::${scheme}::Proxy `));
    if (proxy && !known) lines.push(`Acquire::${scheme}::Proxy "${proxy.replaceAll('"', '')}";`);
  }
  return lines;
}

/** The same settings seen from a lab host, to which the controller's loopback is its gateway. */
export function settingsBehind(gateway: string, conf: string[]): string[] {
  return conf.map((line) => line.replace(/\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(?=[:/"])/, `//${gateway}`));
}
