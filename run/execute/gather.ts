import { z } from 'zod';
import { factStep, factsFrom } from '../modules/facts.ts';
import { inheritFromPlay } from '../plan/effective.ts';
import type { PlanTask } from '../plan/program.ts';
import type { Play } from '../playbook/model.ts';
import type { TaskDefinition } from '../task.ts';
import type { HostRun } from './host-run.ts';
import { laneName } from './lane.ts';
import type { PlayState } from './play-state.ts';
import type { Prepared } from './prepare-task.ts';
import { settingsOf } from './settings.ts';

/** The task that a play with `gather_facts` begins with. */
export function gatherTask(play: Play): PlanTask {
  return {
    kind: 'task',
    node: {
      kind: 'task',
      id: 0,
      name: 'Gathering Facts',
      module: 'setup',
      moduleName: 'setup',
      args: {},
      place: play.place,
    },
    keywords: inheritFromPlay(play),
    handler: false,
    barrier: false,
  };
}

/** The gathering of named facts as a prepared task. @throws as preparing any task */
export async function prepareGather(
  play: PlayState,
  host: HostRun,
  task: PlanTask,
  names: ReadonlySet<string>,
): Promise<Prepared> {
  const scope = play.scope(host, task, []);
  const way = host.via(play.routeOf(task, scope));
  const { user } = await way.target();
  let settings = settingsOf(play.run, task.keywords, scope, scope, task.node.place);
  if (settings.become?.user === user) settings = { ...settings, become: undefined };
  const definition = gathering(names);
  return {
    name: task.node.name!,
    definition,
    works: [{ kind: 'module', item: undefined, scope, settings, args: {}, guard: undefined, way, on: host, user }],
    later: [],
    loop: false,
    settings,
    early: false,
    alone: false,
    talks: true,
    lane: laneName(host, way, settings.become),
    delegated: undefined,
  };
}

/** Asks a host for more facts, outside of any task: one that nobody named beforehand (`*`: all). @throws as a task */
export async function fetchFacts(play: PlayState, host: HostRun, name: string): Promise<void> {
  const task = play.gathering?.task ?? gatherTask(play.plan.play);
  const wanted = name === '*' ? 'all' : new Set([name]);
  const { works } = await prepareGather(play, host, task, new Set());
  const work = works[0]!;
  if (work.kind !== 'module') return;
  const session = await work.way.link.session(work.settings.become, work.user);
  const { environment } = work.settings;
  const request = { body: factStep(wanted), keepGoing: true, check: false, diff: false, environment, solo: false };
  const reply = await session.send(request).reply;
  // Stopped by a failure in front of it: whoever asked comes back when that has been dealt with.
  if (reply.status === 'stopped') return;
  host.variables.addFacts(factsFrom(reply));
  if (wanted === 'all') host.variables.allFetched = true;
  host.variables.fetched.add(name);
}

/** `setup` for some facts only, so that a host is asked for nothing that nobody reads. */
function gathering(names: ReadonlySet<string>): TaskDefinition {
  return {
    name: 'ansible.builtin.setup',
    summary: 'Gathers the facts that the playbook names.',
    args: z.any(),
    checkMode: 'reads',
    step: () => factStep(names),
    result: (reply) => (reply.status === 'failed' ? {} : { ansible_facts: factsFrom(reply) }),
  };
}
