import { correction, type LamplighterError, nearest, type Place } from '../errors.ts';
import type { TaskDefinition } from '../task.ts';
import { failure, kindOf } from './fail.ts';
import { adviceFor } from './foreign-advice.ts';
import type { Here } from './here.ts';
import { isMapping, isTemplate, type Mapping, mappingOf } from './mapping.ts';
import { type KeyValues, parseKv } from './parse-kv.ts';
import { contentPlaceOf, copyPlaces, keyPlaceOf, markAllAs, placeOf } from './places.ts';
import { findPythonModule } from './python-module.ts';
import { argumentNames } from './schema.ts';
import { unknownKeyword } from './shared.ts';
import { joinArgs, splitArgs, UnbalancedArguments } from './split-args.ts';
import { UnsafeText } from './yaml-values.ts';

/** The module of a task and its arguments, in whichever of Ansible's forms they were written. */
export interface Action {
  moduleName: string;
  /** Absent when the name is a template, or of a module that only Ansible has. */
  definition?: TaskDefinition;
  args: Record<string, unknown>;
  argsTemplate?: string;
  /** `local_action`. */
  local: boolean;
  place: Place;
}

/**
 * Finds the module of a task: `apt: …`, `action: apt …`, `local_action: …`.
 * @param known the keywords of a task here; every other key must be the module
 * @throws LamplighterError UNKNOWN_MODULE, UNKNOWN_KEYWORD, PLAYBOOK_SHAPE
 */
export async function readAction(task: Mapping, known: readonly string[], here: Here): Promise<Action> {
  const others = Object.keys(task).filter((key) => !known.includes(key) && !key.startsWith('with_'));
  if ('action' in task && 'local_action' in task)
    throw failure(
      'PLAYBOOK_SHAPE',
      'a task has "action" or "local_action", not both',
      keyPlaceOf(task, 'local_action'),
    );
  const old = 'action' in task ? 'action' : 'local_action' in task ? 'local_action' : undefined;
  if (old !== undefined) {
    for (const key of others) here.context.report(await strangeKey(task, key, known, here, old));
    return readOldAction(task, old, here);
  }
  const name = await moduleKey(task, others, known, here);
  const definition = await findModule(name, here, keyPlaceOf(task, name), known);
  return readArguments(task, { name, definition, value: task[name], holder: task, key: name, local: false });
}

async function moduleKey(task: Mapping, others: string[], known: readonly string[], here: Here): Promise<string> {
  if (others.length === 1) return others[0]!;
  if (others.length === 0)
    throw failure('PLAYBOOK_SHAPE', 'this task names no module', placeOf(task), {
      hint: 'a task has one key that is the name of a module, such as apt or template',
    });
  const modules: string[] = [];
  for (const key of others) if (await isModule(key, here)) modules.push(key);
  if (modules.length > 1)
    throw failure(
      'PLAYBOOK_SHAPE',
      `two modules in one task: ${modules[0]}, ${modules[1]}`,
      keyPlaceOf(task, modules[1]),
      {
        hint: 'each task has one module: begin a new "- " item for the second',
      },
    );
  const [module] = modules;
  for (const key of others)
    if (key !== module && module !== undefined) here.context.report(await strangeKey(task, key, known, here, module));
  if (module !== undefined) return module;
  throw await strangeKey(task, others[0]!, known, here);
}

/** A key beside the module, or one of several of which none is a module. */
async function strangeKey(
  task: Mapping,
  key: string,
  known: readonly string[],
  here: Here,
  module?: string,
): Promise<LamplighterError> {
  if (module !== undefined && (await isModule(key, here)))
    return failure('PLAYBOOK_SHAPE', `two modules in one task: ${module}, ${key}`, keyPlaceOf(task, key));
  const definition = module === undefined ? undefined : await here.context.modules.find(plainName(module));
  const error = unknownKeyword(task, key, here.handlers ? 'a handler' : 'a task', known);
  if (!definition || error.code !== 'UNKNOWN_KEYWORD' || !argumentNames(definition).includes(key)) return error;
  return failure('UNKNOWN_KEYWORD', `"${key}" is not a keyword of a task`, keyPlaceOf(task, key), {
    hint: `it is an argument of "${module}": indent it below the module`,
  });
}

