import type { Place } from '../errors.ts';
import { nearest } from '../errors.ts';
import { didYouMean, failure, kindOf } from '../playbook/fail.ts';
import { copyPlaces, keyPlaceOf, placeOf } from '../playbook/places.ts';
import type { GroupNode } from './graph.ts';
import { addHosts, checkGroupName, expandHosts, type Reading } from './reading.ts';

const SECTIONS = ['vars', 'children', 'hosts'];

/**
 * Adds what a YAML (or JSON) inventory says: groups at the top, `hosts`, `vars` and `children` in each.
 * https://docs.ansible.com/ansible/latest/collections/ansible/builtin/yaml_inventory.html
 * @throws LamplighterError INVENTORY_SHAPE
 */
export function readYamlInventory(data: unknown, file: string, reading: Reading): void {
  const top = { file, line: 1, column: 1 };
  if (data === null) return;
  if (!isMapping(data))
    throw failure('INVENTORY_SHAPE', `an inventory is a mapping of groups, not ${kindOf(data)}`, placeOf(data) ?? top);
  const entries = entriesOf(data);
  const plugin = entries.find(([key]) => key === 'plugin');
  if (plugin)
    throw failure(
      'INVENTORY_SHAPE',
      `this configures the inventory plugin "${String(plugin[1])}", and inventory plugins do not run here`,
      keyPlaceOf(data, 'plugin'),
      { hint: 'write the hosts down with: ansible-inventory --list --yaml --output hosts.yml' },
    );
  for (const [name, group] of entries) readGroup(data, name, group, reading);
}

function readGroup(container: object, key: unknown, data: unknown, reading: Reading): GroupNode | undefined {
  const place = keyPlaceOf(container, key)!;
  if (typeof key !== 'string' || key === '')
    throw failure('INVENTORY_SHAPE', `the name of a group must be a string, not ${kindOf(key)}`, place, {
      hint: 'quote it',
    });
  if (data !== null && !isMapping(data)) {
    reading.warn(`skipping "${key}": a group is a mapping with hosts, vars and children, not ${kindOf(data)}`, place);
    return undefined;
  }
  checkGroupName(reading, key, place);
  const group = reading.graph.addGroup(key);
  if (data !== null) for (const [section, value] of entriesOf(data)) readSection(group, data, section, value, reading);
  return group;
}

function readSection(group: GroupNode, data: object, section: unknown, value: unknown, reading: Reading): void {
  const place = keyPlaceOf(data, section)!;
  if (typeof section !== 'string' || !SECTIONS.includes(section)) {
    const meant = didYouMean(nearest(String(section), SECTIONS));
    reading.warn(
      `skipping the key "${String(section)}" of the group "${group.name}"${meant || ': only hosts, vars and children are valid'}`,
      place,
      'INVENTORY_SHAPE',
    );
    return;
  }
  if (value === null) return;
  const content = typeof value === 'string' ? { [value]: null } : value;
  if (!isMapping(content))
    throw failure(
      'INVENTORY_SHAPE',
      `"${section}" of the group "${group.name}" must be a mapping, not ${kindOf(value)}`,
      place,
      {
        hint: section === 'vars' ? undefined : `write each name as a key: "${section}: {name: }"`,
      },
    );
  for (const [key, item] of entriesOf(content)) {
    if (section === 'vars') setVariable(group, content, key, item, reading);
    else if (section === 'children') {
      const child = readGroup(placesFor(content, data, section), key, item, reading);
      if (child) reading.graph.addChild(group.name, child.name, keyPlaceOf(content, key) ?? place);
    } else readHost(group, content, key, item, keyPlaceOf(content, key) ?? place, reading);
  }
  if (section === 'vars') copyPlaces(group.vars, group.vars, content);
}

/** A section that is a bare string has the section's own place. */
function placesFor(content: object, data: object, section: string): object {
  return placeOf(content) ? content : { ...data, [section]: content };
}

function setVariable(group: GroupNode, vars: object, key: unknown, value: unknown, reading: Reading): void {
  reading.graph.setGroupVariable(group, String(key), value, keyPlaceOf(vars, key));
}

function readHost(group: GroupNode, hosts: object, key: unknown, vars: unknown, place: Place, reading: Reading): void {
  if (typeof key !== 'string')
    throw failure('INVENTORY_SHAPE', `the name of a host must be a string, not ${kindOf(key)}`, place, {
      hint: 'quote it',
    });
  if (vars !== null && !isMapping(vars))
    throw failure(
      'INVENTORY_SHAPE',
      `the variables of the host "${key}" must be a mapping, not ${kindOf(vars)}`,
      placeOf(hosts, key) ?? place,
    );
  const own = vars === null ? {} : Object.fromEntries(entriesOf(vars).map(([name, value]) => [String(name), value]));
  if (vars !== null) copyPlaces(own, vars);
  addHosts(reading, expandHosts(key, place), group.name, own, place);
}

/** Whether a value read from YAML is a mapping. */
export function isMapping(value: unknown): value is Record<string, unknown> | Map<unknown, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
}

export function entriesOf(mapping: Record<string, unknown> | Map<unknown, unknown>): [unknown, unknown][] {
  return mapping instanceof Map ? [...mapping] : Object.entries(mapping);
}
