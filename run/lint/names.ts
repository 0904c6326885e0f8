import { isIdentifier, isMapping } from '../playbook/mapping.ts';

/** What the YAML of a repository says of names, wherever it stands: enough to know what no path can define. */
export class Names {
  /** Variables that something may define. */
  readonly variables = new Set<string>();
  /** Handlers that something may notify. */
  readonly notified = new Set<string>();

  /** Takes the top level of a file of variables. */
  addVariables(data: unknown): void {
    if (isMapping(data)) for (const key of keysOf(data)) this.variables.add(key);
  }

  /** Looks through plays, tasks, roles' meta files: keys that define names, at any depth. */
  scan(value: unknown): void {
    if (Array.isArray(value)) for (const item of value) this.scan(item);
    if (!isMapping(value)) return;
    for (const [key, item] of entriesOf(value)) {
      this.key(key, item);
      this.scan(item);
    }
  }

  private key(key: string, value: unknown): void {
    const short = key.slice(key.lastIndexOf('.') + 1);
    if (short === 'vars' || short === 'options' || short === 'set_fact' || short === 'add_host') this.define(value);
    else if (short === 'roles' || short === 'dependencies') for (const use of listOf(value)) this.define(use);
    else if (short === 'vars_prompt') for (const prompt of listOf(value)) this.text(fieldOf(prompt, 'name'));
    else if (short === 'register' || short === 'loop_var' || short === 'index_var') this.text(value);
    else if (short === 'include_vars') this.text(fieldOf(value, 'name'));
    else if (short === 'include' || short === 'action' || short === 'local_action') this.define(value);
    else if (short === 'notify')
      for (const name of listOf(value)) if (typeof name === 'string') this.notified.add(name);
  }

  private define(value: unknown): void {
    if (typeof value === 'string') for (const [, name] of value.matchAll(/([A-Za-z_]\w*)=/g)) this.variables.add(name!);
    else if (Array.isArray(value)) for (const item of value) this.define(item);
    else this.addVariables(value);
  }

  private text(value: unknown): void {
    if (typeof value === 'string' && isIdentifier(value)) this.variables.add(value);
  }
}

function entriesOf(mapping: Record<string, unknown> | Map<unknown, unknown>): [string, unknown][] {
  const entries = mapping instanceof Map ? [...mapping] : Object.entries(mapping);
  return entries.map(([key, value]) => [String(key), value]);
}

function keysOf(mapping: Record<string, unknown> | Map<unknown, unknown>): string[] {
  return entriesOf(mapping).map(([key]) => key);
}

function fieldOf(value: unknown, key: string): unknown {
  return isMapping(value) && !(value instanceof Map) ? value[key] : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