export async function isModule(name: string, here: Here): Promise<boolean> {
  const { modules } = here.context;
  if (isInclude(name) || modules.foreign(name) || (await modules.find(plainName(name))) !== undefined) return true;
  return findPythonModule(name, here) !== undefined;
}

export function isInclude(name: string): boolean {
  return name === 'include' || name === 'ansible.builtin.include' || name === 'ansible.legacy.include';
}

/** `ansible.legacy` is another name of what is built in. */
function plainName(name: string): string {
  return name.replace(/^ansible\.legacy\./, 'ansible.builtin.');
}

async function findModule(
  name: string,
  here: Here,
  place: Place | undefined,
  known: readonly string[],
): Promise<TaskDefinition | undefined> {
  const { modules } = here.context;
  // The old "include" takes the arguments of include_tasks.
  const found = await modules.find(isInclude(name) ? 'include_tasks' : plainName(name));
  if (found) return found;
  if (!name.includes('.'))
    for (const collection of here.collections) {
      const other = await modules.find(`${collection}.${name}`);
      if (other) return other;
    }
  if (modules.foreign(name)) {
    const message = `the module "${name}" is Ansible's and Lamplighter does not have it: a host that comes to this task fails`;
    here.context.warn(`${message}; ${adviceFor(name)}`, place, 'UNSUPPORTED_MODULE');
    return undefined;
  }
  const file = findPythonModule(name, here);
  if (file !== undefined) {
    const message = `the module "${name}" (${file}) needs Python: a host that comes to this task fails`;
    here.context.warn(`${message}; ${adviceFor(name)}`, place, 'UNSUPPORTED_MODULE');
    return undefined;
  }
  const near = nearest(name, [...known, ...modules.names()]);
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  throw failure('UNKNOWN_MODULE', `"${name}" is neither a module nor a keyword of a task${meant}`, place, {
    correction: correction(name, [...known, ...modules.names()]),
  });
}

interface Written {
  name: string;
  definition: TaskDefinition | undefined;
  value: unknown;
  /** Where the value stands. */
  holder: object;
  key: string;
  local: boolean;
}

async function readOldAction(task: Mapping, keyword: string, here: Here): Promise<Action> {
  const written = task[keyword];
  const place = placeOf(task, keyword);
  const local = keyword === 'local_action';
  if (isMapping(written)) {
    const { module, ...rest } = mappingOf(written, `"${keyword}"`, place);
    if (typeof module !== 'string') throw failure('PLAYBOOK_SHAPE', `"${keyword}" as a mapping needs "module"`, place);
    copyPlaces(rest, written);
    const [name, words] = splitFirst(module, place);
    const definition = isTemplate(name) ? undefined : await findModule(name, here, place, []);
    const extra = words === '' ? {} : keyValues(words, definition, place).values;
    const { args: nested, ...own } = rest as Mapping;
    const inner =
      typeof nested === 'string' ? keyValues(nested, definition, place).values : (nested as Mapping | undefined);
    const value = { ...own, ...extra, ...inner };
    copyPlaces(value, written, ...(isMapping(nested) ? [nested] : []));
    return readArguments(task, { name, definition, value, holder: task, key: keyword, local });
  }
  if (typeof written !== 'string')
    throw failure('PLAYBOOK_SHAPE', `"${keyword}" must be a string or a mapping, not ${kindOf(written)}`, place);
  const [name, words] = splitFirst(written, place);
  const definition = isTemplate(name) ? undefined : await findModule(name, here, place, []);
  return readArguments(task, { name, definition, value: words, holder: task, key: keyword, local });
}

