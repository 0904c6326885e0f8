import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { nearest } from '../errors.ts';
import { expandHome } from './expand-home.ts';
import type { YamlFiles } from './files.ts';
import type { Here } from './here.ts';
import type { Role } from './model.ts';

/** Where a file that a task names may be, nearest first. */
export function taskFileCandidates(
  kind: string,
  name: string,
  here: Pick<Here, 'role' | 'trail' | 'playbookDir'>,
  file: string,
): string[] {
  const path = expandHome(name);
  if (isAbsolute(path)) return [path];
  const directories: string[] = [];
  if (kind === 'tasks' || kind === 'handlers') directories.push(...trailDirectories(here.trail, file));
  for (const base of bases(here.role, here.trail, file, here.playbookDir)) directories.push(join(base, kind), base);
  return [...new Set(directories.map((directory) => resolve(directory, path)))];
}

/** Directories of the files that are being read, innermost first: an import is relative to the file it stands in. */
function trailDirectories(trail: Here['trail'], file: string): string[] {
  const steps = trail.filter((step) => step.kind === 'tasks').map((step) => step.directory);
  return trail.at(-1)?.kind === 'tasks' ? [dirname(file), ...steps.reverse()] : steps.reverse();
}

function bases(role: Role | undefined, trail: Here['trail'], file: string, playbookDir: string): string[] {
  const roles = trail.filter((step) => step.kind === 'role').map((step) => step.directory);
  return [...(role ? [role.path] : []), ...roles.reverse(), dirname(file), playbookDir];
}

/** Words for a file that is at none of the candidates. */
export function missingFile(
  name: string,
  candidates: readonly string[],
  files: YamlFiles,
): { message: string; hint: string } {
  const siblings = candidates.flatMap((path) =>
    files.kind(dirname(path)) === 'directory' ? files.list(dirname(path)) : [],
  );
  const near = nearest(basename(name), new Set(siblings));
  const meant = near === undefined ? '' : `; did you mean "${join(dirname(name), near)}"?`;
  return { message: `there is no file "${name}"${meant}`, hint: `looked for ${candidates.join(', ')}` };
}
