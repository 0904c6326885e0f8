import { dirname, isAbsolute, resolve } from 'node:path';
import { checkSharedTemplates } from './check-templates.ts';
import type { LoadContext } from './context.ts';
import { expandHome } from './expand-home.ts';
import { failure, kindOf } from './fail.ts';
import { missingFile } from './find-file.ts';
import { IMPORT_PLAYBOOK_KEYWORDS } from './keywords.ts';
import { isTemplate, type Mapping } from './mapping.ts';
import type { Raw, SharedKeywords } from './model.ts';
import { contentPlaceOf, placeOf } from './places.ts';
import { renderName } from './render-name.ts';
import { checkKeywords, readShared } from './shared.ts';
import { splitArgs } from './split-args.ts';

const NAMES = ['import_playbook', 'ansible.builtin.import_playbook', 'ansible.legacy.import_playbook'];

/** The key by which an entry of a playbook imports another, if it does. */
export function importKey(entry: Mapping): string | undefined {
  return NAMES.find((name) => name in entry);
}

export interface PlaybookImport {
  path: string;
  keywords: SharedKeywords;
}

/** An `import_playbook` entry: the playbook's path, and what it says of all its plays. @throws FILE_NOT_FOUND, … */
export function readImportPlaybook(
  entry: Mapping,
  key: string,
  context: LoadContext,
  vars: Record<string, Raw>,
): PlaybookImport {
  checkKeywords(entry, 'import_playbook', [key, ...IMPORT_PLAYBOOK_KEYWORDS]);
  const place = contentPlaceOf(entry, key)!;
  const keywords = readShared(entry);
  checkSharedTemplates(keywords, place, context);
  const written = entry[key];
  if (typeof written !== 'string')
    throw failure('PLAYBOOK_SHAPE', `"import_playbook" takes the path of a playbook, not ${kindOf(written)}`, place);
  const words = splitArgs(written);
  if (words.length !== 1)
    throw failure('PLAYBOOK_SHAPE', '"import_playbook" takes one path', place, { hint: 'variables go under "vars"' });
  const first = words[0]!.trim();
  const name = isTemplate(first) ? renderName(first, { ...vars, ...keywords.vars }, place, context) : first;
  const base = dirname(place.file);
  const path = collectionPlaybook(name, context, base) ?? (isAbsolute(name) ? name : resolve(base, expandHome(name)));
  if (context.files.isFile(path)) return { path, keywords };
  const { message, hint } = missingFile(name, [path], context.files);
  throw failure('FILE_NOT_FOUND', message, placeOf(entry, key), { hint });
}

/** `namespace.collection.playbook`. */
function collectionPlaybook(name: string, { collectionsPath, files }: LoadContext, base: string): string | undefined {
  const parts = /^(\w+)\.(\w+)\.(\w+)$/.exec(name);
  if (!parts || /\.ya?ml$/.test(name)) return undefined;
  for (const root of [`${base}/collections`, ...collectionsPath])
    for (const extension of ['.yml', '.yaml']) {
      const path = resolve(
        expandHome(root),
        'ansible_collections',
        parts[1]!,
        parts[2]!,
        'playbooks',
        parts[3]! + extension,
      );
      if (files.isFile(path)) return path;
    }
  return undefined;
}
