import { spawn } from 'node:child_process';
import { Command, CommanderError, Option } from 'commander';
import { stringify } from 'yaml';
import { LamplighterError } from '../errors.ts';
import { CALLED_AS } from '../package.ts';
import { sshOptions } from './inventory.ts';
import { type Lab, type LabHostStatus, openLab } from './lab.ts';
import { DEFAULT_HOSTS } from './names.ts';
import { liveProgress, type ProgressDisplay, plainProgress } from './progress.ts';
import { SUITES, type Suite } from './suites.ts';

/** Where the lab command writes. */
export interface LabIo {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  isTTY: boolean;
}

const INTERRUPTED = 99;

const EXAMPLES = `
Examples:
  lab up                        cloud, lamp01 and lamp02, ready for playbooks/site.yaml
  lab up lamp03 lamp04          two more lamps
  lab up old --base trixie      a host with Debian 13
  lab ssh lamp01 uptime         a command on a lamp, or a shell without one
  lab reset lamp01              a fresh disk for a lamp
  lab down                      everything away but the cached base image`;

/** Runs `lab …`. `argv` is what follows the word lab. Returns the exit code. */
export async function labCommand(argv: string[], io: LabIo): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const display = io.isTTY ? liveProgress(io.stderr) : plainProgress(io.stderr);
  let code = 0;
  try {
    const program = labProgram(io, display, interrupt.signal, (status) => {
      code = status;
    });
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    display.close();
    return exitCodeOf(error, io, interrupt.signal.aborted);
  } finally {
    display.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function exitCodeOf(error: unknown, io: LabIo, interrupted: boolean): number {
  if (error instanceof CommanderError) return error.exitCode;
  if (interrupted) {
    io.stderr.write('Interrupted. The same command again finishes the work; `lab down` clears it away.\n');
    return INTERRUPTED;
  }
  if (!(error instanceof LamplighterError)) throw error;
  io.stderr.write(`lab: ${error.message}\n${error.hint ? `${error.hint}\n` : ''}`);
  return 1;
}

function labProgram(io: LabIo, display: ProgressDisplay, signal: AbortSignal, exit: (code: number) => void): Command {
  const program = new Command(`${CALLED_AS} lab`)
    .description('Real Debian hosts on this machine, with systemd, sshd and apt, for a first run and for tests.')
    .addOption(new Option('--instance <name>', 'a lab of its own beside the default one').env('LAMPLIGHTER_LAB'))
    .addHelpText('after', EXAMPLES)
    .enablePositionalOptions()
    .showHelpAfterError('(lab --help says more)')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .exitOverride();
  const open = () => {
    const { instance } = program.opts<{ instance?: string }>();
    return openLab({ ...(instance !== undefined && { instance }), progress: display.report, signal });
  };

  program
    .command('up')
    .description(`boot ${DEFAULT_HOSTS.join(', ')} and the named hosts; what is up stays as it is`)
    .argument('[name...]', 'more hosts: cloud… is a cloud, home… a thin client, anything else a lamp')
    .addOption(new Option('--base <suite>', 'the Debian release of new hosts (default: bookworm)').choices(SUITES))
    .option('--python', 'new hosts have python3 and python3-apt, as Ansible wants them')
    .option('--only', 'the named hosts and no others')
    .action(async (names: string[], options: { base?: Suite; python?: true; only?: true }) => {
      const { only, ...image } = options;
      const lab = await open();
      if (names.length === 0) await lab.up(DEFAULT_HOSTS, image);
      else await lab.up(names, { ...image, also: only ? [] : DEFAULT_HOSTS });
      // inventory.yaml names the default hosts of the default lab; whoever has others needs to hear of the lab's own.
      if (names.length > 0 || !lab.paths.isDefault) io.stdout.write(`its hosts: -i ${lab.paths.inventory}\n`);
    });

  program
    .command('status')
    .description('every host: its state, address, Device ID, release')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const hosts = await (await open()).status();
      io.stdout.write(json ? `${JSON.stringify(hosts, null, 2)}\n` : statusTable(hosts));
    });

  program
    .command('inventory')
    .description('an Ansible inventory of every host, as YAML')
    .action(async () => {
      io.stdout.write(stringify(await (await open()).inventory(), { lineWidth: 0 }));
    });

  program
    .command('ssh')
    .description('log in to a host, or run a command on it; the exit status is its')
    .argument('<name>', 'the host')
    .argument('[command...]', 'what to run there')
    .passThroughOptions()
    .action(async (name: string, command: string[]) => {
      display.close();
      exit(await ssh(await open(), name, command));
    });

  program
    .command('reset')
    .description('give hosts (all, or the named ones) the disk of a fresh machine; addresses and keys stay')
    .argument('[name...]')
    .action(async (names: string[]) => void (await (await open()).reset(names)));

  program
    .command('down')
    .description('remove the lab, or only the named hosts, without a trace')
    .argument('[name...]')
    .option('--purge', 'remove the cached base images too')
    .action(async (names: string[], options: { purge?: true }) => (await open()).down(names, options));

  // A subcommand does not inherit what its parent was told after it was made.
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function statusTable(hosts: LabHostStatus[]): string {
  if (hosts.length === 0) return 'The lab is not up. Start it: lab up\n';
  const rows = hosts.map((host) => [
    host.name,
    host.failed.length > 0 ? `${host.state} (${host.failed.join(', ')})` : host.state,
    `${host.user}@${host.address}`,
    host.deviceId,
    host.suite + (host.python ? ' with Python' : ''),
  ]);
  const table = [['HOST', 'STATE', 'LOGIN', 'DEVICE ID', 'DEBIAN'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Hands the terminal to the system's ssh. Returns its exit status. */
async function ssh(lab: Lab, name: string, command: string[]): Promise<number> {
  const host = (await lab.status()).find((known) => known.name === name);
  // Asking by name gives the error that knows the nearest one.
  const address = host?.address ?? (await lab.address(name));
  const options = ['-F', '/dev/null', '-i', lab.paths.keyFile, ...sshOptions(lab.paths)];
  const child = spawn('ssh', [...options, `${host?.user}@${address}`, ...command], { stdio: 'inherit' });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 255)));
  });
}
