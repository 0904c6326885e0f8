import type { Host } from '../inventory/model.ts';
import type { Layer } from './scope.ts';
import { Pending, Placeholder } from './signals.ts';

/** Names that begin like facts and are none: connection variables and the runner's own. */
const NOT_FACTS =
  /^ansible_(host|port|user|connection|password|timeout|limit|managed|version|forks|config_file|inventory_sources|run_tags|skip_tags|diff_mode|check_mode|verbosity|index_var|loop|loop_var|search_path|shell_(type|executable)|private_key_file|host_key_checking|pipelining|remote_tmp|python_interpreter|ssh_(?!host_key_).*|become.*|sudo.*|su.*|play_.*|role_.*|parent_role_.*|dependent_role_.*|failed_.*|delegated_vars|collection_name|facts|group_priority|paramiko.*|async_dir|winrm.*)$/;

/**
 * What a host learns during a run: facts, registered results, set_fact, include_vars. Lives as long as the run; its
 * inventory variables are the inventory's.
 */
export class HostVariables {
  readonly host: Host;
  /** Facts under their full names (`ansible_eth0`), as they are injected. */
  readonly facts: Record<string, unknown> = {};
  /** Registered results and set_fact, not templated any more. */
  readonly assigned: Record<string, unknown> = {};
  /** include_vars: still raw. */
  readonly included: Record<string, unknown> = {};
  /** Fetches a fact that nobody named beforehand; set while facts are to be gathered. */
  demandFact: ((name: string) => Promise<void>) | undefined;
  /** Facts that have been asked for, whether the host had them or not. */
  readonly fetched = new Set<string>();
  allFetched = false;

  constructor(host: Host) {
    this.host = host;
  }

  /**
   * A fact by its full name; undefined when the host has none such.
   * @throws Pending when it has not been fetched yet
   */
  fact(name: string): unknown {
    if (Object.hasOwn(this.facts, name)) return this.facts[name];
    if (!this.demandFact || this.allFetched || this.fetched.has(name)) return undefined;
    if (!name.startsWith('ansible_') || NOT_FACTS.test(name)) return undefined;
    const demand = this.demandFact;
    throw new Pending(`fact ${name} of ${this.host.name}`, () => demand(name));
  }

  /** All facts, for `ansible_facts` taken as a whole. @throws Pending */
  everyFact(): Record<string, unknown> {
    const demand = this.demandFact;
    if (demand && !this.allFetched) throw new Pending(`all facts of ${this.host.name}`, () => demand('*'));
    return this.facts;
  }

  /** Takes what a task returned as `ansible_facts`. */
  addFacts(facts: Record<string, unknown>): void {
    Object.assign(this.facts, facts);
  }

  /** These facts are being asked for (again). */
  forget(names: Iterable<string>): void {
    this.allFetched = false;
    for (const name of names) delete this.facts[name];
    this.fetched.clear();
  }

  clearFacts(): void {
    for (const name of Object.keys(this.facts)) delete this.facts[name];
    this.fetched.clear();
    this.allFetched = false;
  }

  /** Puts a value, or a placeholder for one that is under way; returns how to take it back. */
  assign(name: string, value: unknown): () => void {
    const had = Object.hasOwn(this.assigned, name);
    const before = this.assigned[name];
    this.assigned[name] = value;
    return () => {
      if (had) this.assigned[name] = before;
      else delete this.assigned[name];
    };
  }

  /** Values behind which a result is still under way. */
  isPending(name: string): boolean {
    const value = this.assigned[name];
    return value instanceof Placeholder && value.signal instanceof Pending;
  }

  factLayer(): Layer {
    return { raw: false, get: (name) => this.fact(name), names: () => Object.keys(this.facts) };
  }
}
