import type { Place } from '../errors.ts';
import { failure } from '../playbook/fail.ts';
import { copyPlaces, type Mark, markPlaces } from '../playbook/places.ts';
import type { SourceText } from '../playbook/source.ts';
import { iniValue } from './ini-value.ts';
import { addHosts, checkGroupName, expandHosts, type Reading } from './reading.ts';
import { ShlexProblem, shlexSplit } from './shlex.ts';

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;

interface Pending {
  place: Place;
  kind: 'vars' | 'children';
  parents: string[];
}

/**
 * Adds what an INI inventory says. https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ini_inventory.html
 * @throws LamplighterError INVENTORY_SHAPE
 */
export function readIni(source: SourceText, reading: Reading): void {
  new IniReader(source, reading).read();
}

class IniReader {
  private readonly source: SourceText;
  private readonly reading: Reading;
  private readonly pending = new Map<string, Pending>();
  private group = 'ungrouped';
  private kind: 'hosts' | 'vars' | 'children' = 'hosts';

  constructor(source: SourceText, reading: Reading) {
    this.source = source;
    this.reading = reading;
  }

  read(): void {
    let number = 0;
    for (const written of this.source.text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/)) {
      number++;
      const line = written.trim();
      if (line === '' || line.startsWith(';') || line.startsWith('#')) continue;
      const place = this.source.place(number, written.length - written.trimStart().length + 1);
      this.line(line, place);
    }
    for (const [name, { place, kind, parents }] of this.pending)
      throw failure(
        'INVENTORY_SHAPE',
        kind === 'vars'
          ? `[${name}:vars] is for a group that is nowhere defined: "${name}"`
          : `[${parents.at(-1)}:children] names a group that is nowhere defined: "${name}"`,
        place,
        { hint: `write [${name}] (it may be empty) to define the group` },
      );
  }

  private line(line: string, place: Place): void {
    const section = SECTION.exec(line);
    if (section) this.section(section[1]!, section[2] ?? 'hosts', place);
    else if (line.startsWith('[') && line.endsWith(']'))
      throw failure('INVENTORY_SHAPE', `"${line}" is not a section`, place, {
        hint: 'a section is [group], [group:vars] or [group:children], without spaces',
      });
    else if (this.kind === 'hosts') this.host(line, place);
    else if (this.kind === 'vars') this.variable(line, place);
    else this.child(line, place);
  }

  private section(name: string, kind: string, place: Place): void {
    if (kind !== 'hosts' && kind !== 'vars' && kind !== 'children')
      throw failure('INVENTORY_SHAPE', `the section [${name}:${kind}] has an unknown kind: "${kind}"`, place, {
        hint: 'a section is [group], [group:vars] or [group:children]',
      });
    const { graph } = this.reading;
    this.group = name;
    this.kind = kind;
    if (!graph.groups.has(name)) {
      checkGroupName(this.reading, name, place);
      if (kind === 'vars' && !this.pending.has(name)) this.pending.set(name, { place, kind, parents: [] });
      graph.addGroup(name);
    }
    const pending = this.pending.get(name);
    if (!pending || kind === 'vars') return;
    if (pending.kind === 'children') this.settle(name, place);
    else this.pending.delete(name);
  }

  /** A group named as a child before it was defined joins its parents now. */
  private settle(name: string, place: Place): void {
    const pending = this.pending.get(name);
    if (!pending) return;
    this.pending.delete(name);
    for (const parent of pending.parents) {
      this.reading.graph.addChild(parent, name, place);
      if (this.pending.get(parent)?.kind === 'children') this.settle(parent, place);
    }
  }

  private host(line: string, place: Place): void {
    let words: string[];
    try {
      words = shlexSplit(line);
    } catch (error) {
      if (!(error instanceof ShlexProblem)) throw error;
      throw failure('INVENTORY_SHAPE', `this host line cannot be split into words: ${error.message}`, place, {
        hint: 'a value with a quote in it stands in quotes of the other kind',
      });
    }
    const [pattern, ...assignments] = words as [string, ...string[]];
    const vars: Record<string, unknown> = {};
    for (const word of assignments) {
      const equals = word.indexOf('=');
      if (equals < 0)
        throw failure('INVENTORY_SHAPE', `expected key=value after the host, not "${word}"`, place, {
          hint: 'quote a value that holds spaces: key="a b"',
        });
      vars[word.slice(0, equals)] = iniValue(word.slice(equals + 1));
    }
    this.mark(vars, place);
    const entry = expandHosts(pattern, place);
    if (pattern.trim().endsWith(':') && entry.port === undefined)
      throw failure('INVENTORY_SHAPE', `the host "${pattern}" ends with ":", which is there to say a port`, place);
    if (entry.names.some((name) => name.trim() === '---'))
      throw failure('INVENTORY_SHAPE', '"---" begins a YAML file, and this is read as an INI file', place, {
        hint: 'name a YAML inventory .yml',
      });
    addHosts(this.reading, entry, this.group, vars, place);
  }

  private variable(line: string, place: Place): void {
    const equals = line.indexOf('=');
    if (equals < 0)
      throw failure('INVENTORY_SHAPE', `expected key=value in [${this.group}:vars], not "${line}"`, place);
    const { graph } = this.reading;
    const value = iniValue(line.slice(equals + 1).trim());
    const group = graph.addGroup(this.group);
    const name = line.slice(0, equals).trim();
    graph.setGroupVariable(group, name, value, place);
    const written = { [name]: value };
    this.mark(written, place);
    copyPlaces(group.vars, group.vars, written);
  }

  /** Notes where the variables of a line stand. */
  private mark(vars: Record<string, unknown>, { line, column }: Place): void {
    const start = this.source.offsetOf(line);
    const text = this.source.line(line) ?? '';
    const marks = new Map<unknown, Mark>();
    for (const name of Object.keys(vars)) {
      const at = text.search(new RegExp(`(?<=^|\\s)${name.replace(/[^\w]/g, '\\$&')}\\s*=`));
      if (at < 0) continue;
      const equals = text.indexOf('=', at) + 1;
      const value = equals + text.slice(equals).search(/\S|$/);
      const content = /["']/.test(text[value] ?? '') ? value + 1 : value;
      marks.set(name, { key: start + at, value: start + value, content: start + content });
    }
    markPlaces(vars, this.source, start + column - 1, marks);
  }

  private child(line: string, place: Place): void {
    const name = GROUP_NAME.exec(line)?.[1];
    if (name === undefined)
      throw failure(
        'INVENTORY_SHAPE',
        `expected the name of a group in [${this.group}:children], not "${line}"`,
        place,
      );
    const { graph } = this.reading;
    const pending = this.pending.get(name);
    if (graph.groups.has(name)) graph.addChild(this.group, name, place);
    else if (pending) pending.parents.push(this.group);
    else this.pending.set(name, { place, kind: 'children', parents: [this.group] });
  }
}
