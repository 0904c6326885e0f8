import path from 'node:path';
import { LamplighterError } from '../errors.ts';
import { inherit } from '../plan/effective.ts';
import { type PlanNode, type PlanTask, planHandlers, planNodes } from '../plan/program.ts';
import { type Layer, layer, type VariableScope } from '../plan/scope.ts';
import { loadRole, loadTaskFile } from '../playbook/loader.ts';
import { roleBlock } from '../playbook/role-block.ts';
import type { TaskResult } from '../task.ts';
import { searchPathOf } from './context.ts';
import { after, enterIncludes, type Position } from './cursor.ts';
import { failedResult } from './failed-result.ts';
import type { HostRun } from './host-run.ts';
import { includeVars } from './include-vars.ts';
import type { PlayState } from './play-state.ts';
import { shortName } from './prepare.ts';
import type { Work } from './prepare-item.ts';
import type { Prepared } from './prepare-task.ts';
import { findFile } from './search-path.ts';

type ModuleWork = Extract<Work, { kind: 'module' }>;

/** A host's way through the play, as statements steer it. */
export interface Walk {
  readonly host: HostRun;
  readonly isBroken: boolean;
  goTo(position: Position): void;
  end(reason: 'ended'): void;
  flushHere(at: Position): Promise<void>;
  settleAll(): Promise<void>;
  report(task: PlanTask, at: Position, scope: VariableScope, prepared: Prepared, results: TaskResult[]): void;
}

/** What statements do to all hosts of the batch. */
export interface Batch {
  endAll(): void;
  clearErrors(): void;
}

interface Statement {
  play: PlayState;
  batch: Batch;
  walk: Walk;
  task: PlanTask;
  at: Position;
  scope: VariableScope;
  prepared: Prepared;
}

/**
 * Carries out a statement of the language: meta, include_tasks, include_role, include_vars, add_host, group_by. Everything
 * before it has been settled.
 */
export async function control(
  play: PlayState,
  batch: Batch,
  walk: Walk,
  task: PlanTask,
  at: Position,
  scope: VariableScope,
  prepared: Prepared,
): Promise<void> {
  const statement: Statement = { play, batch, walk, task, at, scope, prepared };
  const name = shortName(prepared.definition.name);
  if (name === 'meta') return meta(statement);
  if (name === 'include_tasks' || name === 'include_role') return include(statement, name);
  const results = await Promise.all(prepared.works.map((work) => outcome(statement, name, work)));
  walk.report(statement.task, at, scope, prepared, results);
  walk.goTo(after(at));
}

async function outcome(statement: Statement, name: string, work: Work): Promise<TaskResult> {
  if (work.kind === 'known') return work.result;
  try {
    if (name === 'include_vars')
      return await includeVars(statement.play.run, statement.task, statement.walk.host, work.scope, work.args);
    if (name === 'add_host') return addHost(statement, work);
    if (name === 'group_by') return groupBy(statement, work);
  } catch (error) {
    if (error instanceof LamplighterError) return failedResult(error);
    throw error;
  }
  throw new Error(`the module ${name} says it is a statement, and nothing carries it out`);
}

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/meta_module.html */
async function meta({ play, batch, walk, at, prepared }: Statement): Promise<void> {
  const work = prepared.works.find((each): each is ModuleWork => each.kind === 'module');
  walk.goTo(after(at));
  switch (work?.args.free_form) {
    case 'flush_handlers':
      return walk.flushHere(at);
    case 'end_host':
      return walk.end('ended');
    case 'end_play':
    case 'end_batch':
      return batch.endAll();
    case 'clear_facts':
      return walk.host.variables.clearFacts();
    case 'clear_host_errors':
      return batch.clearErrors();
    case 'reset_connection':
      return walk.host.close();
    case 'refresh_inventory':
      return play.run.refreshInventory();
    default:
      return undefined;
  }
}

