import { z } from 'zod';
import { fieldsOf } from '../playbook/schema.ts';
import type { TaskDefinition } from '../task.ts';

/** An argument of a module, as references and editors show it. */
export interface Argument {
  name: string;
  aliases: readonly string[];
  /** In Ansible's words: `str`, `list of str`, `present, absent` … */
  type: string;
  required: boolean;
  /** As JSON; undefined where there is none to speak of. */
  fallback: string | undefined;
  node: SchemaNode;
}

/** What of a JSON schema made by zod is looked at. */
export interface SchemaNode {
  ansibleType?: string;
  type?: string;
  enum?: unknown[];
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  allOf?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
}

/** All arguments of a module, in the order of its schema. */
export function argumentsOf(definition: TaskDefinition): Argument[] {
  const schema = z.toJSONSchema(definition.args, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  }) as SchemaNode;
  const { properties = {}, required = [] } = objectOf(schema);
  const fields = fieldsOf(definition.args)?.shape ?? {};
  return Object.entries(properties).map(([name, node]) => ({
    name,
    type: typeOf(node),
    required: required.includes(name),
    fallback: defaultOf(fields[name]),
    aliases: definition.argAliases?.[name] ?? [],
    node,
  }));
}

/** JSON Schema knows no default of a type that reads its values; the type itself does. */
function defaultOf(type: unknown): string | undefined {
  const { def } = (type ?? {}) as { def?: { type?: string; defaultValue?: unknown } };
  if (def?.type !== 'default' || def.defaultValue === undefined) return undefined;
  const text = JSON.stringify(def.defaultValue);
  return text === '[]' || text === '{}' || text === '""' ? undefined : text;
}

/** The object in a schema that wraps one (refinements, alternatives). */
function objectOf(schema: SchemaNode): SchemaNode {
  if (schema.properties) return schema;
  const inner = [...(schema.anyOf ?? []), ...(schema.allOf ?? [])].map(objectOf).find((each) => each.properties);
  return inner ?? {};
}

function typeOf(node: SchemaNode): string {
  if (node.ansibleType === 'list') return node.items ? `list of ${typeOf(node.items)}` : 'list';
  if (node.ansibleType !== undefined) return node.ansibleType;
  const inner = [...(node.allOf ?? []), ...(node.anyOf ?? [])].map(typeOf);
  if (inner.length > 0) return [...new Set(inner)].join(' or ');
  if (node.enum) return node.enum.join(', ');
  return node.type ?? 'raw';
}
