import { LamplighterError } from '../errors.ts';
import { pyString } from '../jinja/python/repr.ts';
import { isPlainObject } from '../jinja/values/kinds.ts';
import { Tuple } from '../jinja/values/types.ts';
import { mentions } from '../plan/mentions.ts';
import type { PlanTask } from '../plan/program.ts';
import type { VariableScope } from '../plan/scope.ts';
import type { HostRun } from './host-run.ts';
import type { PlayState } from './play-state.ts';

/** One round of a loop. */
export interface LoopItem {
  value: unknown;
  /** The loop variable, the index variable, `ansible_loop` where asked for. */
  variables: Record<string, unknown>;
  /** What the item's result carries besides the module's own. */
  keys: Record<string, unknown>;
  label: () => string;
  pauseSeconds: number;
}

/**
 * The items of a task's loop, or undefined when it has none.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_loops.html
 * @throws LamplighterError PLAYBOOK_SHAPE when the value is no list; those of templates; signals
 */
export async function loopItems(
  play: PlayState,
  _host: HostRun,
  task: PlanTask,
  scope: VariableScope,
): Promise<LoopItem[] | undefined> {
  const { loop } = task.node;
  if (!loop) return undefined;
  const { templar } = play.run;
  const values = loop.kind === 'loop' ? templar.value(loop.value, scope, loop.place) : byLookup(play, task, scope);
  if (!Array.isArray(values))
    throw new LamplighterError(
      'PLAYBOOK_SHAPE',
      `Invalid data passed to 'loop', it requires a list, got this instead: ${pyString(values)}`,
      {
        place: loop.place,
        hint: 'Hint: If you passed a list/dict of just one element, try adding wantlist=True to your lookup invocation or use q/query instead of lookup.',
      },
    );
  const { control } = loop;
  return values.map(withLists).map((value, index, values): LoopItem => {
    const variables: Record<string, unknown> = { [control.loopVar]: value, ansible_loop_var: control.loopVar };
    const keys: Record<string, unknown> = { [control.loopVar]: value, ansible_loop_var: control.loopVar };
    if (control.indexVar !== undefined) {
      for (const each of [variables, keys])
        Object.assign(each, { [control.indexVar]: index, ansible_index_var: control.indexVar });
    }
    if (control.extended) {
      const extended = extendedLoop(values, index, control.extendedAllItems);
      variables.ansible_loop = extended;
      keys.ansible_loop = extended;
    }
    const own = scope.with(variables);
    return {
      value,
      variables,
      keys,
      label: () => pyString(control.label === undefined ? value : templar.value(control.label, own, loop.place)),
      pauseSeconds: control.pause === undefined ? 0 : Number(templar.value(control.pause, own, loop.place)) || 0,
    };
  });
}

/** An item as templates see it: Ansible makes lists of the tuples in it, which lookups and filters give. */
function withLists(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, withLists);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, withLists(each)]));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withLists(each)]));
}

/** Whether an item of a task's loop may look at what the task registered for the item before it. */
export function seesItself({ node, keywords }: PlanTask): boolean {
  if (node.register === undefined) return false;
  const name = new RegExp(`\\b${node.register}\\b`);
  const { args, argsTemplate, loop, vars } = node;
  const conditions = keywords.when.map(({ expression }) => expression);
  const written = [args, argsTemplate, conditions, vars, keywords.environment, keywords.delegateTo, loop?.control];
  return mentions(written, (text) => name.test(text));
}

/** `with_NAME: terms` is the lookup NAME over its terms. */
function byLookup(play: PlayState, task: PlanTask, scope: VariableScope): unknown {
  const loop = task.node.loop!;
  const { templar } = play.run;
  const value = templar.value(loop.value, scope, loop.place);
  const terms = Array.isArray(value) && !(value instanceof Tuple) ? value : [value];
  const { module } = task.node;
  const subdir = module.includes('template') ? 'templates' : module.includes('var') ? 'vars' : 'files';
  const options = loop.kind === 'first_found' ? `, _subdir='${subdir}'` : '';
  const own = scope.with({ ll_terms: terms });
  return templar.expression(`query('${loop.kind}', *ll_terms${options})`, own, loop.place);
}

function extendedLoop(values: readonly unknown[], index: number, all: boolean): Record<string, unknown> {
  const last = values.length - 1;
  return {
    ...(all ? { allitems: [...values] } : {}),
    index: index + 1,
    index0: index,
    first: index === 0,
    last: index === last,
    length: values.length,
    revindex: values.length - index,
    revindex0: last - index,
    ...(index > 0 ? { previtem: values[index - 1] } : {}),
    ...(index < last ? { nextitem: values[index + 1] } : {}),
  };
}
