import type { Emit } from '../events.ts';
import type { Inventory } from '../inventory/model.ts';
import type { RunOptions } from '../options.ts';
import type { RunFacts } from '../plan/magic.ts';
import type { Templar } from '../plan/templar.ts';
import type { ModuleCatalogue } from '../playbook/catalogue.ts';
import type { LoadContext } from '../playbook/loader.ts';
import type { HostRun } from './host-run.ts';

/** What belongs to the whole run, handed down as an argument. */
export interface RunState {
  options: RunOptions;
  emit: Emit;
  signal: AbortSignal;
  inventory: Inventory;
  modules: ModuleCatalogue;
  load: LoadContext;
  templar: Templar;
  /** `-e`, the strongest variables. */
  extra: Record<string, unknown>;
  facts: RunFacts;
  /** The host of an inventory name, made when it is first asked for; undefined for an unknown name. */
  host: (name: string) => HostRun | undefined;
  /** A host that is in no inventory (`delegate_to: 192.0.2.7`). */
  newHost: (name: string) => HostRun;
  /** Reads the inventory's sources again (`meta: refresh_inventory`). */
  refreshInventory: () => Promise<void>;
  /** Contents of the controller's files that tasks send, read once. */
  readFile: (path: string, decrypt: boolean) => Promise<Buffer>;
  /** Plays that have begun, of all playbooks. */
  plays: number;
  /** Marks a text as secret for every output. */
  secret: (text: string) => void;
}
