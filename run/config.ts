import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type IniValue, parseIni } from './config/ini-file.ts';
import { NO_MEANING, SETTINGS, type SettingName } from './config/settings.ts';
import { correction, LamplighterError, type Place } from './errors.ts';

/** The settings of ansible.cfg and ANSIBLE_* variables that mean something here. Absent: not set, the default holds. */
export interface Config {
  /** The ansible.cfg that was read. */
  file?: string;
  inventory?: string[];
  rolesPath?: string[];
  collectionsPath?: string[];
  forks?: number;
  /** Seconds until a connection counts as failed. */
  timeout?: number;
  remoteUser?: string;
  remotePort?: number;
  privateKeyFile?: string;
  hostKeyChecking?: boolean;
  /** `ssh_args` of [ssh_connection]: options for the system's ssh. */
  sshArgs?: string;
  vaultPasswordFile?: string;
  vaultIdentityList?: string[];
  /** The id by which `vault encrypt` encrypts where several passwords are known. */
  vaultEncryptIdentity?: string;
  become?: boolean;
  becomeMethod?: string;
  becomeUser?: string;
  becomeAskPass?: boolean;
  askPass?: boolean;
  gathering?: 'implicit' | 'explicit' | 'smart';
  stdoutCallback?: string;
  diff?: boolean;
  forceHandlers?: boolean;
  anyErrorsFatal?: boolean;
  noLog?: boolean;
  taskTimeout?: number;
  tags?: string[];
  skipTags?: string[];
  forceColor?: boolean;
  noColor?: boolean;
  logPath?: string;
  /** What was set and has no meaning here, in sentences for -v. */
  notes: string[];
  /** What a person should know in any case. */
  warnings: string[];
}

export interface ConfigSurroundings {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the configuration as Ansible finds it: $ANSIBLE_CONFIG, ./ansible.cfg, ~/.ansible.cfg, /etc/ansible/ansible.cfg; a
 * variable wins over the file. https://docs.ansible.com/ansible/latest/reference_appendices/config.html
 * @throws LamplighterError FILE_NOT_FOUND, USAGE for a value of the wrong kind or `hash_behaviour = merge`
 */
export function readConfig(where: ConfigSurroundings): Config {
  const config: Config = { notes: [], warnings: [] };
  const file = findFile(where, config.warnings);
  const written = file === undefined ? new Map<string, IniValue>() : parseIni(readFileSync(file, 'utf8'), file);
  if (file !== undefined) config.file = file;
  const fields = config as unknown as Record<string, unknown>;
  const used = new Set<string>();
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, (typeof SETTINGS)[SettingName]][]) {
    const fromEnv = setting.env.find((variable) => (where.env[variable] ?? '') !== '');
    const key = setting.ini.find((each) => written.has(each));
    for (const each of setting.ini) used.add(each);
    const source = fromEnv ?? key;
    if (source === undefined) continue;
    const text = fromEnv === undefined ? written.get(key!)!.text : where.env[fromEnv]!;
    const base = fromEnv === undefined && file !== undefined ? dirname(file) : where.cwd;
    fields[name] = valueOfKind(text, setting.kind, {
      source,
      base,
      where,
      ...(fromEnv === undefined ? { place: written.get(key!)!.place } : {}),
    });
  }
  refuseMerge(where, written);
  for (const [key, { place }] of written) {
    if (used.has(key)) continue;
    const meant = meantBy(key, used);
    if (meant === undefined) config.notes.push(noteOf(key));
    else
      config.warnings.push(
        `${basename(place.file)}:${place.line}: ${shown(key)} means nothing; did you mean ${shown(meant)}?`,
      );
  }
  for (const variable of Object.keys(where.env)) {
    const note = NO_MEANING[variable];
    if (note !== undefined) config.notes.push(`${variable}: ${note}`);
  }
  return config;
}

