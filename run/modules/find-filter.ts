import { compileRegex, searchRegex } from '../jinja/python/regex.ts';
import { globRegex } from './glob.ts';

/** What stat(1) said of a path below a searched directory. */
export interface FoundPath {
  path: string;
  name: string;
  /** Type and permissions as `st_mode` has them. */
  bits: number;
  facts: Record<string, unknown>;
}

export interface FindFilter {
  patterns: string[];
  excludes?: string[] | undefined;
  use_regex: boolean;
  file_type: 'any' | 'directory' | 'file' | 'link';
  age?: string | undefined;
  age_stamp: 'atime' | 'ctime' | 'mtime';
  size?: string | undefined;
  hidden: boolean;
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const BYTES: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
const TYPES: Record<string, number> = { directory: 0o040000, file: 0o100000, link: 0o120000 };
const TYPE_BITS = 0o170000;

/** `2d`, `-1w`, `3600`: seconds. undefined for what is no age */
export function ageSeconds(text: string): number | undefined {
  return withUnit(text, 's|m|h|d|w', SECONDS);
}

/** `10m`, `-1k`, `512`: bytes. undefined for what is no size */
export function sizeBytes(text: string): number | undefined {
  return withUnit(text, 'b|k|m|g|t', BYTES);
}

function withUnit(text: string, units: string, factors: Record<string, number>): number | undefined {
  const match = new RegExp(`^(-?\\d+)(${units})?\\n?$`).exec(text.toLowerCase());
  return match ? Number(match[1]) * (match[2] === undefined ? 1 : factors[match[2]]!) : undefined;
}

/** Whether a path is one that the task looks for, after ansible/modules/find.py of 2.14; `now` is the host's time. */
export function pathFilter(filter: FindFilter, now: number): (found: FoundPath) => boolean {
  const named = nameFilter(filter);
  const age = filter.age === undefined ? undefined : ageSeconds(filter.age);
  const size = filter.size === undefined ? undefined : sizeBytes(filter.size);
  return ({ name, bits, facts }) => {
    if (name.startsWith('.') && !filter.hidden) return false;
    const type = bits & TYPE_BITS;
    if (filter.file_type !== 'any' && type !== TYPES[filter.file_type]) return false;
    if (!named(name) || !isWithin(now - Number(facts[filter.age_stamp]), age)) return false;
    return type !== TYPES.file || isWithin(Number(facts.size), size);
  };
}

/** At least the limit, or at most a negative one's amount. */
function isWithin(value: number, limit: number | undefined): boolean {
  if (limit === undefined) return true;
  return limit >= 0 ? value >= limit : value <= -limit;
}

function nameFilter({ patterns, excludes = [], use_regex: isRegex }: FindFilter): (name: string) => boolean {
  const matcher = (pattern: string): ((name: string) => boolean) => {
    if (!isRegex) {
      const glob = globRegex(pattern);
      return (name) => glob.test(name);
    }
    const regex = compileRegex(pattern);
    return (name) => searchRegex(regex, name, 'match') !== undefined;
  };
  const wanted = (patterns.length > 0 ? patterns : [isRegex ? '.*' : '*']).map(matcher);
  const unwanted = excludes.map(matcher);
  return (name) => wanted.some((matches) => matches(name)) && !unwanted.some((matches) => matches(name));
}

/**
 * A line of find.sh: `MODE DEV UID GID USER GROUP SIZE ATIME MTIME CTIME INODE NLINK PATH`, in Ansible's names.
 * @param moved from where the directory is in the end to how the task names it
 */
export function foundPath(line: string, moved: (path: string) => string): FoundPath {
  const words = line.split(' ', 12);
  const real = line.slice(words.join(' ').length + 1);
  const [mode, dev, uid, gid, user, group, size, atime, mtime, ctime, inode, nlink] = words as string[];
  const bits = Number.parseInt(mode!, 16);
  const path = moved(real);
  const type = bits & TYPE_BITS;
  const facts: Record<string, unknown> = {
    path,
    mode: (bits & 0o7777).toString(8).padStart(4, '0'),
    isdir: type === 0o040000,
    ischr: type === 0o020000,
    isblk: type === 0o060000,
    isreg: type === 0o100000,
    isfifo: type === 0o010000,
    islnk: type === 0o120000,
    issock: type === 0o140000,
    isuid: (bits & 0o4000) !== 0,
    isgid: (bits & 0o2000) !== 0,
    pw_name: user === 'UNKNOWN' || user === uid ? '' : user,
    gr_name: group === 'UNKNOWN' || group === gid ? '' : group,
  };
  // What a dry run cannot know is left out.
  for (const [key, text] of Object.entries({ uid, gid, size, inode, dev, nlink, atime, mtime, ctime }))
    if (text !== '-') facts[key] = Number(text);
  for (const [who, shift] of Object.entries({ usr: 6, grp: 3, oth: 0 }))
    for (const [letter, value] of Object.entries({ r: 4, w: 2, x: 1 }))
      facts[`${letter}${who}`] = ((bits >> shift) & value) !== 0;
  return { path, name: real.slice(real.lastIndexOf('/') + 1), bits, facts };
}
