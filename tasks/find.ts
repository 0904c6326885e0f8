import { posix } from 'node:path';
import { z } from 'zod';
import { bool, choice, int, list, str } from '../run/args.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { findContaining } from '../run/modules/find-contains.ts';
import { ageSeconds, type FoundPath, foundPath, pathFilter, sizeBytes } from '../run/modules/find-filter.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, raw, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const LIBRARY = new URL('../run/modules/find.sh', import.meta.url);

const args = z.strictObject({
  paths: list(str()),
  patterns: list(str()).default([]),
  excludes: list(str()).optional(),
  contains: str().optional(),
  read_whole_file: bool().default(false),
  file_type: choice('any', 'directory', 'file', 'link').default('file'),
  age: str()
    .refine((text) => ageSeconds(text) !== undefined, 'failed to process age')
    .optional(),
  age_stamp: choice('atime', 'ctime', 'mtime').default('mtime'),
  size: str()
    .refine((text) => sizeBytes(text) !== undefined, 'failed to process size')
    .optional(),
  recurse: bool().default(false),
  hidden: bool().default(false),
  follow: bool().default(false),
  get_checksum: bool().default(false),
  use_regex: bool().default(false),
  depth: int().optional(),
});

type Args = z.infer<typeof args>;

/** Files asked about in one visit. */
const BATCH = 200;

/**
 * Names with line feeds are left out. Source:
 * https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/find_module.html
 */
export default defineTask<Args>({
  name: 'ansible.builtin.find',
  summary: 'Lists the files below directories by name, age, size, kind or content.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { paths: ['name', 'path'], patterns: ['pattern'], excludes: ['exclude'] },
  checkMode: 'full',
  returns: {
    files: 'What was found, each with its path and what stat tells.',
    matched: 'How many were found.',
    examined: 'How many were looked at.',
    skipped_paths: 'Directories that could not be searched, with the reasons.',
  },
  example: `- ansible.builtin.find:
    paths: /var/log/mosquitto
    patterns: '*.gz'
    age: 4w
  register: old`,
  step: (args) => (looksInside(args) ? undefined : listStep(args)),
  result: (reply, args) => {
    const { result, files } = listed(reply, args);
    return files === undefined ? result : finished(result, files);
  },
  action: async (args, host) => {
    const { result, files } = listed(await host.run(listStep(args), { readOnly: false }), args);
    if (files === undefined) return result;
    let wanted = files;
    const { contains } = args;
    if (contains !== undefined && args.file_type === 'file')
      wanted = await findContaining(host, files, contains, args.read_whole_file, LIBRARY);
    if (args.get_checksum) await addChecksums(host, wanted);
    return finished(result, wanted);
  },
});

function looksInside({ contains, get_checksum: checksum, file_type: type }: Args): boolean {
  return (contains !== undefined && type === 'file') || (checksum && (type === 'file' || type === 'any'));
}

/** Ansible counts the level below the deepest too. */
function levels({ recurse, depth }: Args): string {
  if (!recurse) return '1';
  return depth ? String(Math.max(depth + 1, 1)) : '';
}

function listStep(args: Args): Sh {
  // The type of what a link leads to is not its own.
  const kind = args.follow ? '' : { any: '', directory: 'd', file: 'f', link: 'l' }[args.file_type];
  return lines(
    shellFunctions(LIBRARY),
    sh`
m_depth=${levels(args)}; m_kind=${kind}; m_hidden=${args.hidden ? '1' : ''}; m_follow=${args.follow ? '-L' : ''}`,
    names(args),
    raw('n_now'),
    ...args.paths.map((path, i) => sh`n_path ${i} ${path}`),
  );
}

/** `n_named`, which finds no more than the patterns allow where find(1) reads them as Python does: the rest is chosen here. */
function names({ patterns, use_regex: isRegex }: Args): Sh {
  const plain = !isRegex && patterns.length > 0 && patterns.every((pattern) => /^[\w.*,:+@%=-]+$/.test(pattern));
  if (!plain) return raw('n_named() { n_find "$@"; }');
  const tests = patterns.flatMap((pattern, i) => [...(i > 0 ? [raw('-o')] : []), sh`-name ${pattern}`]);
  return sh`n_named() { n_find '(' ${tests} ')' "$@"; }`;
}

function listed(reply: StepReply, args: Args): { result: TaskResult; files?: FoundPath[] } {
  const result: TaskResult = replyFacts(reply);
  if (reply.status === 'failed' || reply.status === 'unknown') return { result };
  const { fields } = reply;
  const isWanted = pathFilter(args, Number(fields.now));
  const skipped: Record<string, string> = {};
  const files: FoundPath[] = [];
  const warnings = [...reply.warnings];
  let examined = 0;
  for (const i of args.paths.keys()) {
    const path = fields[`path.${i}`] ?? args.paths[i]!;
    const reason = fields[`skipped.${i}`];
    if (reason !== undefined) {
      skipped[path] = reason;
      warnings.push(`Skipped '${path}' path due to this access issue: ${reason}\n`);
    }
    examined += Number(fields[`examined.${i}`] ?? 0);
    files.push(...below(fields[`list.${i}`] ?? '', fields[`real.${i}`] ?? path, path, args).filter(isWanted));
  }
  const msg =
    Object.keys(skipped).length > 0 ? 'Not all paths examined, check warnings for details' : 'All paths examined';
  Object.assign(result, { msg, examined, skipped_paths: skipped });
  return { result: warnings.length > 0 ? { ...result, warnings } : result, files };
}

/** A list's paths under the name that the task gave, by their names, those that are too deep left out. */
function below(list: string, real: string, path: string, { recurse, depth }: Args): FoundPath[] {
  const top = real.replace(/\/+$/, '');
  return list
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => foundPath(line, (found) => posix.normalize(`${path}/${found.slice(top.length + 1)}`)))
    .filter((found) => !recurse || !depth || levelOf(found.path, path) <= depth)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function levelOf(found: string, path: string): number {
  const slashes = (text: string) => text.split('/').length;
  return slashes(found) - slashes(`${posix.normalize(path).replace(/\/+$/, '')}/`) + 1;
}

function finished(result: TaskResult, files: FoundPath[]): TaskResult {
  return { ...result, files: files.map(({ facts }) => facts), matched: files.length };
}

async function addChecksums(host: ActionHost, files: FoundPath[]): Promise<void> {
  const regular = files.filter(({ facts }) => facts.isreg);
  for (let from = 0; from < regular.length; from += BATCH) {
    const batch = regular.slice(from, from + BATCH);
    const reply = await host.run(
      lines(...batch.map(({ path }, i) => sh`ll_hash sha1 ${path} && ll_ret ${`sum.${i}`} "$ll_sum"`), raw(':')),
    );
    for (const [i, { facts }] of batch.entries())
      if (reply.fields[`sum.${i}`] !== undefined) facts.checksum = reply.fields[`sum.${i}`];
  }
}
