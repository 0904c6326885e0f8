import type { StepReply } from '../task.ts';
import { statField } from './file-arguments.ts';

/** Letters of lsattr(1) by their names. Source: ansible.module_utils.common.file. */
const FILE_ATTRIBUTES: Record<string, string> = {
  A: 'noatime',
  a: 'append',
  c: 'compressed',
  C: 'nocow',
  d: 'nodump',
  D: 'dirsync',
  e: 'extents',
  E: 'encrypted',
  h: 'blocksize',
  i: 'immutable',
  I: 'indexed',
  j: 'journalled',
  N: 'inline',
  s: 'zero',
  S: 'synchronous',
  t: 'notail',
  T: 'blockroot',
  u: 'undelete',
  X: 'compressedraw',
  Z: 'compresseddirty',
};

const BITS = { usr: 6, grp: 3, oth: 0 };

/** Ansible's `stat` of a path that is there, from the fields of run/modules/stat.sh. */
export function statFacts(
  { fields }: StepReply,
  wanted: { mime: boolean; attributes: boolean },
): Record<string, unknown> {
  const { kind, mode, uid, gid, user, group, size, mtime, inode, nlink } = statField(fields.stat);
  const bits = Number.parseInt(mode!, 8);
  const facts: Record<string, unknown> = {
    exists: true,
    path: fields.path,
    mode,
    isdir: kind === 'directory',
    ischr: kind === 'char',
    isblk: kind === 'block',
    isreg: kind === 'file',
    isfifo: kind === 'fifo',
    islnk: kind === 'link',
    issock: kind === 'socket',
    ...numbers({ uid, gid, size, inode, nlink }),
    ...times(fields, mtime),
    isuid: (bits & 0o4000) !== 0,
    isgid: (bits & 0o2000) !== 0,
  };
  for (const [who, shift] of Object.entries(BITS))
    for (const [letter, value] of Object.entries({ r: 4, w: 2, x: 1 }))
      facts[`${letter}${who}`] = ((bits >> shift) & value) !== 0;
  const access = fields.access ?? '';
  facts.readable = access.includes('r');
  facts.writeable = access.includes('w');
  facts.executable = access.includes('x');
  if (fields.source !== undefined) Object.assign(facts, { lnk_source: fields.source, lnk_target: fields.target });
  // A number without a name has none.
  if (user !== undefined && user !== '-' && user !== uid) facts.pw_name = user;
  if (group !== undefined && group !== '-' && group !== gid) facts.gr_name = group;
  if (fields.md5 !== undefined) facts.md5 = fields.md5;
  if (fields.checksum !== undefined) facts.checksum = fields.checksum;
  if (wanted.mime) Object.assign(facts, mimeFacts(fields.mime));
  if (wanted.attributes) Object.assign(facts, attributeFacts(fields.lsattr));
  return facts;
}

function numbers(texts: Record<string, string | undefined>): Record<string, number> {
  const known = Object.entries(texts).filter(([, text]) => text !== undefined && /^\d+$/.test(text));
  return Object.fromEntries(known.map(([name, text]) => [name, Number(text)]));
}

function times(fields: Record<string, string>, mtime: string | undefined): Record<string, number> {
  const [dev, blocks, , blockSize, major, minor, ...seconds] = (fields.more ?? '').split(' ');
  if (seconds.length === 3) {
    const [atime, modified, ctime] = seconds.map(Number);
    return {
      ...numbers({ dev, blocks, block_size: blockSize }),
      device_type: deviceNumber(Number.parseInt(major!, 16), Number.parseInt(minor!, 16)),
      atime: atime!,
      mtime: modified!,
      ctime: ctime!,
    };
  }
  const known = Number(mtime);
  if (mtime === '-' || !Number.isFinite(known)) return {};
  // Predicted: it would have been made at that moment.
  return fields.predicted === undefined ? { mtime: known } : { mtime: known, atime: known, ctime: known };
}

/** Linux's makedev, as Python's st_rdev shows it. */
function deviceNumber(major: number, minor: number): number {
  return (major & 0xfff) * 256 + (minor & 0xff) + (minor >>> 8) * 0x100000;
}

function mimeFacts(text: string | undefined): { mimetype: string; charset: string } {
  const match = /:\s*([^:;]*);\s*charset=(\S+)\s*$/.exec(text ?? '');
  return { mimetype: match?.[1]?.trim() ?? 'unknown', charset: match?.[2] ?? 'unknown' };
}

function attributeFacts(text: string | undefined): Record<string, unknown> {
  const [version, flags] = (text ?? '').trim().split(/\s+/);
  if (version === undefined || flags === undefined) return { version: null, attributes: [], attr_flags: '' };
  const letters = flags.replaceAll('-', '');
  const names = [...letters].map((letter) => FILE_ATTRIBUTES[letter]).filter((name) => name !== undefined);
  return { version, attributes: names, attr_flags: letters };
}
