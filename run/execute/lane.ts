import type { Become } from '../transport/transport.ts';
import { sessionKey } from './host-link.ts';
import type { HostRun, Way } from './host-run.ts';

/** Names the one shell in which tasks run in order: a host, a way to it, a user. */
export function laneName(host: HostRun, way: Way, become: Become | undefined): string {
  return `${host.name} ${way.key} ${sessionKey(become)}`;
}
