import type { Playbook, TaskNode } from '../../playbook/model.ts';
import { tasksOfPlay } from '../../playbook/tasks-below.ts';
import type { Modules } from '../modules.ts';

/** What any result may have, of the modules that say what they return. Source: Ansible's common return values, 2.14. */
const COMMON =
  `changed failed skipped unreachable msg rc stdout stderr stdout_lines stderr_lines results item attempts retries
  started finished ansible_job_id results_file diff warnings deprecations exception invocation ansible_facts backup_file censored
  skip_reason false_condition failed_when_result stat dest path src state mode owner group uid gid size checksum md5sum name
  ansible_loop_var ansible_index_var ansible_loop unknown`.split(/\s+/);

/** The values of names with what is known of results: of a name that nothing gives a value but the tasks that register it. */
export async function withResults(
  values: ReadonlyMap<string, readonly unknown[]>,
  { playbooks, modules }: { playbooks: readonly Playbook[]; modules: Modules },
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const results = [...(await registeredResults(playbooks, modules))].filter(([name, known]) => {
    const given = values.get(name) ?? [];
    return given.length === known.length && given.every((value) => value === undefined);
  });
  return new Map<string, readonly unknown[]>([...values, ...results]);
}

/**
 * What tasks register: of each name the results that it may hold, their values unknown. A name that a task of a module
 * registers whose results are not described is left out.
 */
async function registeredResults(
  playbooks: readonly Playbook[],
  modules: Modules,
): Promise<Map<string, Record<string, undefined>[]>> {
  const byPlace = new Map<string, TaskNode>();
  for (const { plays } of playbooks)
    for (const task of plays.flatMap(tasksOfPlay)) byPlace.set(`${task.place.file}:${task.place.line}`, task);
  const found = new Map<string, Record<string, undefined>[]>();
  const unclear = new Set<string>();
  for (const { register, moduleName } of byPlace.values()) {
    if (register === undefined) continue;
    const definition = moduleName.includes('{{') ? undefined : await modules.find(moduleName);
    if (definition?.returns === undefined) unclear.add(register);
    else {
      const keys = [...COMMON, ...Object.keys(definition.returns)];
      found.set(register, [...(found.get(register) ?? []), Object.fromEntries(keys.map((key) => [key, undefined]))]);
    }
  }
  for (const name of unclear) found.delete(name);
  return found;
}
