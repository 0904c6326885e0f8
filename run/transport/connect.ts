import type { Connect } from './transport.ts';

/** Connects by the target's transport. Each is imported when first used: ssh2 costs 40 ms to load, execa 60. */
export const connect: Connect = async (target, signal) => {
  switch (target.transport) {
    case 'ssh':
      return (await import('./ssh.ts')).connectSsh(target, signal);
    case 'openssh':
      return (await import('./openssh.ts')).connectOpenssh(target, signal);
    case 'local':
      return (await import('./local.ts')).connectLocal(target, signal);
  }
};
