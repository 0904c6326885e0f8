import { execFileSync, spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What an OpenWrt router has not, of all that busybox could be. */
const LACKING = new Set(
  'stat od base64 timeout install realpath nohup truncate flock getent su runuser sudo lsattr file sha384sum cmp diff patch'.split(
    ' ',
  ),
);

/**
 * A root directory with nothing but busybox, less what small hosts lack, and neither /proc nor /dev/shm. Needs root.
 * @returns the command that starts its shell; paths of tests must lie below `root`
 */
export async function tinyHost(): Promise<{ root: string; command: [string, string[]]; remove: () => Promise<void> }> {
  const root = await mkdtemp('/tmp/lamplighter-tiny-');
  for (const dir of ['bin', 'etc', 'tmp', 'dev', 'var/lib', 'root']) await mkdir(join(root, dir), { recursive: true });
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  await copyFile(busybox, join(root, 'bin/busybox'));
  const libraries = spawnSync('ldd', [busybox], { encoding: 'utf8' }).stdout.match(/\/\S+/g) ?? [];
  for (const library of libraries.filter((path) => path.startsWith('/lib'))) {
    await mkdir(join(root, dirname(library)), { recursive: true });
    await copyFile(library, join(root, library));
  }
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n'))
    if (!LACKING.has(applet) && applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nlamp:x:1000:1000::/home/lamp:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nlamp:x:1000:\n');
  execFileSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3']);
  execFileSync('mknod', ['-m', '666', join(root, 'dev/zero'), 'c', '1', '5']);
  return {
    root,
    // Without busybox's own applets first, `command -v` finds what is a file here, and only that.
    command: ['env', ['-i', 'PATH=/bin:/usr/sbin:/usr/bin', 'HOME=/root', 'chroot', root, '/bin/busybox', 'ash']],
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
