import { posix } from 'node:path';
import { quote } from '../shell/script.ts';
import type { ContentRequest } from './content.ts';
import type { SourceFile, SourceTree } from './source-tree.ts';
import { fitsTar } from './tar.ts';
import { type Attributes, BATCH, chunks, type TreeFound } from './tree-look.ts';

/** A file and what it shall be. */
interface PlannedFile extends Omit<SourceFile, 'mode'> {
  index: number;
  /** Four octal digits, or a symbolic mode; empty for no wish. */
  mode: string;
  /** Where it goes, in two parts; the directory is empty for the destination itself. */
  directory: string;
  name: string;
}

/** What has to be done to a tree. */
export interface TreePlan {
  isDone: boolean;
  /** Directories to be made, or to be given attributes; '' for the destination itself. */
  directories: string[];
  /** New files that nothing stands in the way of: they are installed together. */
  fresh: PlannedFile[];
  /** Files whose contents replace others, or need special care. */
  single: PlannedFile[];
  /** Files with the right content whose attributes have to be looked at. */
  settled: PlannedFile[];
  /** A directory of the scratch that takes the contents; undefined where stages beside the destinations do. */
  scratch: string | undefined;
}

/** Longer than any stage's name (`.lamplighter.PID.STEP.stage`). */
const STAGE = '/'.padEnd(50, 's');

export function planTree(
  tree: SourceTree,
  sources: readonly SourceFile[],
  found: TreeFound,
  request: ContentRequest,
  check: boolean,
): TreePlan {
  // A visit to each file and directory of a large tree costs seconds: those that are as they should be are left out.
  const isSo = (mode: string, now: Attributes | undefined): boolean =>
    request.attributes === undefined &&
    ((mode === '' && request.owner === undefined && request.group === undefined) ||
      (now !== undefined &&
        (mode === '' || now.mode === mode) &&
        (request.owner === undefined || now.owner.includes(request.owner)) &&
        (request.group === undefined || now.group.includes(request.group))));
  // A dry run touches nothing but scratch; a list of stages has a line for each.
  const inScratch = check || found.top.includes('\n');
  const together = !inScratch && request.validate === undefined && request.attributes === undefined;
  // As in Ansible a directory that is there keeps its attributes, but for those of the source that hold no file.
  const above = new Set(tree.files.flatMap(({ to }) => directoriesAbove(to)));
  const isEmpty = (directory: string): boolean => directory !== '' && !above.has(directory);
  const plan: TreePlan = {
    isDone: false,
    directories: ['', ...tree.directories.map(({ to }) => to)].filter((to, index) => {
      const { kind, attributes } = found.directories[index]!;
      return kind !== 'directory' || (isEmpty(to) && !isSo(request.directory_mode ?? '', attributes));
    }),
    fresh: [],
    single: [],
    settled: [],
    scratch: inScratch ? found.scratch : undefined,
  };
  sources.forEach((source, index) => {
    const { kind, hash, attributes } = found.files[index]!;
    const mode = fileMode(request.mode, source.mode);
    const directory = posix.dirname(source.to);
    const file = {
      ...source,
      index,
      mode,
      directory: directory === '.' ? '' : directory,
      name: posix.basename(source.to),
    };
    if (hash === source.sha1) {
      if (!isSo(mode, attributes)) plan.settled.push(file);
    } else if (together && kind === 'absent' && !file.to.includes('\n') && fitsTar(file.name, file.directory + STAGE))
      plan.fresh.push(file);
    else plan.single.push(file);
  });
  const { directories, fresh, single, settled } = plan;
  plan.isDone = directories.length + fresh.length + single.length + settled.length + tree.links.length === 0;
  return plan;
}

/** The directories in which contents are to stand before they are installed. */
export function stagesOf({ fresh, single }: TreePlan): string[] {
  return [...new Set([...fresh.map(({ directory }) => directory), ...(single.length > 0 ? [''] : [])])];
}

/** The shell function t_new_files, which names the new files by directory and mode. */
export function freshFunction({ fresh }: TreePlan): string {
  const groups = new Map<string, PlannedFile[]>();
  for (const file of fresh) {
    const key = `${file.mode} ${file.directory}`;
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  const calls = [...groups.values()].flatMap((group) =>
    chunks(group, BATCH).map((some) => {
      const { directory, mode } = some[0]!;
      const place = directory === '' ? '"${m_top%/}"' : `"$m_top"${quote(directory)}`;
      const hashes = some.map(({ sha1 }) => sha1).join(' ');
      const names = some.map(({ name }) => quote(name));
      return `t_new ${place} ${quote(mode)} ${quote(hashes)} ${names.join(' ')}`;
    }),
  );
  return `t_new_files() {\n${calls.join('\n')}\n}`;
}

/** `a/b/c` -> `a/b`, `a`. */
function directoriesAbove(path: string): string[] {
  const directory = posix.dirname(path);
  return directory === '.' ? [] : [directory, ...directoriesAbove(directory)];
}

function fileMode(mode: string | undefined, own: number): string {
  return mode === 'preserve' ? own.toString(8).padStart(4, '0') : (mode ?? '');
}
