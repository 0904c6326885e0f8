import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { ask } from '../cli/ask.ts';
import { newCommand, parse, repeated } from '../cli/describe.ts';
import type { Io } from '../cli/io.ts';
import { tellError } from '../cli/tell-error.ts';
import { readConfig } from '../config.ts';
import { LamplighterError, type Place } from '../errors.ts';
import { CALLED_AS } from '../package.ts';
import { VaultSecrets } from '../playbook/vault.ts';
import { placeText } from '../report/place.ts';
import { painter, wantsColour } from '../report/style.ts';
import { fatVolume } from './fat.ts';
import { passwordHashFrom } from './password.ts';
import type { Access, Plan } from './plan.ts';
import { metaData, userData } from './seed.ts';
import { type Kernel, type Stick, stickAt, writeStick } from './stick.ts';
import { type HostValues, hostValues, keysFrom, planFrom } from './values.ts';

const ABOUT = `
What it makes: user-data and meta-data, and cidata.img, a volume with the two that cloud-init finds by its label. Put it on a
second stick (--write /dev/sdX, or any tool that writes images), put both into the machine and start it from the stick with
Ubuntu Server 22.04 or newer. The installer asks once whether to go on, unless the word "autoinstall" stands on its kernel's
command line; then it asks nothing more, and switches the machine off when it is done. The disks that are named are ERASED.

Variables of the host, where an option says nothing: ansible_user, ansible_ssh_private_key_file (its .pub), static_address,
static_gateway, static_dns, static_interface, and install_hostname, install_root_disk, install_data_disk, install_swap,
install_firmware, install_source, install_locale, install_keyboard, install_timezone, install_password_hash.

Examples:
  ${CALLED_AS} image home -i hosts.yaml
  ${CALLED_AS} image --hostname home --user ana --key ~/.ssh/id_ed25519.pub --address 192.168.1.20/24 --gateway 192.168.1.1
  ${CALLED_AS} image home --write /dev/sdc`;

interface Options extends Record<string, unknown> {
  inventory: string[];
  key: string[];
  passwordFile?: string;
  /** False after `--no-password`. */
  password: boolean;
  output?: string;
  write?: string;
  vaultId: string[];
  vaultPasswordFile: string[];
}

/** Runs `image …`: makes the seed of an unattended installation, and writes it to a stick where asked. @returns the exit code */
export async function imageCommand(argv: string[], io: Io, kernel?: Kernel): Promise<number> {
  const program = imageProgram(io);
  const ended = parse(program, argv);
  if (ended) return ended.exitCode;
  const paint = painter(wantsColour({ env: io.env, isTTY: io.stderr.isTTY === true }));
  try {
    await image(program.args[0], program.opts<Options>(), io, kernel);
    return 0;
  } catch (error) {
    return tellError(error, { cwd: io.cwd(), paint, verbosity: 0 }, (text) => io.stderr.write(text));
  }
}

function imageProgram(io: Io): Command {
  return newCommand(`${CALLED_AS} image`, {
    out: (text) => io.stdout.write(text),
    err: (text) => io.stderr.write(text),
  })
    .description('Makes the seed of an unattended installation of Ubuntu Server: OpenSSH and nothing else.')
    .argument('[host]', 'a host of the inventory, whose variables say what the options do not')
    .optionsGroup('Where')
    .addOption(repeated('-i, --inventory <source>', 'file, directory, or list of hosts (default: inventory.yaml)'))
    .option('-o, --output <directory>', 'where the files go (default: install-HOSTNAME)')
    .option('--write <device>', 'write it to this stick, too, after asking')
    .optionsGroup('The machine')
    .option('--hostname <name>', 'its name (default: that of the host)')
    .option('--firmware <kind>', 'bios or uefi: how it starts (default: bios)')
    .option('--root-disk <disk>', 'for /: a path, serial:PATTERN or model:PATTERN (default: /dev/sda)')
    .option('--data-disk <disk>', 'for swap and /var, or none (default: /dev/sdb)')
    .option('--swap <size>', 'as 4G or 512M (default: 4G)')
    .option('--source <id>', 'ubuntu-server or ubuntu-server-minimal, which fits 4 GB (default: ubuntu-server-minimal)')
    .option('--locale <locale>', 'language and country (default: en_US.UTF-8)')
    .option('--keyboard <layout>', 'of a keyboard, should there be one (default: us)')
    .option('--timezone <zone>', 'a place, as Europe/Madrid (default: UTC)')
    .optionsGroup('Its user')
    .option('--user <name>', 'who logs in, and becomes root by sudo')
    .addOption(repeated('--key <file>', 'public key that lets the user in'))
    .option('--password-file <file>', "the user's password, for sudo (default: asked for)")
    .option('--no-password', 'no password at all: only the key lets in, and sudo asks for none')
    .optionsGroup('Its network (default: DHCP)')
    .option('--address <address>', 'with its prefix, as 192.168.1.20/24; several with commas')
    .option('--gateway <address>', 'one of each family')
    .option('--dns <address>', 'name servers, with commas')
    .option('--interface <name>', 'enp8s0, a pattern, or a MAC address (default: en*)')
    .optionsGroup('Vault')
    .addOption(repeated('--vault-id <id>', 'NAME@FILE or FILE: a vault password and its identity'))
    .addOption(repeated('--vault-password-file <file>', 'read a vault password from a file or program'))
    .addHelpText('after', ABOUT);
}

