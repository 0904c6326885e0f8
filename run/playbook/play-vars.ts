import { failure, kindOf } from './fail.ts';
import { missingFile, taskFileCandidates } from './find-file.ts';
import type { Here } from './here.ts';
import { isIdentifier, isMapping, isTemplate, type Mapping, mappingOf } from './mapping.ts';
import type { Play } from './model.ts';
import { contentPlaceOf, keyPlaceOf, placeOf } from './places.ts';
import { checkKind, unknownKeyword } from './shared.ts';

const PROMPT_KEYWORDS = ['name', 'prompt', 'default', 'private', 'confirm', 'unsafe'];
const PROMPT_UNSUPPORTED = ['encrypt', 'salt', 'salt_size'];

/**
 * `vars_files`: paths, or lists of alternatives of which the first that exists counts.
 * @throws LamplighterError FILE_NOT_FOUND for a path without templates that leads nowhere
 */
export function readVarsFiles(node: Mapping, here: Here): Play['varsFiles'] {
  const value = node.vars_files;
  if (value === undefined || value === null) return [];
  const items = Array.isArray(value) ? value : [value];
  return items.map((item, index) => {
    const place = contentPlaceOf(value, index) ?? contentPlaceOf(node, 'vars_files')!;
    const names = Array.isArray(item) ? item : [item];
    for (const name of names)
      if (typeof name !== 'string')
        throw failure('PLAYBOOK_SHAPE', `"vars_files" takes paths, not ${kindOf(name)}`, place);
    if (!names.some(isTemplate)) checkExists(names as string[], here, place);
    return { value: item, place };
  });
}

function checkExists(names: string[], here: Here, place: Play['place']): void {
  const candidates = names.flatMap((name) => taskFileCandidates('vars', name, here, place.file));
  if (candidates.some((path) => here.context.files.isFile(path))) return;
  const { message, hint } = missingFile(names.join('", "'), candidates, here.context.files);
  throw failure('FILE_NOT_FOUND', message, place, { hint });
}

/** `vars_prompt`. @throws LamplighterError PLAYBOOK_SHAPE, UNKNOWN_KEYWORD, UNSUPPORTED_KEYWORD */
export function readVarsPrompt(node: Mapping): Play['varsPrompt'] {
  const value = node.vars_prompt;
  if (value === undefined || value === null) return [];
  const items = Array.isArray(value) ? value : [value];
  return items.map((item, index) => {
    const place = placeOf(value, index) ?? placeOf(node, 'vars_prompt')!;
    if (!isMapping(item)) throw failure('PLAYBOOK_SHAPE', `a prompt must be a mapping, not ${kindOf(item)}`, place);
    const prompt = mappingOf(item, 'a prompt', place);
    for (const key of Object.keys(prompt)) {
      if (PROMPT_UNSUPPORTED.includes(key))
        throw failure('UNSUPPORTED_KEYWORD', `"${key}" of a prompt is not supported`, keyPlaceOf(prompt, key), {
          hint: 'encrypt the answer where it is used, with the filter password_hash',
        });
      if (!PROMPT_KEYWORDS.includes(key)) throw unknownKeyword(prompt, key, 'a prompt', PROMPT_KEYWORDS);
    }
    const { name } = prompt;
    if (typeof name !== 'string' || !isIdentifier(name))
      throw failure(
        'PLAYBOOK_SHAPE',
        'a prompt needs the name of a variable ("name")',
        placeOf(prompt, 'name') ?? place,
      );
    return {
      name,
      prompt: typeof prompt.prompt === 'string' ? prompt.prompt : name,
      private: flag(prompt, 'private', true),
      confirm: flag(prompt, 'confirm', false),
      unsafe: flag(prompt, 'unsafe', false),
      ...(prompt.default === undefined || prompt.default === null ? {} : { default: prompt.default }),
      place,
    };
  });
}

function flag(prompt: Mapping, key: string, otherwise: boolean): boolean {
  const value = prompt[key];
  if (value === undefined || value === null) return otherwise;
  if (isTemplate(value))
    throw failure('PLAYBOOK_SHAPE', `"${key}" of a prompt cannot be a template`, placeOf(prompt, key));
  return /^(?:y|yes|on|1|true|t)$/i.test(String(checkKind(prompt, key, 'bool')));
}
