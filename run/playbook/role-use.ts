import type { Place } from '../errors.ts';
import { checkSharedTemplates, warnOfBraces } from './check-templates.ts';
import { failure } from './fail.ts';
import type { Here } from './here.ts';
import { ROLE_KEYWORDS } from './keywords.ts';
import { isTemplate, type Mapping, mappingOf } from './mapping.ts';
import type { Raw, SharedKeywords } from './model.ts';
import { contentPlaceOf, copyPlaces, placeOf } from './places.ts';
import { renderName } from './render-name.ts';
import { checkModuleDefaults, readShared } from './shared.ts';

/** A use of a role, before its files are read. */
export interface RoleUse {
  name: string;
  place: Place;
  params: Record<string, Raw>;
  keywords: SharedKeywords;
  from: Partial<Record<'tasks' | 'vars' | 'defaults' | 'handlers', string | undefined>>;
  /** By import_role or include_role, where a role may run again. */
  imported: boolean;
  /** What the use says; without it the role's meta decides. */
  allowDuplicates?: boolean;
  validate?: boolean;
}

/** An entry of `roles:` or of a role's dependencies. @throws LamplighterError PLAYBOOK_SHAPE */
export async function readRoleUse(entry: unknown, place: Place | undefined, here: Here): Promise<RoleUse> {
  if (typeof entry === 'string' || typeof entry === 'number') return plainUse(String(entry), place!, here);
  const mapping = mappingOf(entry, 'an entry of roles', place);
  const key = ['role', 'name', 'src'].find((each) => mapping[each] !== undefined);
  const written = key === undefined ? undefined : mapping[key];
  if (typeof written !== 'string' || written === '')
    throw failure('PLAYBOOK_SHAPE', 'this entry names no role', placeOf(mapping) ?? place, {
      hint: 'write "role: NAME"',
    });
  const at = contentPlaceOf(mapping, key) ?? place!;
  const keywords: Mapping = {};
  const params: Record<string, Raw> = {};
  for (const [name, value] of Object.entries(mapping)) {
    if (name === 'role' || name === 'name') continue;
    if (ROLE_KEYWORDS.includes(name)) keywords[name] = value;
    else if (key !== 'src' || !['src', 'scm', 'version'].includes(name)) params[name] = value;
  }
  copyPlaces(keywords, mapping);
  copyPlaces(params, mapping);
  const shared = readShared(keywords);
  await checkModuleDefaults(shared, here.context.modules);
  checkSharedTemplates(shared, at, here.context);
  warnOfBraces(shared.when, here.context.warn);
  const name = key === 'src' ? galaxyName(written) : written;
  return {
    name: rendered(name, { ...here, vars: { ...here.vars, ...params } }, at),
    place: at,
    params,
    keywords: shared,
    from: {},
    imported: false,
  };
}

function plainUse(name: string, place: Place, here: Here): RoleUse {
  if (name.includes(','))
    throw failure('PLAYBOOK_SHAPE', `"${name}" is an old way to name a role with its version`, place, {
      hint: 'write the name alone',
    });
  return { name: rendered(name, here, place), place, params: {}, keywords: {}, from: {}, imported: false };
}

function rendered(name: string, here: Here, place: Place): string {
  return isTemplate(name) ? renderName(name, here.vars, place, here.context) : name;
}

/** `https://host/path/NAME.git` or `namespace.name`, as ansible-galaxy installs it. */
function galaxyName(source: string): string {
  return source
    .split('/')
    .at(-1)!
    .replace(/\.(?:git|tar\.gz)$/, '')
    .split(',')[0]!;
}
