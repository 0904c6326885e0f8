import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LamplighterError } from '../errors.ts';

/*
 * A USB stick to write on: what Linux knows of it, whether it may be erased, and the writing.
 * Source: Documentation/ABI/stable/sysfs-block, proc_pid_mountinfo(5), proc_swaps(5).
 */

/** Where Linux has its devices and tells of them. */
export interface Kernel {
  dev: string;
  sys: string;
  proc: string;
}

const KERNEL: Kernel = { dev: '/dev', sys: '/sys', proc: '/proc' };

export interface Stick {
  path: string;
  /** As Linux calls it: `sdb`. */
  name: string;
  bytes: number;
  /** What its maker calls it. */
  label: string;
  partitions: string[];
}

const SECTOR = 512;
const CHUNK = 256 << 10;
/** Where tables and RAIDs keep a copy that would still be found. */
const TAIL = 1 << 20;

/**
 * The stick at a path, if it may be erased.
 * @param room bytes that it has to have
 * @throws LamplighterError USAGE when it is no disk, not removable, in use, write-protected or too small
 */
export async function stickAt(path: string, room: number, kernel = KERNEL): Promise<Stick> {
  const real = await realpath(path).catch(() => {
    throw refused(path, 'there is no such device', 'lsblk lists those that there are.');
  });
  const name = basename(real);
  const about = join(kernel.sys, 'class/block', name);
  const size = dirname(real) === kernel.dev ? await line(join(about, 'size')) : undefined;
  if (size === undefined) throw refused(path, 'it is no block device', 'lsblk lists the sticks of this machine.');
  if ((await line(join(about, 'partition'))) !== undefined) {
    const disk = basename(join(await realpath(about), '..'));
    throw refused(path, `it is a partition of /dev/${disk}`, 'The whole stick is written: name the disk.');
  }
  if ((await line(join(about, 'removable'))) !== '1')
    throw refused(path, 'it is not removable, so it may be a disk of this machine');
  if ((await line(join(about, 'ro'))) === '1') throw refused(path, 'it is write-protected');
  const bytes = Number(size) * SECTOR;
  if (bytes === 0) throw refused(path, 'there is no medium in it');
  if (bytes < room) throw refused(path, `it has ${bytes} bytes and ${room} are needed`);
  const partitions = (await readdir(about)).filter((each) => each.startsWith(name)).sort();
  const use = await inUse([name, ...partitions], kernel);
  if (use !== undefined) throw refused(path, use, 'Unmount it first; what it holds will be lost.');
  const made = await Promise.all(['vendor', 'model'].map((each) => line(join(about, 'device', each))));
  return { path: real, name, bytes, label: made.filter(Boolean).join(' ') || 'a stick without a name', partitions };
}

/** What uses one of the devices, in words. */
async function inUse(names: readonly string[], { sys, proc }: Kernel): Promise<string | undefined> {
  const mounts = (await readFile(join(proc, 'self/mountinfo'), 'utf8')).split('\n').map((each) => each.split(' '));
  const swaps = (await readFile(join(proc, 'swaps'), 'utf8').catch(() => '')).split('\n');
  for (const name of names) {
    const about = join(sys, 'class/block', name);
    const number = await line(join(about, 'dev'));
    const mount = mounts.find((fields) => fields[2] === number);
    if (mount) return `/dev/${name} is mounted at ${mount[4]}`;
    if (swaps.some((each) => each.startsWith(`/dev/${name} `) || each.startsWith(`/dev/${name}\t`)))
      return `/dev/${name} is swap`;
    const [holder] = await readdir(join(about, 'holders')).catch(() => []);
    if (holder !== undefined) return `/dev/${holder} is made of /dev/${name}`;
  }
  return undefined;
}

/**
 * Writes an image to the start of a stick, and empties its end.
 * @throws LamplighterError FILE_UNREADABLE when the stick cannot be written
 */
export async function writeStick(
  { path, bytes }: Pick<Stick, 'path' | 'bytes'>,
  image: Uint8Array,
  progress: (done: number, all: number) => void,
): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    // O_EXCL without O_CREAT: Linux refuses a block device that something holds.
    handle = await open(path, constants.O_RDWR | constants.O_EXCL);
    const tail = new Uint8Array(Math.min(TAIL, Math.max(0, bytes - image.length)));
    const all = image.length + tail.length;
    for (let at = 0; at < image.length; at += CHUNK) {
      await writeAll(handle, image.subarray(at, at + CHUNK), at);
      await handle.datasync();
      progress(Math.min(at + CHUNK, image.length), all);
    }
    await writeAll(handle, tail, bytes - tail.length);
    await handle.sync();
    progress(all, all);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EACCES' || code === 'EPERM' ? 'only root may' : code === 'EBUSY' ? 'something uses it' : code;
    throw new LamplighterError('FILE_UNREADABLE', `cannot write ${path}: ${why}`, { cause: error });
  } finally {
    await handle?.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

async function line(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

function refused(path: string, why: string, hint?: string): LamplighterError {
  return new LamplighterError('USAGE', `${path} is not written: ${why}`, { hint });
}
