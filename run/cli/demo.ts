import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LamplighterError } from '../errors.ts';
import { type LabPaths, labPaths } from '../lab/paths.ts';
import { canBeLab } from '../lab/requirements.ts';
import { CALLED_AS, PACKAGE_ROOT } from '../package.ts';
import { errorText } from '../report/error-text.ts';
import { painter, wantsColour } from '../report/style.ts';
import { newCommand, parse } from './describe.ts';
import type { Io } from './io.ts';

/**
 * `demo`: boots real hosts on this machine, sets up a broker and two lamps on them, proves the bridges, and says what to
 * try next. `command` carries out each command as if it had been typed. Returns the exit code.
 */
export async function demo(argv: string[], io: Io, command: (argv: string[]) => Promise<number>): Promise<number> {
  const program = newCommand(`${CALLED_AS} demo`, {
    out: (text) => io.stdout.write(text),
    err: (text) => io.stderr.write(text),
  }).description(
    'Boots real Debian hosts on this machine, sets up a broker and two lamps on them, and proves the bridges.',
  );
  const ended = parse(program, argv);
  if (ended) return ended.exitCode;
  const cwd = io.cwd();
  const lab = await canBeLab();
  const site = siteOf(cwd, labPaths(undefined, io.env));
  if (!lab.ok) {
    const paint = painter(wantsColour({ env: io.env, isTTY: io.stderr.isTTY === true }));
    const error = new LamplighterError('LAB', `the demo boots hosts of its own, and cannot here: ${lab.reason}`);
    io.stderr.write(errorText(error, { paint, cwd }) + withoutLab(cwd, site.at(-1)!));
    return 1;
  }
  for (const words of [['lab', 'up'], site]) {
    io.stdout.write(`\n$ ${CALLED_AS} ${words.join(' ')}\n`);
    const code = await command(words);
    if (code !== 0) return code;
  }
  io.stdout.write(proven(site.join(' ')));
  return 0;
}

/** The words that run the site on the lab. From the checkout the default lab's inventory is the default. */
function siteOf(cwd: string, lab: LabPaths): string[] {
  const site = shipped('playbooks/site.yaml', cwd);
  if (!lab.isDefault) return ['-i', lab.inventory, site];
  return site.startsWith('/') ? ['-i', shipped('inventory.yaml', cwd), site] : [site];
}

/** A file of the package: as seen from here where that is below, else whole. */
function shipped(file: string, cwd: string): string {
  const path = fileURLToPath(new URL(file, PACKAGE_ROOT));
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function proven(site: string): string {
  const tries = [
    [`${CALLED_AS} ${site}`, 'again: nothing changes'],
    [`${CALLED_AS} lab ssh lamp01`, 'log in (exit ends it)'],
    [`${CALLED_AS} lab ssh cloud mosquitto_sub -p 50001 -t 'devices/#' -v`],
    [`${CALLED_AS} lab reset lamp01`, 'a fresh machine, then:'],
    [`${CALLED_AS} ${site} --check --diff`, 'what would change, without changing it'],
    [`${CALLED_AS} lab down`, 'nothing of it is left'],
  ];
  return `
That was real: three Debian hosts with systemd, sshd and apt now run on this
machine. Over SSH they became a broker ("cloud") and two lamps that bridge to
it; then a message went out over each bridge, one came in, and one that was
meant for another lamp stayed out.

Look around, and try the rest:
${tries.map(([line, what]) => `  ${what === undefined ? line : beside(line!, what)}\n`).join('')}`;
}

const WIDTH = 48;

/** A command and what it is for, which goes below where the command is long. */
function beside(line: string, what: string): string {
  return `${line.length > WIDTH ? `${line}\n  ${''.padEnd(WIDTH)}` : line.padEnd(WIDTH)} ${what}`;
}

function withoutLab(cwd: string, site: string): string {
  return `
Your own hosts do as well: copy ${shipped('inventory.example.yaml', cwd)} to my-hosts.yaml, name them there, and run
  ${CALLED_AS} -i my-hosts.yaml ${site}
`;
}
