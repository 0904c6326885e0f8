import type { HostStats, RunEvent } from '../events.ts';

/** Modules whose loop counts once an item: each item brings in tasks of its own. A role that is included does not count. */
const INCLUDES = new Set(['include_tasks', 'include']);

/**
 * Counts results as Ansible's recap does: a changed task is ok too, an ignored failure is ok and ignored, a rescued one
 * is only rescued, a loop counts once.
 * Source: StrategyBase._process_pending_results of ansible-core 2.14
 */
export class Recap {
  private readonly stats = new Map<string, HostStats>();
  private readonly included = new Map<string, number>();

  see(event: RunEvent): void {
    if (event.event === 'item' && INCLUDES.has(event.task.module) && event.status === 'ok') {
      const key = loopKey(event);
      this.included.set(key, (this.included.get(key) ?? 0) + 1);
    }
    if (event.event === 'task') this.count(event);
  }

  /** The counts so far, hosts in the order in which they were first seen. */
  hosts(): Record<string, HostStats> {
    return Object.fromEntries([...this.stats].map(([host, stats]) => [host, { ...stats }]));
  }

  private count(event: Extract<RunEvent, { event: 'task' }>): void {
    const stats = this.of(event.host);
    const changed = event.result.changed === true;
    switch (event.status) {
      case 'ok':
      case 'changed':
        if (event.task.module !== 'include_role') stats.ok += this.included.get(loopKey(event)) ?? 1;
        if (event.status === 'changed') stats.changed++;
        break;
      case 'skipped':
        stats.skipped++;
        break;
      case 'failed':
        if (event.ignored) {
          stats.ok++;
          stats.ignored++;
          if (changed) stats.changed++;
        } else if (event.rescued) stats.rescued++;
        else stats.failed++;
        break;
      case 'unreachable':
        if (event.ignored) {
          stats.ok++;
          stats.ignored++;
        } else if (event.rescued) stats.rescued++;
        else stats.unreachable++;
        break;
    }
    this.included.delete(loopKey(event));
  }

  private of(host: string): HostStats {
    let stats = this.stats.get(host);
    if (!stats) {
      stats = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
      this.stats.set(host, stats);
    }
    return stats;
  }
}

function loopKey(event: { host: string; task: { id: number } }): string {
  return `${event.task.id} ${event.host}`;
}