function findFile({ cwd, env }: ConfigSurroundings, warnings: string[]): string | undefined {
  if (env.ANSIBLE_CONFIG) {
    const given = resolve(cwd, expand(env.ANSIBLE_CONFIG, env));
    const path = existsSync(given) && statSync(given).isDirectory() ? join(given, 'ansible.cfg') : given;
    if (existsSync(path)) return path;
    throw new LamplighterError('FILE_NOT_FOUND', `there is no file ${path}, which ANSIBLE_CONFIG names`);
  }
  const local = join(cwd, 'ansible.cfg');
  if (existsSync(local)) {
    // Anyone could put such a file there and have it run commands.
    if ((statSync(cwd).mode & 0o002) === 0) return local;
    warnings.push(`ignoring ${local}: everybody may write into ${cwd}`);
  }
  const home = env.HOME ?? homedir();
  return [join(home, '.ansible.cfg'), '/etc/ansible/ansible.cfg'].find((path) => existsSync(path));
}

function refuseMerge({ env }: ConfigSurroundings, written: Map<string, IniValue>): void {
  const value = env.ANSIBLE_HASH_BEHAVIOUR || written.get('defaults.hash_behaviour')?.text;
  if (value === undefined || value === '' || value === 'replace') return;
  throw new LamplighterError(
    'USAGE',
    `hash_behaviour = ${value} is not supported: variables replace each other whole`,
    {
      hint: 'merge where it is wanted, with the filter combine',
    },
  );
}

/** The setting that a key nearly is: its name or its section misspelt. */
function meantBy(key: string, known: ReadonlySet<string>): string | undefined {
  const [section] = parts(key);
  if (key in NO_MEANING || `${section}.*` in NO_MEANING) return undefined;
  return correction(key, [...known, ...Object.keys(NO_MEANING)])?.right;
}

function shown(key: string): string {
  const [section, name] = parts(key);
  return `[${section}] ${name}`;
}

function parts(key: string): [section: string, name: string] {
  return [key.slice(0, key.lastIndexOf('.')), key.slice(key.lastIndexOf('.') + 1)];
}

function noteOf(key: string): string {
  const [section, name] = parts(key);
  const reason = NO_MEANING[key] ?? NO_MEANING[`${section}.*`] ?? 'has no meaning here';
  return `[${section}] ${name}: ${reason}`;
}

interface Origin {
  source: string;
  base: string;
  where: ConfigSurroundings;
  /** In the file; a variable of the environment has none. */
  place?: Place;
}

function valueOfKind(text: string, kind: string, origin: Origin): unknown {
  const { where, base } = origin;
  const path = (each: string): string =>
    resolve(base, expand(each.replace(/\{\{\s*CWD\s*\}\}/g, where.cwd), where.env));
  const items = (separator: string): string[] =>
    text
      .split(separator)
      .map((each) => each.trim())
      .filter((each) => each !== '');
  switch (kind) {
    case 'bool':
      if (/^(?:y|yes|on|1|true|t)$/i.test(text.trim())) return true;
      if (/^(?:n|no|off|0|false|f)$/i.test(text.trim())) return false;
      throw wrong(text, 'true or false', origin);
    case 'int':
      if (/^\s*-?\d+\s*$/.test(text)) return Number(text);
      throw wrong(text, 'an integer', origin);
    case 'gathering':
      if (['implicit', 'explicit', 'smart'].includes(text.trim())) return text.trim();
      throw wrong(text, 'implicit, explicit or smart', origin);
    case 'path':
      return path(text);
    case 'pathspec':
      return items(':').map(path);
    case 'pathlist':
      return items(',').map(path);
    case 'list':
      return items(',');
    case 'vaultIds':
      return items(',').map((each) => {
        const [, id = '', from] = /^([^@]*@)?(.*)$/s.exec(each)!;
        return id + (from!.startsWith('prompt') ? from! : path(from!));
      });
    default:
      return text;
  }
}

function wrong(text: string, wanted: string, { source, place }: Origin): LamplighterError {
  const name = place === undefined ? source : shown(source);
  return new LamplighterError('USAGE', `${name} must be ${wanted}, not "${text}"`, { place });
}

function expand(path: string, env: ConfigSurroundings['env']): string {
  const home = env.HOME ?? homedir();
  return path
    .replace(/^~(?=\/|$)/, home)
    .replace(/\$\{(\w+)\}|\$(\w+)/g, (all, braced?: string, bare?: string) => env[(braced ?? bare)!] ?? all);
}
