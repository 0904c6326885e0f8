import { readFileSync, statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { basename, dirname } from 'node:path';
import { lookupError } from '../errors.ts';
import { globFiles } from '../filters/glob.ts';
import { DateTime } from '../python/datetime.ts';
import { literalEval } from '../python/literal.ts';
import { pyString } from '../python/repr.ts';
import type { Runtime } from '../runtime.ts';
import { dictEntries } from '../values/dict.ts';
import { isDict } from '../values/kinds.ts';
import type { Keywords } from '../values/types.ts';
import { checkOptions, contextOf, flagOption, type Lookup, textOption } from './plugin.ts';

/** The content of a file, decrypted if it is a vault. */
export function readText(rt: Runtime, path: string): string {
  const text = readFileSync(path, 'utf8');
  if (!text.startsWith('$ANSIBLE_VAULT;')) return text;
  const { decrypt } = contextOf(rt);
  if (!decrypt) throw lookupError(`${path} is encrypted, and no vault secret is given`);
  return decrypt(text);
}

export function findOrFail(rt: Runtime, kind: 'files' | 'templates', name: string): string {
  const path = contextOf(rt).findFile(kind, name);
  if (path !== undefined) return path;
  throw lookupError(`could not locate file in lookup: ${name}`);
}

const file: Lookup = (terms, options, rt) => {
  checkOptions('file', options, ['lstrip', 'rstrip']);
  return terms.map((term) => {
    let text = readText(rt, findOrFail(rt, 'files', pyString(term)));
    if (flagOption(options, 'lstrip', false)) text = text.trimStart();
    if (flagOption(options, 'rstrip', true)) text = text.trimEnd();
    return text;
  });
};

const unvault: Lookup = (terms, options, rt) => {
  checkOptions('unvault', options, []);
  return terms.map((term) => readText(rt, findOrFail(rt, 'files', pyString(term))));
};

const fileglob: Lookup = (terms, options, rt) => {
  checkOptions('fileglob', options, []);
  return terms.flatMap((term) => {
    const pattern = pyString(term);
    const folder = dirname(pattern);
    const where = pattern.startsWith('/') ? folder : contextOf(rt).findFile('files', folder);
    if (where === undefined) return [];
    return globFiles(`${where}/${basename(pattern)}`).filter((path) => statSync(path).isFile());
  });
};

/** What Ansible adds to a template's variables. */
function templateVariables(name: string, path: string): Keywords {
  const modified = statSync(path).mtime;
  return {
    ansible_managed: 'Ansible managed',
    template_fullpath: path,
    template_host: hostname(),
    template_mtime: DateTime.fromDate(modified, false),
    template_path: name,
    template_run_date: DateTime.fromDate(new Date(), false),
    template_uid: userInfo().username,
  };
}

const delimiters = ['variable_start_string', 'variable_end_string', 'comment_start_string', 'comment_end_string'];

const template: Lookup = (terms, options, rt) => {
  checkOptions('template', options, ['convert_data', 'template_vars', 'jinja2_native', ...delimiters]);
  const extra = isDict(options.template_vars) ? Object.fromEntries(dictEntries(options.template_vars)) : {};
  return terms.map((term) => {
    const name = pyString(term);
    const path = findOrFail(rt, 'templates', name);
    const text = rt.renderText(readText(rt, path), {
      file: path,
      variables: { ...templateVariables(name, path), ...(extra as Keywords) },
      variableStart: textOption(options, 'variable_start_string', '{{'),
      variableEnd: textOption(options, 'variable_end_string', '}}'),
      commentStart: textOption(options, 'comment_start_string', '{#'),
      commentEnd: textOption(options, 'comment_end_string', '#}'),
    });
    return flagOption(options, 'convert_data', true) ? converted(text) : text;
  });
};

function converted(text: string): unknown {
  if (!/^[{[]/.test(text) && text !== 'True' && text !== 'False') return text;
  try {
    return literalEval(text);
  } catch {
    return text;
  }
}

/** Lookups that read files of the controller. */
export const fileLookups: Readonly<Record<string, Lookup>> = { file, fileglob, template, unvault };
