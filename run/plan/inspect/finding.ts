import type { Place } from '../../errors.ts';
import type { Finding } from '../../task.ts';

/** A finding with the places in the files that it is about, the first the one to change. */
export interface LocatedFinding extends Omit<Finding, 'at'> {
  hosts: string[];
  places: Place[];
}
