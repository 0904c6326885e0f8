import fs from 'node:fs';
import path from 'node:path';
import { LamplighterError, type Place } from '../errors.ts';

export interface SearchPath {
  /** Directories of the roles around the task, innermost first. */
  roles: readonly string[];
  /** Directory of the file that the task was written in. */
  taskDir: string;
  playbookDir: string;
}

/** Directories in which a task's files are looked for, nearest first, as Ansible's `ansible_search_path`. */
function searchDirectories(kind: string, where: SearchPath): string[] {
  const bases = [...where.roles, where.taskDir, where.playbookDir];
  // What includes tasks means a file beside its own.
  const beside = kind === 'tasks' ? [where.taskDir] : [];
  return [...new Set([...beside, ...bases.flatMap((base) => [path.join(base, kind), base])])];
}

/**
 * The file that a task means by `name`. Source: https://docs.ansible.com/ansible/2.14/user_guide/playbook_pathing.html
 * @throws LamplighterError FILE_NOT_FOUND with every place that was looked at
 */
export function findFile(kind: string, name: string, where: SearchPath, place?: Place): string {
  const expanded = name.replace(/^~(?=\/|$)/, process.env.HOME ?? '~');
  const candidates = path.isAbsolute(expanded)
    ? [expanded]
    : searchDirectories(kind, where).map((directory) => path.join(directory, expanded));
  const found = candidates.find((candidate) => fs.existsSync(candidate));
  if (found) return name.endsWith('/') && !found.endsWith('/') ? `${found}/` : found;
  throw new LamplighterError('FILE_NOT_FOUND', `Could not find or access '${name}'`, {
    place,
    hint: `looked in:\n${candidates.map((candidate) => `  ${candidate}`).join('\n')}`,
  });
}
