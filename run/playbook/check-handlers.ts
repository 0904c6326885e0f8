import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { nearest } from '../errors.ts';
import { didYouMean, failure, type Report } from './fail.ts';
import type { YamlFiles } from './files.ts';
import { constantText, isTemplate } from './mapping.ts';
import type { Node, Play, TaskNode } from './model.ts';
import { contentPlaceOf } from './places.ts';

/**
 * Refuses a notification that no handler hears, where that is certain: nothing in the play may add handlers during the run,
 * and no name of a handler is a template.
 * @throws LamplighterError HANDLER_NOT_FOUND
 */
export function checkPlayHandlers(play: Play, files: YamlFiles, report: Report): void {
  const handlers = tasksIn(play.handlers);
  const tasks = [...play.preTasks, ...play.roleBlocks, ...play.tasks, ...play.postTasks].flatMap((node) =>
    tasksIn([node]),
  );
  const heard = new Set<string>();
  for (const handler of handlers) {
    if (handler.module === 'include_tasks') return;
    for (const name of [handler.name, ...(handler.listen ?? []).map(String)]) {
      if (name === undefined) continue;
      if (isTemplate(name)) return;
      heard.add(name);
      if (handler.role) {
        heard.add(`${handler.role.name} : ${name}`);
        heard.add(`${handler.role.name.split('.').at(-1)} : ${name}`);
      }
    }
  }
  const all = [...tasks, ...handlers];
  if (all.some((task) => mayAddHandlers(task, files))) return;
  for (const task of all)
    for (const [index, written] of (task.notify ?? []).entries()) {
      const name = constantText(written);
      if (name === undefined || heard.has(name)) continue;
      const near = nearest(name, heard);
      report(
        failure(
          'HANDLER_NOT_FOUND',
          `no handler hears "${name}"${didYouMean(near)}`,
          contentPlaceOf(task.notify, index) ?? task.place,
          {
            hint: near === undefined ? 'a handler hears its name and what it says under "listen"' : undefined,
          },
        ),
      );
    }
}

function tasksIn(nodes: readonly Node[]): TaskNode[] {
  return nodes.flatMap((node) =>
    node.kind === 'task' ? [node] : [...tasksIn(node.block), ...tasksIn(node.rescue), ...tasksIn(node.always)],
  );
}

/** A role that is included brings its handlers; so may a file that includes a role. */
function mayAddHandlers(task: TaskNode, files: YamlFiles): boolean {
  if (task.module === 'include_role') return true;
  if (task.module !== 'include_tasks') return false;
  const name = constantText(task.args.file ?? task.args._raw_params);
  if (name === undefined) return true;
  const path = resolve(dirname(task.place.file), name);
  if (!files.isFile(path)) return true;
  return /\b(?:include_role|import_role|include_tasks|include)\b/.test(readFileSync(path, 'utf8'));
}
