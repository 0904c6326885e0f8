import type { Place } from '../../errors.ts';
import { isIdentifier, isMapping, isTemplate } from '../../playbook/mapping.ts';
import { contentPlaceOf } from '../../playbook/places.ts';

/** One place where a variable gets a value that is evaluated when it is used. */
export interface Definition {
  value: unknown;
  place: Place;
}

/** What the YAML of a repository says of names, wherever it stands: enough to know what no path can define. */
export class Names {
  /** Variables that something may define. */
  readonly variables = new Set<string>();
  /** What each of them is given anywhere; undefined for what is not known. */
  readonly values = new Map<string, unknown[]>();
  /** Handlers that something may notify. */
  readonly notified = new Set<string>();
  /** Where variables that hold templates are written, by their names. */
  readonly definitions = new Map<string, Definition[]>();
  /** Variables that tasks give values while the run goes. */
  readonly assigned = new Set<string>();

  /** Whether something may define any name at all: a name or a file of variables that is itself a template. */
  isOpen = false;

  /** Takes the top level of a file of variables. */
  addVariables(data: unknown): void {
    if (isMapping(data)) for (const [key, value] of entriesOf(data)) this.variable(key, value);
  }

  private variable(name: string, value?: unknown): void {
    this.variables.add(name);
    const known = this.values.get(name);
    if (known) known.push(value);
    else this.values.set(name, [value]);
  }

  /** Takes a mapping of variables that are evaluated when they are used. */
  addDefinitions(data: unknown): void {
    if (!isMapping(data)) return;
    for (const [name, value] of entriesOf(data)) {
      const known = this.definitions.get(name) ?? [];
      const place = contentPlaceOf(data, name);
      // A mapping that is read twice is one definition.
      if (place && !known.some((each) => samePlace(each.place, place)))
        this.definitions.set(name, [...known, { value, place }]);
    }
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
    if (short === 'vars') this.addDefinitions(value);
    if (short === 'set_fact' && isMapping(value)) for (const name of keysOf(value)) this.assigned.add(name);
    if (short === 'set_fact' && isMapping(value) && keysOf(value).some(isTemplate)) this.isOpen = true;
    if (short === 'include_vars' && startsWithTemplate(value)) this.isOpen = true;
    if (short === 'register' && typeof value === 'string') this.assigned.add(value);
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
    if (typeof value === 'string') for (const [, name] of value.matchAll(/([A-Za-z_]\w*)=/g)) this.variable(name!);
    else if (Array.isArray(value)) for (const item of value) this.define(item);
    else this.addVariables(value);
  }

  private text(value: unknown): void {
    if (typeof value === 'string' && isIdentifier(value)) this.variable(value);
  }
}

/** A path that begins with a template may lead anywhere. */
function startsWithTemplate(value: unknown): boolean {
  const path = typeof value === 'string' ? value : (fieldOf(value, 'file') ?? fieldOf(value, 'dir'));
  return typeof path === 'string' && /^(?:file=|dir=)?["']?(?:\{\{|\/.*\{\{)/.test(path);
}

function samePlace(a: Place, b: Place): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
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
