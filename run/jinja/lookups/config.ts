import { lookupError } from '../errors.ts';
import type { Lookup } from './plugin.ts';

/** Ansible's settings mean nothing here. */
export const config: Lookup = (terms) => {
  throw lookupError(`the lookup 'config' reads Ansible's own settings (${terms.join(', ')}), which do not exist here`);
};
