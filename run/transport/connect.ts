import type { Connect, ConnectionTarget } from './transport.ts';

type Transport = ConnectionTarget['transport'];

/** Imported when first used: ssh2 costs 40 ms to load, execa 60. */
const LOADERS: Record<Transport, () => Promise<Connect>> = {
  ssh: async () => (await import('./ssh.ts')).connectSsh,
  openssh: async () => (await import('./openssh.ts')).connectOpenssh,
  local: async () => (await import('./local.ts')).connectLocal,
};

/** Kept: asking for a module again costs a message to the loader's thread, for each host. */
const loaded = new Map<Transport, Promise<Connect>>();

/** Loads what a transport needs, so that it is there when the first host is to be reached. */
export function preload(transport: Transport): Promise<Connect> {
  const load = loaded.get(transport) ?? LOADERS[transport]();
  loaded.set(transport, load);
  return load;
}

/** Connects by the target's transport. */
export const connect: Connect = async (target, signal) => (await preload(target.transport))(target, signal);
