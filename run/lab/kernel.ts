import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A setting of the kernel, and the least value that hosts need. */
interface Setting {
  file: string;
  least: number;
}

const SETTINGS: readonly Setting[] = [
  { file: '/proc/sys/net/ipv4/ip_forward', least: 1 },
  // Each host's systemd holds about eight, all of them as one root: of 128 the seventeenth host gets none and never finishes
  // its start.
  { file: '/proc/sys/fs/inotify/max_user_instances', least: 8192 },
];

/** What they were before the first lab; gone after a restart of the machine, as the settings themselves are. */
const BEFORE = '/run/lamplighter';

/** Raises what is too low, and remembers what it was. */
export async function raiseSettings(settings: readonly Setting[] = SETTINGS, before = BEFORE): Promise<void> {
  for (const { file, least } of settings) {
    const now = await readFile(file, 'utf8').catch(() => undefined);
    if (now === undefined || Number(now) >= least) continue;
    await mkdir(before, { recursive: true });
    // An earlier lab's memory is the older one.
    await writeFile(join(before, basename(file)), now, { flag: 'wx' }).catch(() => undefined);
    await writeFile(file, `${least}\n`);
  }
}

/** Puts back what was raised. */
export async function restoreSettings(settings: readonly Setting[] = SETTINGS, before = BEFORE): Promise<void> {
  for (const { file } of settings) {
    const kept = join(before, basename(file));
    const value = await readFile(kept, 'utf8').catch(() => undefined);
    if (value === undefined) continue;
    await writeFile(file, value);
    await rm(kept);
  }
  // Not ours alone: it stays while something else is in it.
  await rmdir(before).catch(() => undefined);
}