async function include(statement: Statement, kind: 'include_tasks' | 'include_role'): Promise<void> {
  const { walk, task, at, scope, prepared } = statement;
  const lists: { nodes: PlanNode[]; layers: Layer[] }[] = [];
  const results: TaskResult[] = [];
  for (const work of prepared.works) {
    if (work.kind === 'known') {
      results.push(work.result);
      continue;
    }
    try {
      refuseEndless(at, task);
      const { nodes, from } = kind === 'include_tasks' ? await taskFile(statement, work) : await role(statement, work);
      lists.push({ nodes, layers: work.item ? [layer(work.item.variables, false)] : [] });
      results.push({ changed: false, include: from, include_args: {} });
    } catch (error) {
      if (!(error instanceof LamplighterError)) throw error;
      results.push(failedResult(error));
    }
  }
  walk.report(task, at, scope, prepared, results);
  await walk.settleAll();
  if (!walk.isBroken) walk.goTo(enterIncludes(at, lists));
}

/** Includes within includes; a recursion that a condition ends stays far below. */
const MOST_INCLUDES = 250;

/** @throws LamplighterError ROLE_CYCLE for includes that include themselves without end */
function refuseEndless(at: Position, task: PlanTask): void {
  let depth = 0;
  for (let frame: Position['frame'] | undefined = at.frame; frame; frame = frame.parent?.frame)
    if (frame.kind === 'include') depth++;
  if (depth < MOST_INCLUDES) return;
  throw new LamplighterError('ROLE_CYCLE', `${depth} includes within each other: they include themselves`, {
    place: task.node.place,
    hint: 'end the recursion by a "when"',
  });
}

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/include_tasks_module.html */
async function taskFile({ play, task }: Statement, work: ModuleWork): Promise<{ nodes: PlanNode[]; from: string }> {
  const file = findFile('tasks', String(work.args.file), searchPathOf(play.run, task), task.node.place);
  const nodes = await play.included(`${task.node.id} ${file}`, async () => {
    const from = { role: task.node.role, place: task.node.place, playbookDir: play.run.facts.playbookDir };
    const loaded = await loadTaskFile(file, from, play.run.load);
    const outer = inherit(belowInclude(task), task.node.apply ?? {});
    return planNodes(loaded, outer, play.plan.selection);
  });
  return { nodes, from: path.relative(process.cwd(), file) };
}

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/include_role_module.html */
async function role({ play, task }: Statement, work: ModuleWork): Promise<{ nodes: PlanNode[]; from: string }> {
  const { name, tasks_from, vars_from, defaults_from, handlers_from, allow_duplicates } = work.args;
  const key = JSON.stringify([task.node.id, name, tasks_from, vars_from, defaults_from, handlers_from]);
  const nodes = await play.included(key, async () => {
    const loaded = await loadRole(
      String(name),
      {
        tasksFrom: String(tasks_from),
        varsFrom: String(vars_from),
        defaultsFrom: String(defaults_from),
        handlersFrom: String(handlers_from),
        allowDuplicates: allow_duplicates === true,
        validate: work.args.rolespec_validate === true,
        parent: task.node.role,
        playbookDir: play.run.facts.playbookDir,
        ...(task.node.vars ? { vars: task.node.vars } : {}),
      },
      task.node.place,
      play.run.load,
    );
    const outer = inherit(belowInclude(task), task.node.apply ?? {});
    play.addRole(planHandlers(loaded.handlers, outer, play.plan.selection), loaded, work.args.public === true);
    return planNodes([roleBlock(loaded)], outer, play.plan.selection);
  });
  return { nodes, from: String(name) };
}

/** What included tasks inherit of the include: its surroundings, and its `vars` as parameters, but none of its own keywords. */
function belowInclude({ node, keywords, outer = keywords }: PlanTask): PlanTask['keywords'] {
  return { ...outer, roles: keywords.roles, params: node.vars ? [...outer.params, node.vars] : outer.params };
}

function addHost({ play }: Statement, work: ModuleWork): TaskResult {
  const { name, groups, ...vars } = work.args as { name: string; groups: string[] };
  const { changed } = play.run.inventory.addHost(name, groups, vars);
  return { changed, add_host: { host_name: name, groups, host_vars: vars } };
}

function groupBy({ play, walk }: Statement, work: ModuleWork): TaskResult {
  const { key, parents } = work.args as { key: string; parents: string[] };
  const { changed } = play.run.inventory.addHost(walk.host.name, [key], {});
  const below = parents.map((parent) => play.run.inventory.addChild(parent, key));
  return { changed: changed || below.includes(true), add_group: key, parent_groups: parents };
}
