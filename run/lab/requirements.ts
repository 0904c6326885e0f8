import { constants } from 'node:fs';
import { access, mkdir, readFile, rmdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LamplighterError } from '../errors.ts';
import { cgroupTrees } from './cgroups.ts';
import type { Progress } from './progress.ts';
import { $, attempt } from './script.ts';

/** The Debian package of each file that the lab cannot do without; a bare name is looked up in the PATH. */
const NEEDED: Record<string, string> = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  nft: 'nftables',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  '/usr/share/keyrings/debian-archive-keyring.gpg': 'debian-archive-keyring',
};

const OWN_HOSTS = 'To use hosts of your own, copy inventory.example.yaml and name them there.';

export type CanBeLab = { ok: true } | { ok: false; reason: string };

/** What a machine is, as far as a lab asks; given by tests instead of looked at. */
export interface Machine {
  platform: string;
  root: boolean;
  hasApt: boolean;
  missing: string[];
  /** Undefined when there is none. */
  cgroupTree: string | undefined;
}

/** Whether this machine can run lab hosts; if not, one sentence that says why. Changes nothing that stays. */
export async function canBeLab(): Promise<CanBeLab> {
  const machine = await lookAtMachine();
  const verdict = judge(machine);
  if (!verdict.ok) return verdict;
  const failure = await tryKernel(machine.cgroupTree!);
  return failure === undefined ? verdict : { ok: false, reason: failure };
}

/** The part of the verdict that needs no trial. */
export function judge(machine: Machine): CanBeLab {
  const no = (reason: string): CanBeLab => ({ ok: false, reason });
  if (machine.platform !== 'linux') return no(`a lab needs Linux, and this is ${machine.platform}`);
  if (!machine.root) {
    const install = machine.missing.length > 0 ? ` (and these packages: ${installCommand(machine.missing)})` : '';
    return no(`a lab needs root: namespaces, mounts and control groups${install}`);
  }
  if (machine.missing.length > 0 && !machine.hasApt)
    return no(`a lab needs ${machine.missing.join(', ')}, and there is no apt-get to install them`);
  if (machine.cgroupTree === undefined) return no('a lab needs control groups, and none are mounted');
  return { ok: true };
}

/** Throws LAB where no lab can be, and installs what is missing. */
export async function meetRequirements(progress: Progress): Promise<void> {
  const verdict = await canBeLab();
  if (!verdict.ok) throw new LamplighterError('LAB', `no lab on this machine: ${verdict.reason}`, { hint: OWN_HOSTS });
  const missing = await missingPackages();
  if (missing.length === 0) return;
  progress({ text: `installing ${missing.join(', ')}` });
  const install = $`export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends ${missing} </dev/null || {
      apt-get update </dev/null
      apt-get install -y --no-install-recommends ${missing} </dev/null
    }`;
  await attempt(`install ${missing.join(', ')}`, install, `Try it by hand: ${installCommand(missing)}`);
}

function installCommand(packages: string[]): string {
  return `sudo apt-get install --no-install-recommends ${packages.join(' ')}`;
}

async function lookAtMachine(): Promise<Machine> {
  const linux = process.platform === 'linux';
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    hasApt: linux && (await found('apt-get')),
    missing: linux ? await missingPackages() : [],
    cgroupTree: linux ? cgroupTrees(await readFile('/proc/self/mountinfo', 'utf8'))[0] : undefined,
  };
}

async function missingPackages(): Promise<string[]> {
  const missing = new Set<string>();
  for (const [file, name] of Object.entries(NEEDED)) if (!(await found(file))) missing.add(name);
  return [...missing];
}

async function found(file: string): Promise<boolean> {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const places = file.startsWith('/') ? [file] : dirs.map((dir) => join(dir, file));
  const looks = places.map((path) =>
    access(path, constants.R_OK).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(looks)).includes(true);
}

/** Does what hosts need, in namespaces that end with it. Returns what went wrong. */
async function tryKernel(tree: string): Promise<string | undefined> {
  const probe = join(tree, `lamplighter-probe-${process.pid}`);
  try {
    await mkdir(probe);
    await rmdir(probe);
  } catch {
    return `a lab needs to make control groups, and ${tree} does not let it`;
  }
  const trial = await $({ nothrow: true })`
    unshare --net --mount --pid --fork true || { echo 'namespaces cannot be made' >&2; exit 1; }
    unshare --net --mount /bin/sh -c '
      mount -t tmpfs tmpfs /mnt && cd /mnt && mkdir lower upper work root &&
      mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work root ||
        { echo "overlayfs cannot be mounted" >&2; exit 1; }
      mount -t sysfs sysfs /sys || { echo "sysfs cannot be mounted" >&2; exit 1; }
      command -v ip >/dev/null || exit 0
      ip link add bridge0 type bridge && ip link add cable0 type veth peer name cable1 ||
        { echo "bridges and veth pairs cannot be made" >&2; exit 1; }
      command -v nft >/dev/null || exit 0
      nft add table ip probe && nft "add chain ip probe out { type nat hook postrouting priority 100; }" ||
        { echo "nftables cannot translate addresses" >&2; exit 1; }
    '`;
  return trial.exitCode === 0 ? undefined : trial.stderr.trim().split('\n').at(-1);
}
