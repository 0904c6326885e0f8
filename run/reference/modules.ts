import { z } from 'zod';
import type { ModuleCatalogue } from '../playbook/catalogue.ts';
import { fieldsOf } from '../playbook/schema.ts';
import type { TaskDefinition } from '../task.ts';

/** An argument as the reference shows it. */
interface Argument {
  name: string;
  type: string;
  required: boolean;
  fallback: string | undefined;
  aliases: readonly string[];
}

interface SchemaNode {
  ansibleType?: string;
  type?: string;
  enum?: unknown[];
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  allOf?: SchemaNode[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
}

const CHECK_MODE = {
  full: 'predicts what it would do',
  reads: 'changes nothing by its nature',
  none: 'is not run; what depends on it is unknown',
} as const;

/** The reference of all modules as Markdown, made from their schemas. */
export async function moduleReference(modules: ModuleCatalogue & { shortNames(): string[] }): Promise<string> {
  const definitions = await Promise.all(
    modules.shortNames().map(async (name) => ({ name, definition: (await modules.find(name))! })),
  );
  const index = definitions.map(({ name, definition }) => `- [${name}](#${name}): ${definition.summary}`);
  const pages = definitions.map(({ name, definition }) => modulePage(name, definition));
  return `# Modules

Made from the schemas in \`tasks/\` by \`npm run docs\`. Arguments, return values and their meaning are those of the Ansible module of the same name;
what Ansible's module has and this one has not is listed with the reason, and refused by name.

${index.join('\n')}

${pages.join('\n')}`;
}

function modulePage(name: string, definition: TaskDefinition): string {
  const { summary, checkMode, aliases = [], unsupported = {}, returns = {}, example } = definition;
  const answers = [definition.name, ...aliases].map((each) => `\`${each}\``).join(', ');
  const parts = [`## ${name}`, '', summary, '', `Also ${answers}. In check mode it ${CHECK_MODE[checkMode]}.`];
  const rows = argumentsOf(definition).map(argumentRow);
  if (rows.length > 0) parts.push('', '| argument | type | default |', '| --- | --- | --- |', ...rows);
  const refused = Object.entries(unsupported).map(([argument, reason]) => `- \`${argument}\`: ${reason}`);
  if (refused.length > 0) parts.push('', 'Not supported:', '', ...refused);
  const returned = Object.entries(returns).map(([key, meaning]) => `- \`${key}\`: ${meaning}`);
  if (returned.length > 0) parts.push('', 'Returns:', '', ...returned);
  if (example !== undefined) parts.push('', '```yaml', example.trim(), '```');
  return `${parts.join('\n')}\n`;
}

function argumentRow({ name, aliases, type, required, fallback }: Argument): string {
  const names = [name, ...aliases].map((each) => `\`${each}\``).join(', ');
  return `| ${names} | ${type.replaceAll('|', '\\|')} | ${required ? '**required**' : (fallback ?? '')} |`;
}

function argumentsOf(definition: TaskDefinition): Argument[] {
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
  }));
}

/** JSON Schema knows no default of a type that reads its values; the type itself does. */
function defaultOf(type: unknown): string | undefined {
  const { def } = (type ?? {}) as { def?: { type?: string; defaultValue?: unknown } };
  if (def?.type !== 'default' || def.defaultValue === undefined) return undefined;
  const text = JSON.stringify(def.defaultValue);
  return text === '[]' || text === '{}' || text === '""' ? undefined : `\`${text}\``;
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
