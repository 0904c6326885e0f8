import { nearest } from '../errors.ts';
import { knownLookups } from '../jinja/template.ts';
import { didYouMean, failure, kindOf } from './fail.ts';
import { isIdentifier, isTemplate, type Mapping, mappingOf } from './mapping.ts';
import type { Loop } from './model.ts';
import { keyPlaceOf, placeOf } from './places.ts';
import { checkKind, unknownKeyword } from './shared.ts';
import { UnsafeText, VaultText } from './yaml-values.ts';

const CONTROL_KEYWORDS = ['loop_var', 'index_var', 'label', 'pause', 'extended', 'extended_allitems'];

/** `loop` or `with_…` of a task, with its `loop_control`. @throws LamplighterError PLAYBOOK_SHAPE, UNKNOWN_KEYWORD */
export function readLoop(task: Mapping): Loop | undefined {
  const keys = Object.keys(task).filter((key) => key === 'loop' || key.startsWith('with_'));
  const key = keys[0];
  const control = readControl(task);
  if (key === undefined) return undefined;
  if (keys.length > 1)
    throw failure('PLAYBOOK_SHAPE', `two loops in one task: ${keys[0]}, ${keys[1]}`, keyPlaceOf(task, keys[1]));
  const value = task[key];
  if (value === null) {
    if (key === 'loop') return undefined;
    throw failure('PLAYBOOK_SHAPE', `"${key}" needs a value`, keyPlaceOf(task, key));
  }
  if (key === 'loop') checkList(task);
  return { kind: key === 'loop' ? key : lookupName(task, key), value, place: placeOf(task, key)!, control };
}

function checkList(task: Mapping): void {
  const value = task.loop;
  if (Array.isArray(value) || isTemplate(value) || value instanceof VaultText) return;
  throw failure('PLAYBOOK_SHAPE', `"loop" takes a list, not ${kindOf(value)}`, placeOf(task, 'loop'), {
    hint: typeof value === 'string' && isIdentifier(value) ? `for a variable write "{{ ${value} }}"` : undefined,
  });
}

function lookupName(task: Mapping, key: string): string {
  const name = key.slice('with_'.length).replace(/^ansible\.(?:builtin|legacy)\./, '');
  const known = knownLookups();
  if (known.has(name)) return name;
  const near = nearest(
    key,
    [...known].map((each) => `with_${each}`),
  );
  throw failure(
    'UNKNOWN_KEYWORD',
    `"${key}" is not a keyword of a task: there is no lookup "${name}"${didYouMean(near)}`,
    keyPlaceOf(task, key),
  );
}

function readControl(task: Mapping): Loop['control'] {
  const written = task.loop_control;
  if (written === undefined || written === null) return { loopVar: 'item', extended: false, extendedAllItems: true };
  const hint = 'it cannot be a template itself, though its values can';
  const control = mappingOf(written, '"loop_control"', placeOf(task, 'loop_control'), hint);
  for (const key of Object.keys(control))
    if (!CONTROL_KEYWORDS.includes(key)) throw unknownKeyword(control, key, '"loop_control"', CONTROL_KEYWORDS);
  const indexVar = variableName(control, 'index_var');
  return {
    loopVar: variableName(control, 'loop_var') ?? 'item',
    ...(indexVar === undefined ? {} : { indexVar }),
    ...(control.label === undefined ? {} : { label: control.label }),
    ...(control.pause === undefined ? {} : { pause: checkKind(control, 'pause', 'number') }),
    extended: flag(control, 'extended', false),
    extendedAllItems: flag(control, 'extended_allitems', true),
  };
}

function variableName(control: Mapping, key: string): string | undefined {
  const value = control[key] instanceof UnsafeText ? String(control[key]) : control[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && isIdentifier(value)) return value;
  throw failure(
    'PLAYBOOK_SHAPE',
    `"${key}" must be the name of a variable, not ${typeof value === 'string' ? `"${value}"` : kindOf(value)}`,
    placeOf(control, key),
  );
}

function flag(control: Mapping, key: string, otherwise: boolean): boolean {
  const value = control[key];
  if (value === undefined || value === null) return otherwise;
  if (isTemplate(value))
    throw failure(
      'UNSUPPORTED_KEYWORD',
      `"${key}" must be true or false: a template is not supported here`,
      placeOf(control, key),
    );
  return /^(?:y|yes|on|1|true|t)$/i.test(String(checkKind(control, key, 'bool')));
}
