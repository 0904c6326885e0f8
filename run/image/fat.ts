/*
 * A small FAT12 volume, written as a whole: what cloud-init's NoCloud and every firmware read, in a few sectors.
 * Source: Microsoft, "FAT: General Overview of On-Disk Format", version 1.03.
 */

const SECTOR = 512;
/** With a sector a cluster this is just below FAT12's limit of 4,084 clusters. */
const SECTORS = 4096;
const FAT_SECTORS = 12;
const ROOT_ENTRIES = 512;
const ROOT_START = 1 + 2 * FAT_SECTORS;
const DATA_START = ROOT_START + (ROOT_ENTRIES * 32) / SECTOR;
const FIRST_CLUSTER = 2;
const LAST_OF_FILE = 0xfff;
const FIXED_DISK = 0xf8;
const IS_LABEL = 0x08;
const IS_FILE = 0x20;
const IS_LONG_NAME = 0x0f;
/** Tells the firmware that there is nothing to boot here: int 0x18, and a loop where that comes back. */
const NOT_BOOTABLE = [0xcd, 0x18, 0xeb, 0xfe];

export interface VolumeFile {
  /** Letters, digits, `.`, `-` and `_`, at most 26 of them. */
  name: string;
  content: Uint8Array;
}

/**
 * The volume, 2 MiB, its files in the root directory.
 * @param label at most 11 capital letters and digits
 * @throws RangeError for files that do not fit, and names that a directory cannot hold
 */
export function fatVolume(label: string, files: readonly VolumeFile[], now = new Date()): Buffer {
  if (!/^[A-Z0-9]{1,11}$/.test(label)) throw new RangeError(`"${label}" cannot be the label of a volume`);
  const volume = Buffer.alloc(SECTORS * SECTOR);
  writeBootSector(volume, label, now);
  const table = new Uint16Array(SECTORS - DATA_START + FIRST_CLUSTER);
  table[0] = 0xf00 | FIXED_DISK;
  table[1] = LAST_OF_FILE;
  const entries = [labelEntry(label, now)];
  let next = FIRST_CLUSTER;
  files.forEach(({ name, content }, index) => {
    const clusters = Math.ceil(content.length / SECTOR);
    if (next + clusters > table.length) throw new RangeError(`${name} does not fit into the volume`);
    for (let i = 0; i < clusters; i++) table[next + i] = i === clusters - 1 ? LAST_OF_FILE : next + i + 1;
    volume.set(content, (DATA_START + next - FIRST_CLUSTER) * SECTOR);
    entries.push(...fileEntries(name, index, clusters === 0 ? 0 : next, content.length, now));
    next += clusters;
  });
  if (entries.length > ROOT_ENTRIES) throw new RangeError('too many files for the volume');
  entries.forEach((entry, i) => {
    volume.set(entry, ROOT_START * SECTOR + i * 32);
  });
  const packed = packTable(table);
  for (const start of [1, 1 + FAT_SECTORS]) volume.set(packed, start * SECTOR);
  return volume;
}

function writeBootSector(volume: Buffer, label: string, now: Date): void {
  volume.set([0xeb, 0x3c, 0x90]);
  volume.write('MSWIN4.1', 3, 'latin1');
  volume.writeUInt16LE(SECTOR, 11);
  volume[13] = 1; // sectors a cluster
  volume.writeUInt16LE(1, 14); // sectors before the tables: this one
  volume[16] = 2; // tables
  volume.writeUInt16LE(ROOT_ENTRIES, 17);
  volume.writeUInt16LE(SECTORS, 19);
  volume[21] = FIXED_DISK;
  volume.writeUInt16LE(FAT_SECTORS, 22);
  volume.writeUInt16LE(32, 24); // sectors a track, heads: read by nobody who counts blocks
  volume.writeUInt16LE(64, 26);
  volume[36] = 0x80; // the first fixed disk
  volume[38] = 0x29; // what follows is there
  volume.writeUInt32LE(Math.floor(now.getTime() / 1000) >>> 0, 39);
  volume.write(label.padEnd(11), 43, 'latin1');
  volume.write('FAT12   ', 54, 'latin1');
  volume.set(NOT_BOOTABLE, 62);
  volume.set([0x55, 0xaa], 510);
}

/** Twelve bits an entry, two entries in three bytes. */
function packTable(table: Uint16Array): Buffer {
  const packed = Buffer.alloc(FAT_SECTORS * SECTOR);
  table.forEach((value, i) => {
    const at = Math.floor((i * 3) / 2);
    if (i % 2 === 0) {
      packed[at] = value & 0xff;
      packed[at + 1] = packed[at + 1]! | (value >> 8);
    } else {
      packed[at] = packed[at]! | ((value & 0x0f) << 4);
      packed[at + 1] = value >> 4;
    }
  });
  return packed;
}

function labelEntry(label: string, now: Date): Buffer {
  return shortEntry(label.padEnd(11), IS_LABEL, 0, 0, now);
}

/** The name in full, last part first, and the short one that goes with it. */
function fileEntries(name: string, index: number, cluster: number, size: number, now: Date): Buffer[] {
  if (!/^[A-Za-z0-9._-]{1,26}$/.test(name))
    throw new RangeError(`"${name}" cannot be the name of a file of the volume`);
  // Nobody looks at it, but two files may not have the same.
  const short = `FILE~${index + 1}`.padEnd(11);
  const sum = checksum(short);
  const parts = name.length > 13 ? [name.slice(0, 13), name.slice(13)] : [name];
  const long = parts.map((part, i) => longEntry(part, (i + 1) | (i === parts.length - 1 ? 0x40 : 0), sum));
  return [...long.reverse(), shortEntry(short, IS_FILE, cluster, size, now)];
}

/** Offsets of the thirteen characters in an entry of a long name. */
const CHARACTERS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

function longEntry(part: string, sequence: number, sum: number): Buffer {
  const entry = Buffer.alloc(32);
  entry[0] = sequence;
  entry[11] = IS_LONG_NAME;
  entry[13] = sum;
  CHARACTERS.forEach((offset, i) => {
    const padding = i === part.length ? 0 : 0xffff;
    entry.writeUInt16LE(i < part.length ? part.charCodeAt(i) : padding, offset);
  });
  return entry;
}

function shortEntry(name: string, attributes: number, cluster: number, size: number, now: Date): Buffer {
  const entry = Buffer.alloc(32);
  entry.write(name, 0, 'latin1');
  entry[11] = attributes;
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const date = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  entry.writeUInt16LE(time, 22);
  entry.writeUInt16LE(date, 24);
  entry.writeUInt16LE(cluster, 26);
  entry.writeUInt32LE(size, 28);
  return entry;
}

/** Of a short name: it ties the entries of a long one to it. */
function checksum(short: string): number {
  let sum = 0;
  for (const byte of Buffer.from(short, 'latin1')) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum;
}
