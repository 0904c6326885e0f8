import { createHash, createHmac, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { appendFile, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) that names a host. */
export interface KnownKey {
  file: string;
  line: number;
  marker: '' | '@revoked' | '@cert-authority';
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  type: string;
  /** The public key's blob in base64. */
  key: string;
}

interface Entry extends KnownKey {
  /** Patterns of the host field; undefined when it is hashed. */
  patterns: string[] | undefined;
  salt: Buffer;
  hash: string;
}

interface Parsed {
  stamp: string;
  exact: Map<string, Entry[]>;
  patterned: Entry[];
  hashed: Entry[];
  /** Hosts whose hashed entries have been looked for: a file of hashed names costs an HMAC a line and host. */
  found: Map<string, Entry[]>;
  lines: number;
  openEnded: boolean;
}

const parsedFiles = new Map<string, Parsed>();
const turns = new Map<string, Promise<unknown>>();

/** The name a host has in known_hosts: `host`, or `[host]:port` off port 22. */
export function hostToken(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Every entry of the files that names the host, by exact name, pattern or hash. Files that are not there are empty. */
export async function knownKeys(files: readonly string[], token: string): Promise<KnownKey[]> {
  const entries: KnownKey[] = [];
  for (const file of files) {
    const parsed = await load(file);
    entries.push(...matching(parsed, token));
  }
  return entries;
}

/**
 * Adds a key to a known_hosts file by one append. Call it inside `inTurn`.
 * @throws the file system's error
 */
export async function addKnownKey(
  file: string,
  token: string,
  key: { type: string; key: string },
  hashed: boolean,
): Promise<void> {
  const parsed = await load(file);
  const salt = randomBytes(20);
  const name = hashed ? `|1|${salt.toString('base64')}|${hashOf(salt, token)}` : token;
  const line = `${parsed.openEnded ? '\n' : ''}${name} ${key.type} ${key.key}\n`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await appendFile(file, line, { mode: 0o600 });
  const entry: Entry = {
    file,
    line: ++parsed.lines,
    marker: '',
    ...key,
    patterns: [token],
    salt,
    hash: '',
  };
  if (!(await stat(file)).isFile()) return;
  push(parsed.exact, token, entry);
  parsed.openEnded = false;
  const stamp = stampOf(file);
  const grown = sizeIn(stamp) === sizeIn(parsed.stamp) + Buffer.byteLength(line);
  parsed.stamp = grown ? stamp : '';
}

/** Runs jobs on one file one after the other, so that two connections cannot both find a host unknown and add it. */
export function inTurn<T>(file: string, job: () => Promise<T>): Promise<T> {
  const before = turns.get(file) ?? Promise.resolve();
  const turn = before.then(job, job);
  const settled = turn.catch(() => undefined);
  turns.set(file, settled);
  void settled.then(() => {
    if (turns.get(file) === settled) turns.delete(file);
  });
  return turn;
}

/** `SHA256:…`, as ssh-keygen -l prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The key's type, the first string of its blob. */
export function keyType(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
}

function matching(parsed: Parsed, token: string): Entry[] {
  const found = [
    ...(parsed.exact.get(token) ?? []),
    ...parsed.patterned.filter((entry) => matchesPatterns(entry.patterns!, token)),
  ];
  let hashed = parsed.found.get(token);
  if (hashed === undefined) {
    hashed = parsed.hashed.filter((entry) => hashOf(entry.salt, token) === entry.hash);
    parsed.found.set(token, hashed);
  }
  return [...found, ...hashed].sort((a, b) => a.line - b.line);
}

/** ssh_config(5) PATTERNS: a negated pattern that matches rules the line out. */
function matchesPatterns(patterns: readonly string[], token: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), token)) return false;
    } else if (matchesPattern(pattern, token)) matched = true;
  }
  return matched;
}

/** `*` any run of characters, `?` one; case does not count. */
export function matchesPattern(pattern: string, text: string): boolean {
  const source = pattern.toLowerCase().replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text.toLowerCase());
}

function hashOf(salt: Buffer, token: string): string {
  return createHmac('sha1', salt).update(token).digest('base64');
}

function push(map: Map<string, Entry[]>, name: string, entry: Entry): void {
  const entries = map.get(name);
  if (entries) entries.push(entry);
  else map.set(name, [entry]);
}

async function load(file: string): Promise<Parsed> {
  const stamp = stampOf(file);
  const cached = parsedFiles.get(file);
  if (cached && stamp !== '' && cached.stamp === stamp) return cached;
  const parsed = parse(file, stamp, stamp === '' ? '' : await readRegular(file));
  parsedFiles.set(file, parsed);
  return parsed;
}

/**
 * Identity of a file's content; empty when there is no such file. Asked several times for each host: at once, since a
 * thread of the pool takes ten times as long to answer.
 */
function stampOf(file: string): string {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return '';
    throw error;
  }
}

function sizeIn(stamp: string): number {
  return stamp === '' ? 0 : Number(stamp.slice(stamp.lastIndexOf(' ') + 1));
}

async function readRegular(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    return (await handle.stat()).isFile() ? await readFile(handle, 'utf8') : '';
  } finally {
    await handle.close();
  }
}

function parse(file: string, stamp: string, text: string): Parsed {
  const lines = text.split('\n');
  const openEnded = text !== '' && !text.endsWith('\n');
  const parsed: Parsed = {
    stamp,
    exact: new Map(),
    patterned: [],
    hashed: [],
    found: new Map(),
    lines: openEnded ? lines.length : lines.length - 1,
    openEnded,
  };
  lines.forEach((line, index) => {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === '' || words[0]!.startsWith('#')) return;
    const marker = words[0]!.startsWith('@') ? words.shift()! : '';
    if (marker !== '' && marker !== '@revoked' && marker !== '@cert-authority') return;
    const [hosts, type, key] = words;
    if (hosts === undefined || type === undefined || key === undefined) return;
    const entry: Entry = {
      file,
      line: index + 1,
      marker,
      type,
      key,
      patterns: undefined,
      salt: Buffer.alloc(0),
      hash: '',
    };
    if (hosts.startsWith('|1|')) {
      const [, , salt, hash] = hosts.split('|');
      entry.salt = Buffer.from(salt ?? '', 'base64');
      entry.hash = hash ?? '';
      parsed.hashed.push(entry);
      return;
    }
    entry.patterns = hosts.split(',');
    if (/[*?!]/.test(hosts)) parsed.patterned.push(entry);
    else for (const name of new Set(entry.patterns)) push(parsed.exact, name.toLowerCase(), entry);
  });
  return parsed;
}