function splitFirst(text: string, place: Place | undefined): [name: string, words: string] {
  const [name = '', ...words] = split(text, place);
  if (name.trim() === '') throw failure('PLAYBOOK_SHAPE', 'the action names no module', place);
  return [name.trim(), words.join(' ')];
}

function readArguments(task: Mapping, written: Written): Action {
  const place = placeOf(written.holder, written.key)!;
  const action: Action = {
    moduleName: written.name,
    args: {},
    local: written.local,
    place: keyPlaceOf(task, written.key)!,
  };
  if (written.definition) action.definition = written.definition;
  addBelow(action, task);
  const { value } = written;
  if (value === null || value === '') return action;
  if (typeof value === 'string' || value instanceof UnsafeText) addText(action, written, value, place);
  else if (isMapping(value)) merge(action, mappingOf(value, `the arguments of "${written.name}"`, place));
  else
    throw failure(
      'PLAYBOOK_SHAPE',
      `the arguments of "${written.name}" must be a mapping or a string, not ${kindOf(value)}`,
      place,
    );
  return action;
}

/** `args:`, below what the module itself says. */
function addBelow(action: Action, task: Mapping): void {
  const below = task.args;
  if (below === undefined || below === null) return;
  if (isTemplate(below)) action.argsTemplate = below;
  else merge(action, mappingOf(below, '"args"', placeOf(task, 'args'), 'or a template that gives one: "{{ … }}"'));
}

function merge(action: Action, args: Mapping): void {
  const before = action.args;
  action.args = { ...before, ...args };
  copyPlaces(action.args, before, args);
}

/** A bare string: `k=v` words, and what is left of them under the module's free-form argument. */
function addText(action: Action, written: Written, value: string | UnsafeText, place: Place): void {
  const { definition } = written;
  const text = String(value);
  const freeForm = definition?.freeForm;
  const here = contentPlaceOf(written.holder, written.key) ?? place;
  if (freeForm?.keyValues === 'none' || value instanceof UnsafeText) {
    if (!freeForm) throw noFreeForm(written.name, text, here);
    put(action, { [freeForm.argument]: value instanceof UnsafeText ? value : text.trim() }, written);
    return;
  }
  const { values, rest } = keyValues(text, definition, here);
  put(action, values, written);
  if (rest === undefined) return;
  if (freeForm) put(action, { [freeForm.argument]: rest }, written);
  else if (isTemplate(rest)) action.argsTemplate = rest;
  else if (!definition) put(action, { _raw_params: rest }, written);
  else throw noFreeForm(written.name, rest, here);
}

function noFreeForm(name: string, text: string, place: Place): LamplighterError {
  return failure('PLAYBOOK_SHAPE', `"${name}" takes named arguments, and "${text}" is none`, place, {
    hint: 'write them as a mapping below the module, or as key=value',
  });
}

/** Arguments that all stand in one string have that string's place. */
function put(action: Action, values: Mapping, written: Written): void {
  markAllAs(values, written.holder, written.key);
  merge(action, values);
}

function keyValues(text: string, definition: TaskDefinition | undefined, place: Place | undefined): KeyValues {
  try {
    return parseKv(text, definition !== undefined && isCommand(definition));
  } catch (error) {
    throw unbalanced(error, place);
  }
}

function split(text: string, place: Place | undefined): string[] {
  try {
    const [first, ...rest] = splitArgs(text);
    return first === undefined ? [] : [first, ...(rest.length > 0 ? [joinArgs(rest)] : [])];
  } catch (error) {
    throw unbalanced(error, place);
  }
}

function unbalanced(error: unknown, place: Place | undefined): unknown {
  if (!(error instanceof UnbalancedArguments)) return error;
  return failure('PLAYBOOK_SHAPE', 'quotes or template braces in these arguments are not balanced', place, {
    hint: 'quote the whole line, or write the arguments as a mapping',
  });
}

const COMMANDS = ['command', 'shell', 'raw', 'script'].map((name) => `ansible.builtin.${name}`);

function isCommand(definition: TaskDefinition): boolean {
  return COMMANDS.includes(definition.name);
}
