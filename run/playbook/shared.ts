import type { LamplighterError, Place } from '../errors.ts';
import { correction, nearest } from '../errors.ts';
import type { ModuleCatalogue } from './catalogue.ts';
import { attemptSync, failure, kindOf, type Report, raise } from './fail.ts';
import { DELEGATION, type KeywordKind, SHARED, UNSUPPORTED, WORDS } from './keywords.ts';
import { isIdentifier, isTemplate, listOf, type Mapping, mappingOf } from './mapping.ts';
import type { Condition, Raw, SharedKeywords } from './model.ts';
import { contentPlaceOf, copyPlaces, keyPlaceOf, placeOf } from './places.ts';
import { UnsafeText, VaultText } from './yaml-values.ts';

/** Reads the keywords that plays, blocks, tasks and roles share. @throws LamplighterError PLAYBOOK_SHAPE, UNSUPPORTED_KEYWORD */
export function readShared(node: Mapping, report: Report = raise): SharedKeywords {
  const shared: SharedKeywords = {};
  const fields = shared as Record<string, unknown>;
  const read = (key: string, value: unknown): void => {
    const keyword = Object.hasOwn(SHARED, key)
      ? SHARED[key]
      : Object.hasOwn(DELEGATION, key)
        ? DELEGATION[key]
        : undefined;
    if (keyword) {
      // A keyword without a value says nothing, as in Ansible.
      if (value !== null) fields[keyword.field] = checkKind(node, key, keyword.kind);
      checkWord(node, key);
      if (key === 'delegate_to') shared.delegateToPlace = contentPlaceOf(node, key) ?? placeOf(node)!;
    } else if (key === 'name') {
      if (value !== null) shared.name = readName(node);
    } else if (key === 'tags') shared.tags = readTags(node);
    else if (key === 'when') shared.when = readConditions(node, 'when');
    else if (key === 'vars') shared.vars = readVars(value, '"vars"', placeOf(node, key));
    else if (key === 'environment') shared.environment = readEnvironment(node);
    else if (key === 'module_defaults') shared.moduleDefaults = readModuleDefaults(node);
    else if (key === 'collections') shared.collections = readCollections(node);
  };
  for (const [key, value] of Object.entries(node)) attemptSync(report, () => read(key, value));
  return shared;
}

/** The error for a key that is no keyword of this node. */
export function unknownKeyword(node: Mapping, key: string, owner: string, known: Iterable<string>): LamplighterError {
  const place = keyPlaceOf(node, key);
  const reason = Object.hasOwn(UNSUPPORTED, key) ? UNSUPPORTED[key] : undefined;
  if (reason !== undefined)
    return failure('UNSUPPORTED_KEYWORD', `the keyword "${key}" is not supported`, place, { hint: reason });
  const near = nearest(key, known);
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  return failure('UNKNOWN_KEYWORD', `"${key}" is not a keyword of ${owner}${meant}`, place, {
    correction: correction(key, known),
  });
}

/** Refuses keys that are not known. */
export function checkKeywords(node: Mapping, owner: string, known: readonly string[], report: Report = raise): void {
  for (const key of Object.keys(node)) if (!known.includes(key)) report(unknownKeyword(node, key, owner, known));
}

/** Whether what has these keywords may be skipped, or its failure ignored. */
export function mayBeLacking({ when, ignoreErrors }: SharedKeywords): boolean {
  return (when?.length ?? 0) > 0 || (ignoreErrors !== undefined && !FALSE.test(String(ignoreErrors)));
}

const FALSE = /^(?:n|no|off|0|false|f)$/i;
const BOOLEAN = /^(?:y|yes|on|1|true|t|n|no|off|0|false|f)$/i;

/** The value of a keyword, of the right kind unless it is a template. @throws LamplighterError PLAYBOOK_SHAPE */
export function checkKind(node: Mapping, key: string, kind: KeywordKind): Raw {
  const value = node[key];
  if (kind === 'any' || isTemplate(value) || value instanceof VaultText) return value;
  const text = value instanceof UnsafeText ? value.text : scalarText(value);
  if (text !== undefined && fits(text, kind)) return value;
  const wanted = {
    bool: 'true or false',
    int: 'an integer',
    number: 'a number',
    string: 'a string',
    percent: 'a whole number or a percentage (2, "30%")',
  }[kind];
  const shown = text === undefined ? kindOf(value) : `"${text}"`;
  throw failure('PLAYBOOK_SHAPE', `"${key}" must be ${wanted}, not ${shown}`, placeOf(node, key));
}

/** Refuses what is nearly one of the words that a keyword takes. */
function checkWord(node: Mapping, key: string): void {
  const value = node[key];
  const words = Object.hasOwn(WORDS, key) ? WORDS[key]! : undefined;
  if (!words || typeof value !== 'string' || isTemplate(value)) return;
  const meant = words.includes(value) ? undefined : correction(value, words);
  if (!meant) return;
  const message = `there is no ${key} "${value}"; did you mean "${meant.right}"?`;
  throw failure('PLAYBOOK_SHAPE', message, contentPlaceOf(node, key), { correction: meant });
}

