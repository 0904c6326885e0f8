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
