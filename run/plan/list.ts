import type { Place } from '../errors.ts';
import type { ListRequest, RunOptions } from '../options.ts';
import { inspectRun } from './inspect/inspect.ts';
import { refuse } from './inspect/refuse.ts';
import { type Loaded, loadRun, playHosts } from './load.ts';
import { type PlanNode, type PlanTask, planPlay } from './program.ts';
import { flatTags } from './tags.ts';

/**
 * What `--list-hosts`, `--list-tasks`, `--list-tags` and `--syntax-check` print, in ansible-playbook's form.
 * @throws LamplighterError for what a person wrote wrongly
 */
export async function listPlaybooks(
  options: RunOptions,
  what: ListRequest,
  warn: (message: string, place?: Place) => void,
): Promise<string> {
  const loaded = await loadRun(options, warn);
  if (what.syntax) refuse(await inspectRun(loaded, options), warn);
  const lines: string[] = [];
  for (const [index, playbook] of loaded.playbooks.entries()) {
    lines.push('', `playbook: ${options.playbooks[index]}`);
    if (!what.hosts && !what.tasks && !what.tags) continue;
    playbook.plays.forEach((play, number) => {
      const tags = flatTags(play.tags ?? []);
      lines.push('', `  play #${number + 1} (${patternOf(play.hosts)}): ${play.title}\tTAGS: [${tags.join(',')}]`);
      if (what.hosts) lines.push(...hostLines(loaded, options, play));
      const tasks = planPlay(play, {
        tags: { only: options.tags, skip: options.skipTags },
        barrier: () => false,
      }).nodes.flatMap(tasksBelow);
      if (what.tasks) lines.push('    tasks:', ...tasks.map(taskLine));
      if (what.tags) {
        const all = new Set([...tags, ...tasks.flatMap((task) => flatTags(task.keywords.tags))]);
        lines.push(`      TASK TAGS: [${[...all].sort().join(', ')}]`);
      }
    });
  }
  return `${lines.join('\n')}\n`;
}

function hostLines(loaded: Loaded, options: RunOptions, play: Loaded['playbooks'][number]['plays'][number]): string[] {
  const hosts = playHosts(loaded, options, play).map((host) => host.name);
  const patterns = Array.isArray(play.hosts) ? play.hosts.map(String) : [String(play.hosts)];
  return [
    `    pattern: [${patterns.map((pattern) => `'${pattern}'`).join(', ')}]`,
    `    hosts (${hosts.length}):`,
    ...hosts.map((host) => `      ${host}`),
  ];
}

function taskLine(task: PlanTask): string {
  const { name, module, moduleName } = task.node;
  const role = module === 'include_role' ? undefined : task.keywords.roles.at(-1);
  // Ansible shows a name with its role, and a module without.
  const title = name === undefined ? moduleName : role ? `${role.name} : ${name}` : name;
  const tags = [...new Set(flatTags(task.keywords.tags))].sort();
  return `      ${title}\tTAGS: [${tags.join(', ')}]`;
}

function tasksBelow(node: PlanNode): PlanTask[] {
  if (node.kind === 'flush') return [];
  if (node.kind === 'task') return [node];
  return node.block.flatMap(tasksBelow);
}

function patternOf(hosts: unknown): string {
  return Array.isArray(hosts) ? hosts.join(',') : String(hosts);
}
