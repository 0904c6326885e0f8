import { type ExecFileException, execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { LamplighterError } from '../errors.ts';
import { errorCode } from './failures.ts';
import { matchesPattern } from './knownhosts.ts';
import { FILE_LISTS, type SshOptions } from './ssh-words.ts';

const SYSTEM_CONFIG = '/etc/ssh/ssh_config';
const ANY_HOST = 'lamplighter-any-host';
const AT_ONCE = 8;

/** Answers what ssh_config says for a host, asking `ssh -G` as seldom as it can. One of these serves a run. */
export class SshConfig {
  readonly #answers = new Map<string, Promise<SshOptions>>();
  readonly #uniform = new Map<string, Promise<'absent' | 'uniform' | 'differs'>>();
  readonly #queue: (() => void)[] = [];
  #running = 0;
  #builtIn: Promise<SshOptions> | undefined;

  /**
   * Options for `ssh WORDS HOST`, without those that only repeat `host` itself.
   * @param words shared by many hosts: the command line without port and user
   * @param all the whole command line, with them: needed when the files have sections
   * @throws LamplighterError USAGE with what `ssh -G` said
   */
  async lookup(
    host: string,
    words: readonly string[],
    all: readonly string[],
    configFile?: string,
  ): Promise<SshOptions> {
    const kind = await this.#kind(configFile);
    if (kind === 'absent') return new Map();
    if (kind === 'uniform') {
      const shared = await this.#ask(ANY_HOST, words);
      // A token in the file may have carried the host's name into a value; then the answer is this host's alone.
      if (![...shared.values()].flat().some((value) => value.includes(ANY_HOST))) return shared;
    }
    return this.#ask(host, all);
  }

  /** Whether the files have any say, and whether they have the same one for every host. */
  #kind(configFile: string | undefined): Promise<'absent' | 'uniform' | 'differs'> {
    const key = configFile ?? '';
    const known = this.#uniform.get(key) ?? survey(configFile);
    this.#uniform.set(key, known);
    return known;
  }

  #ask(host: string, words: readonly string[]): Promise<SshOptions> {
    const key = JSON.stringify([host, words]);
    const known = this.#answers.get(key) ?? this.#changed(host, words);
    this.#answers.set(key, known);
    return known;
  }

  /** ssh's lists of algorithms are OpenSSH's own unless somebody changed them; ssh2 has an order of its own. */
  async #changed(host: string, words: readonly string[]): Promise<SshOptions> {
    this.#builtIn ??= askSsh(ANY_HOST, ['-F', 'none']);
    const [options, builtIn] = await Promise.all([this.#inQueue(() => askSsh(host, words)), this.#builtIn]);
    for (const name of ['ciphers', 'macs', 'kexalgorithms', 'hostkeyalgorithms'])
      if (options.get(name)?.[0] === builtIn.get(name)?.[0]) options.delete(name);
    return options;
  }

  async #inQueue<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#running++;
    try {
      return await job();
    } finally {
      this.#running--;
      this.#queue.shift()?.();
    }
  }
}

async function askSsh(host: string, words: readonly string[]): Promise<SshOptions> {
  const result = await output('ssh', ['-G', ...words, '--', host]);
  if (result.error?.code === 'ENOENT') return new Map();
  if (result.error)
    throw new LamplighterError(
      'USAGE',
      `ssh -G refuses the configuration of ${host}: ${result.stderr.trim() || result.error.message}`,
      {
        hint: 'Correct ssh_config or the ansible_ssh_*_args.',
      },
    );
  const options: SshOptions = new Map();
  for (const line of result.stdout.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 0) continue;
    const name = line.slice(0, space);
    const value = line.slice(space + 1);
    if (name === 'host' || (name === 'hostname' && value === host)) continue;
    const read = FILE_LISTS.has(name) ? value.split(' ') : [value];
    options.set(name, [...(options.get(name) ?? []), ...read]);
  }
  return options;
}

/** By Node itself: every run comes here, and execa is a hundred files to load. */
function output(
  program: string,
  args: string[],
): Promise<{ error: ExecFileException | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
    child.stdin?.end();
  });
}

async function survey(configFile: string | undefined): Promise<'absent' | 'uniform' | 'differs'> {
  if (configFile === 'none') return 'absent';
  const user = join(userInfo().homedir, '.ssh/config');
  const files = configFile === undefined ? [user, SYSTEM_CONFIG] : [expandHome(configFile)];
  let kind: 'absent' | 'uniform' | 'differs' = 'absent';
  for (const file of files) {
    const one = await surveyFile(file, dirname(file), 0);
    if (one === 'differs') return 'differs';
    if (one === 'uniform') kind = 'uniform';
  }
  // A file named by -F that is not there is ssh's to complain about.
  return configFile !== undefined && kind === 'absent' ? 'uniform' : kind;
}

async function surveyFile(file: string, base: string, depth: number): Promise<'absent' | 'uniform' | 'differs'> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR' ? 'absent' : 'differs';
  }
  for (const line of text.split('\n')) {
    const match = /^\s*"?([A-Za-z0-9]+)"?\s*(?:=|\s)\s*(.*?)\s*$/.exec(line);
    if (!match) continue;
    const name = match[1]!.toLowerCase();
    const value = match[2]!;
    if (name === 'host' && value !== '*') return 'differs';
    if (name === 'match' && value.toLowerCase() !== 'all') return 'differs';
    if (name === 'include' && (await surveyInclude(value, base, depth)) === 'differs') return 'differs';
  }
  return 'uniform';
}

async function surveyInclude(value: string, base: string, depth: number): Promise<'uniform' | 'differs'> {
  if (depth >= 8 || /["'$]/.test(value)) return 'differs';
  for (const word of value.split(/\s+/)) {
    const home = expandHome(word);
    const path = isAbsolute(home) ? home : join(base, home);
    const directory = dirname(path);
    if (/[*?[]/.test(directory) || /\[/.test(path)) return 'differs';
    const names = /[*?]/.test(path) ? await readdir(directory).catch(() => []) : [basename(path)];
    for (const name of names)
      if (
        matchesPattern(basename(path), name) &&
        (await surveyFile(join(directory, name), base, depth + 1)) === 'differs'
      )
        return 'differs';
  }
  return 'uniform';
}

/** `~/x` in the home directory of the password file, as ssh expands it; other paths as they are. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(userInfo().homedir, path.slice(1)) : path;
}
