import type { HostView } from './host-view.ts';

/** Facts that are read together: what of the host they need, and how they are made of it on the controller. */
export interface FactGroup {
  /** Ansible's name of the collector, which `gather_subset` takes. */
  name: string;
  /** Part of Ansible's minimal subset, gathered unless `!min` is said. */
  minimal?: true;
  /** Facts without `ansible_`. A name that ends in `*` stands for all that begin so. */
  names: string[];
  /** Files to be read, patterns allowed. */
  files?: string[];
  /** Symbolic links to be read, patterns allowed. */
  links?: string[];
  /** Shell lines whose output is needed, each printing its own section by `fact_section NAME`; the same once for all. */
  scripts?: string[];
  facts(host: HostView): Record<string, unknown>;
}

/** The processor's name, which more than one group asks. */
export const MACHINE = 'fact_section machine; uname -m';