function fits(text: string, kind: KeywordKind): boolean {
  if (kind === 'bool') return BOOLEAN.test(text);
  if (kind === 'int') return /^\s*[-+]?\d+\s*$/.test(text);
  if (kind === 'number') return text.trim() !== '' && !Number.isNaN(Number(text));
  if (kind === 'percent') return /^\s*\d+(?:\.\d+)?\s*%?\s*$/.test(text);
  return true;
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'object' && value !== null && value.constructor.name === 'Float'
    ? String(Number(value))
    : undefined;
}

function readName(node: Mapping): string {
  const text = node.name instanceof UnsafeText ? node.name.text : scalarText(node.name);
  if (text !== undefined) return text;
  throw failure('PLAYBOOK_SHAPE', `"name" must be a string, not ${kindOf(node.name)}`, placeOf(node, 'name'));
}

function readTags(node: Mapping): Raw[] {
  const value = node.tags;
  if (value === null) return [];
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item, index): Raw[] => {
    if (isTemplate(item)) return [item];
    const text = scalarText(item);
    if (text === undefined)
      throw failure(
        'PLAYBOOK_SHAPE',
        `a tag must be a string, not ${kindOf(item)}`,
        placeOf(value, index) ?? placeOf(node, 'tags'),
      );
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  });
}

/** `when`, `until`, `changed_when`, `failed_when`: an expression, a boolean, or a list of them. */
export function readConditions(node: Mapping, key: string): Condition[] {
  const value = node[key];
  const one = (item: unknown, place: Place | undefined): Condition[] => {
    if (item === null || item === '') return [];
    const at = place ?? placeOf(node) ?? { file: '', line: 1, column: 1 };
    if (typeof item === 'boolean') return [{ expression: item, place: at }];
    const text = item instanceof UnsafeText ? item.text : scalarText(item);
    if (text !== undefined) return [{ expression: text, place: at }];
    throw failure('PLAYBOOK_SHAPE', `"${key}" must be an expression, not ${kindOf(item)}`, place, {
      hint:
        item instanceof Map || kindOf(item) === 'a mapping'
          ? 'quote an expression that holds ": " or braces'
          : undefined,
    });
  };
  if (Array.isArray(value)) return value.flatMap((item, index) => one(item, contentPlaceOf(value, index)));
  return one(value, contentPlaceOf(node, key));
}

/** Variables: a mapping, or a list of mappings, later ones winning. */
function readVars(value: unknown, what: string, place: Place | undefined): Record<string, Raw> {
  if (value === null || value === undefined) return {};
  const parts = Array.isArray(value)
    ? value.map((item) => mappingOf(item, what, place))
    : [mappingOf(value, what, place)];
  for (const part of parts)
    for (const name of Object.keys(part))
      if (!isIdentifier(name))
        throw failure('PLAYBOOK_SHAPE', `"${name}" is not a valid variable name`, keyPlaceOf(part, name), {
          hint: 'a name has letters, digits and underscores, and does not begin with a digit',
        });
  if (parts.length === 1) return parts[0]!;
  const all = Object.assign({}, ...parts) as Record<string, Raw>;
  copyPlaces(all, ...parts);
  return all;
}

function readEnvironment(node: Mapping): Raw[] {
  const value = node.environment;
  if (value === null) return [];
  const items = Array.isArray(value) ? value : [value];
  for (const [index, item] of items.entries())
    if (!isTemplate(item))
      mappingOf(
        item,
        '"environment"',
        placeOf(value, index) ?? placeOf(node, 'environment'),
        'write each variable as a key: "environment: {NAME: value}"',
      );
  return items;
}

function readModuleDefaults(node: Mapping): Record<string, Raw>[] {
  const value = node.module_defaults;
  if (value === null) return [];
  const place = placeOf(node, 'module_defaults');
  const parts = (Array.isArray(value) ? value : [value]).map((item) => mappingOf(item, '"module_defaults"', place));
  for (const part of parts)
    for (const name of Object.keys(part))
      if (name.startsWith('group/'))
        throw failure(
          'UNSUPPORTED_KEYWORD',
          `module_defaults for a group of modules ("${name}") are not supported`,
          keyPlaceOf(part, name),
          {
            hint: 'name the modules one by one',
          },
        );
  return parts;
}

/** Refuses defaults for modules that nobody has. @throws LamplighterError UNKNOWN_MODULE */
export async function checkModuleDefaults(shared: SharedKeywords, modules: ModuleCatalogue): Promise<void> {
  for (const part of shared.moduleDefaults ?? [])
    for (const name of Object.keys(part)) {
      if (modules.foreign(name) || (await modules.find(name.replace(/^ansible\.legacy\./, '')))) continue;
      const near = nearest(name, modules.names());
      const meant = near === undefined ? '' : `; did you mean "${near}"?`;
      throw failure('UNKNOWN_MODULE', `module_defaults: "${name}" is not a module${meant}`, keyPlaceOf(part, name));
    }
}

function readCollections(node: Mapping): string[] {
  const value = node.collections;
  if (value === null) return [];
  const items = listOf(typeof value === 'string' ? [value] : value, '"collections"', placeOf(node, 'collections'));
  return items.map((item, index) => {
    if (typeof item === 'string' && !isTemplate(item)) return item;
    throw failure('PLAYBOOK_SHAPE', 'a collection is named by a string without templates', placeOf(value, index));
  });
}
