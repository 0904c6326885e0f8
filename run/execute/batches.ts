import { LamplighterError } from '../errors.ts';
import { layer, VariableScope } from '../plan/scope.ts';
import type { Play } from '../playbook/model.ts';
import type { HostRun } from './host-run.ts';
import type { RunState } from './run-state.ts';

/**
 * The hosts of a play in the batches of `serial`: numbers or percentages, the last one repeated.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_strategies.html#setting-the-batch-size-with-serial
 * @throws LamplighterError PLAYBOOK_SHAPE
 */
export function playBatches(run: RunState, play: Play, hosts: readonly HostRun[]): HostRun[][] {
  const scope = new VariableScope([layer(run.extra, true), layer(play.vars ?? {}, true)], run.templar.evaluate);
  const sizes = (play.serial ?? []).flatMap((written) => {
    const value = run.templar.value(written, scope, play.place);
    return (Array.isArray(value) ? value : [value]).map((each) => batchSize(each, hosts.length, play));
  });
  if (sizes.length === 0) return [[...hosts]];
  const rest = [...hosts];
  const batches: HostRun[][] = [];
  for (let i = 0; rest.length > 0; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)]!;
    batches.push(rest.splice(0, size > 0 ? size : rest.length));
  }
  return batches;
}

function batchSize(value: unknown, total: number, play: Play): number {
  const text = String(value).trim();
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text);
  if (percent) return Math.max(1, Math.floor((Number(percent[1]) / 100) * total));
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new LamplighterError('PLAYBOOK_SHAPE', `"serial" takes a number of hosts or a percentage, not "${text}"`, {
    place: play.place,
  });
}