async function image(name: string | undefined, options: Options, io: Io, kernel: Kernel | undefined): Promise<void> {
  const host = name === undefined ? undefined : await hostOf(name, options, io);
  const { rootDisk, dataDisk, ...rest } = options;
  const plan = planFrom({ ...rest, root_disk: rootDisk, data_disk: dataDisk }, host);
  const keys = keysFrom(options.key, host, io.cwd());
  // Looked at before anything is asked or made; and again when it is written.
  if (options.write !== undefined) await stickAt(options.write, 0, kernel);
  const access: Access = { keys, passwordHash: await passwordHashFrom(options, host, io, plan.user) };
  const volume = await writeFiles(plan, access, options, io);
  io.stdout.write(summary(plan, access));
  if (options.write !== undefined) await writeTo(options.write, volume, io, kernel);
}

async function hostOf(name: string, options: Options, io: Io): Promise<HostValues> {
  const cwd = io.cwd();
  const config = readConfig({ cwd, env: io.env });
  const words = [
    ...(config.vaultIdentityList ?? []),
    ...options.vaultId,
    ...[...options.vaultPasswordFile, config.vaultPasswordFile].flatMap((file) => (file ? [`default@${file}`] : [])),
  ];
  const sources = options.inventory.length > 0 ? options.inventory : (config.inventory ?? ['inventory.yaml']);
  return await hostValues(name, {
    sources: sources.map((source) => (source.includes(',') ? source : resolve(cwd, source))),
    vault: await VaultSecrets.open(words),
    warn: (message: string, place?: Place) =>
      io.stderr.write(`[WARNING]: ${message}${place ? ` (${placeText(place, cwd)})` : ''}\n`),
  });
}

/** @returns the volume */
async function writeFiles(plan: Plan, access: Access, options: Options, io: Io): Promise<Buffer> {
  const directory = resolve(io.cwd(), options.output ?? `install-${plan.hostname}`);
  const seed = { 'user-data': userData(plan, access), 'meta-data': metaData(plan) };
  const files = Object.entries(seed).map(([file, text]) => ({ name: file, content: Buffer.from(text) }));
  const volume = fatVolume('CIDATA', files);
  try {
    await mkdir(directory, { recursive: true });
    for (const { name, content } of [...files, { name: 'cidata.img', content: volume }]) {
      const path = join(directory, name);
      await rm(path, { force: true });
      await writeFile(path, content, { mode: 0o600, flag: 'wx' });
      await chmod(path, 0o600);
      io.stdout.write(`${relative(io.cwd(), path) || path}\n`);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new LamplighterError('FILE_UNREADABLE', `cannot write into ${directory}: ${code}`, { cause: error });
  }
  return volume;
}

function summary(plan: Plan, { keys, passwordHash }: Access): string {
  const erased = [plan.root_disk, plan.data_disk].filter((disk) => disk !== 'none').join(' and ');
  const swap = plan.data_disk === 'none' ? '' : `, ${plan.swap} swap and /var on ${plan.data_disk}`;
  const network =
    plan.address.length === 0
      ? 'an address by DHCP'
      : `${plan.address.join(', ')} on ${plan.interface}${plan.gateway.length > 0 ? ` by way of ${plan.gateway.join(', ')}` : ''}`;
  const sudo = passwordHash === undefined ? 'sudo without a password' : 'sudo with a password';
  return `${plan.hostname}: ${plan.source}, ${network}, / on ${plan.root_disk}${swap} (${plan.firmware})
${plan.user}: ${keys.length === 1 ? 'one key' : `${keys.length} keys`}, ${sudo}
The installation ERASES ${erased} of the machine that it is started on.
`;
}

async function writeTo(path: string, volume: Buffer, io: Io, kernel: Kernel | undefined): Promise<void> {
  const stick = await stickAt(path, volume.length, kernel);
  const answer = await ask(io, { text: question(stick), private: false });
  if (answer === undefined)
    throw new LamplighterError('USAGE', `${path} is not written: there is no terminal to confirm it at`);
  if (answer.trim() !== stick.name) throw new LamplighterError('USAGE', `${path} is not written: not confirmed`);
  // It may have been mounted or changed while the question stood.
  const still = await stickAt(path, volume.length, kernel);
  if (still.bytes !== stick.bytes || still.label !== stick.label)
    throw new LamplighterError('USAGE', `${path} is not written: it is another stick now`);
  const isTTY = io.stderr.isTTY === true;
  await writeStick(still, volume, (done, all) => {
    if (isTTY) io.stderr.write(`\r${still.path}: ${Math.floor((100 * done) / all)} %`);
  });
  io.stderr.write(`${isTTY ? '\r' : ''}${still.path}: written. It can be pulled out.\n`);
}

function question({ path, name, bytes, label, partitions }: Stick): string {
  const size = bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
  const parts = partitions.length === 0 ? 'no partitions' : partitions.join(', ');
  return `${path} is ${label}, ${size}, with ${parts}. All that is on it will be lost.\nType ${name} to write it: `;
}
