import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LamplighterError } from '../errors.ts';
import { type ControllerApt, controllerApt } from './apt.ts';
import { lockDirectory } from './lock.ts';
import type { LabPaths } from './paths.ts';
import type { Progress } from './progress.ts';
import { $, attempt } from './script.ts';
import type { Suite } from './suites.ts';

/** Which image: the release, and whether Python is in it, for comparing with Ansible. */
export interface BaseChoice {
  suite: Suite;
  python: boolean;
}

/** Raised when the way of building changes: an image of an older recipe is not used for new hosts. */
const RECIPE = 2;
const PACKAGES = 'systemd systemd-sysv dbus openssh-server iproute2 sudo ca-certificates'.split(' ');
const PYTHON_PACKAGES = ['python3', 'python3-apt'];
const OWN_CERTIFICATES = '/usr/local/share/ca-certificates';

/** The directory of the wanted base image, built first when it is not in the cache. */
export async function ensureBase(
  paths: LabPaths,
  choice: BaseChoice,
  progress: Progress,
  signal?: AbortSignal,
): Promise<string> {
  const apt = await controllerApt(choice.suite);
  const packages = [...PACKAGES, ...(choice.python ? PYTHON_PACKAGES : [])];
  const recipe = createHash('sha256')
    .update(JSON.stringify([RECIPE, packages, apt]))
    .digest('hex')
    .slice(0, 10);
  const shelf = join(paths.cache, choice.suite + (choice.python ? '-python' : ''));
  const done = join(shelf, recipe);
  if (await exists(done)) return done;

  const wait = () => progress({ text: 'waiting for another lab that builds a base image' });
  const lock = await lockDirectory(shelf, wait, signal);
  try {
    if (await exists(done)) return done;
    await removeUnfinished(shelf);
    const building = join(shelf, `.building-${recipe}`);
    try {
      await build(building, choice.suite, packages, apt, progress, signal);
      await rename(join(building, 'root'), done);
    } finally {
      await rm(building, { recursive: true, force: true, maxRetries: 5 });
    }
    return done;
  } finally {
    await lock.release();
  }
}

async function build(
  building: string,
  suite: Suite,
  packages: string[],
  apt: ControllerApt,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const started = Date.now();
  const root = join(building, 'root');
  await mkdir(join(building, 'tmp'), { recursive: true });
  await writeFile(join(building, 'apt.conf'), `${apt.conf.join('\n')}\n`);
  const options = [
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    `--aptopt=${join(building, 'apt.conf')}`,
    ...(await hooks(apt)),
  ];
  progress({ text: `building a ${suite} base image${packages.includes('python3') ? ' with Python' : ''}` });
  // Its own mounts and processes, which all end with it, and it ends with this process: nothing is left half done.
  const run = $({ env: { ...process.env, TMPDIR: join(building, 'tmp') } })`
    exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
      mmdebstrap ${options} ${suite} ${root} ${apt.sources} </dev/null`;
  // Nothing milder ends unshare before its child.
  const stop = () => run.child?.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  run.stderr.on('data', (chunk: Buffer) => {
    const step = /^I: (.+)$/m.exec(String(chunk))?.[1];
    if (step) progress({ text: `base image ${suite}: ${step.replace(/\.+$/, '')}`, passing: true });
  });
  await attempt(`build the ${suite} base image`, run, 'Does `apt-get update` work on this machine?').catch((error) => {
    throw signal?.aborted ? new LamplighterError('INTERRUPTED', 'interrupted while building the base image') : error;
  });
  signal?.removeEventListener('abort', stop);
  progress({ text: `base image ${suite} built in ${((Date.now() - started) / 1000).toFixed(0)} s` });
}

/** Keys and certificates go in before the packages; what belongs to one machine goes out after them. */
async function hooks(apt: ControllerApt): Promise<string[]> {
  const setup: string[] = [];
  for (const file of apt.keyrings) setup.push(`mkdir -p "$1$(dirname '${file}')" && cp '${file}' "$1${file}"`);
  if ((await filesIn('/etc/apt/auth.conf.d')).length > 0)
    setup.push('mkdir -p "$1/etc/apt" && cp -Rp /etc/apt/auth.conf.d "$1/etc/apt/"');
  const customize = [
    'rm -f "$1"/etc/hostname "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/ssh/ssh_host_*',
    'mkdir -p "$1/var/log/journal"',
  ];
  if ((await filesIn(OWN_CERTIFICATES)).length > 0)
    customize.push(`cp -R ${OWN_CERTIFICATES}/. "$1${OWN_CERTIFICATES}/" && chroot "$1" update-ca-certificates`);
  return [...setup.map((hook) => `--setup-hook=${hook}`), ...customize.map((hook) => `--customize-hook=${hook}`)];
}

async function removeUnfinished(shelf: string): Promise<void> {
  const left = (await filesIn(shelf)).filter((name) => name.startsWith('.building-'));
  await Promise.all(left.map((name) => rm(join(shelf, name), { recursive: true, force: true })));
}

async function filesIn(dir: string): Promise<string[]> {
  return await readdir(dir).catch(() => []);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
