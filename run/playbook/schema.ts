import type { ZodType } from 'zod';
import type { TaskDefinition } from '../task.ts';

interface SchemaParts {
  shape?: Record<string, ZodType>;
  def?: {
    in?: ZodType;
    innerType?: ZodType;
    options?: readonly ZodType[];
    catchall?: { def?: { type?: string } };
  };
}

/** The fields of an argument schema, and whether it takes others; undefined for a schema that is no object. */
export interface Fields {
  shape: Record<string, ZodType>;
  open: boolean;
}

/** Looks through transforms, defaults and unions for the fields of an object schema. */
export function fieldsOf(schema: ZodType): Fields | undefined {
  const { shape, def } = schema as unknown as SchemaParts;
  if (shape) return { shape, open: def?.catchall !== undefined && def.catchall.def?.type !== 'never' };
  if (def?.in) return fieldsOf(def.in);
  if (def?.innerType) return fieldsOf(def.innerType);
  if (!def?.options) return undefined;
  const all = def.options.map(fieldsOf);
  if (all.some((fields) => fields === undefined)) return undefined;
  return {
    shape: Object.assign({}, ...all.map((fields) => fields!.shape)) as Record<string, ZodType>,
    open: all.some((fields) => fields!.open),
  };
}

/** All names of a module's arguments, aliases included. */
export function argumentNames(definition: TaskDefinition): string[] {
  const fields = Object.keys(fieldsOf(definition.args)?.shape ?? {});
  return [...fields, ...Object.values(definition.argAliases ?? {}).flat()];
}

/** The argument that a name or alias means. */
export function canonicalName(definition: TaskDefinition, name: string): string {
  const { argAliases } = definition;
  for (const argument in argAliases) if (argAliases[argument]!.includes(name)) return argument;
  return name;
}

/** Types of which nothing is a value that counts as not given; a choice (`state:`) has to be made. */
const MAY_BE_NULL = new Set(['bool', 'int', 'float', 'str', 'path', 'list', 'mode']);
/** Texts that Ansible's modules only look at when they hold something. */
const MAY_BE_EMPTY = new Set(['validate', 'checksum', 'insertafter']);

/**
 * Whether a value means the same as no value, as in Ansible: `enabled:` without one, an empty path or mode, where the
 * argument may be left out.
 */
export function isNotGiven(fields: Fields | undefined, argument: string, value: unknown): boolean {
  if (value !== null && value !== '') return false;
  const field = fields?.shape[argument];
  if (!field?.safeParse(undefined).success) return false;
  const type = ansibleTypeOf(field);
  if (value === null) return MAY_BE_NULL.has(type ?? '') && !field.safeParse(null).success;
  return type === 'mode' || type === 'path' || MAY_BE_EMPTY.has(argument);
}

function ansibleTypeOf(schema: ZodType): string | undefined {
  const { def } = schema as unknown as SchemaParts;
  const own = schema.meta()?.ansibleType;
  return typeof own === 'string' ? own : def?.innerType && ansibleTypeOf(def.innerType);
}
