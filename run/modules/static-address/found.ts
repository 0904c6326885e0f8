import type { Sh } from '../../shell/script.ts';
import { shellFunctions } from '../shell-file.ts';
import { canonical } from './request.ts';

export type Backend = 'netplan' | 'ifupdown' | 'networkmanager' | 'networkd';

/** What the host said of its network. */
export interface Found {
  interface: string;
  backend: Backend;
  current: string | undefined;
  files: ReadonlyMap<string, string>;
  /** `eth0 192.168.1.20/24 static global`, a line for each address. */
  live: readonly string[];
  routes: readonly string[];
}

/** The functions of host.sh. */
export function hostFunctions(): Sh {
  return shellFunctions(new URL('./host.sh', import.meta.url));
}

/** The fields of `a_probe`. */
export function foundIn(fields: Record<string, string>): Found {
  const files = Object.entries(fields).flatMap(([key, text]) =>
    key.startsWith('file:') ? [[key.slice(5), text] as const] : [],
  );
  const list = (text = '') => text.split('\n').filter((line) => line !== '');
  return {
    interface: fields.interface!,
    backend: fields.backend as Backend,
    current: fields.current || undefined,
    files: new Map(files),
    live: list(fields.live),
    routes: list(fields.routes),
  };
}

/** Whether an address is on the interface to stay: one that DHCP lent is not. */
export function has(found: Pick<Found, 'live' | 'interface'>, address: string): boolean {
  return found.live.some((line) => {
    const [device, own, kind] = line.split(' ');
    return device === found.interface && kind === 'static' && canonical(own!) === canonical(address);
  });
}
