import type { Host, Inventory } from './model.ts';

/** Names of the controller, which need no inventory. */
export const LOCALHOST: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** A host by its name, the implicit `localhost` too. */
export function hostNamed(inventory: Inventory, name: string): Host | undefined {
  return inventory.hosts.get(name) ?? (LOCALHOST.includes(name) ? inventory.select(name)[0] : undefined);
}

/** The names that `hostvars` has: all hosts, and `localhost` where no inventory names the controller. */
export function hostNames({ hosts }: Inventory): string[] {
  return [...hosts.keys(), ...(LOCALHOST.some((name) => hosts.has(name)) ? [] : ['localhost'])];
}
