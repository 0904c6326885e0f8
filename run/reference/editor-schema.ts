import type { ModuleCatalogue } from '../playbook/catalogue.ts';
import {
  BLOCK_KEYWORDS,
  HANDLER_KEYWORDS,
  IMPORT_PLAYBOOK_KEYWORDS,
  type KeywordKind,
  PLAY_KEYWORDS,
  SHARED,
  TASK_KEYWORDS,
  WORDS,
} from '../playbook/keywords.ts';
import { fieldsOf } from '../playbook/schema.ts';
import type { TaskDefinition } from '../task.ts';
import { argumentsOf, type SchemaNode } from './arguments.ts';

/** A JSON schema, draft 7. */
export type JsonSchema = Record<string, unknown>;

export const SCHEMA_KINDS = ['playbook', 'tasks'] as const;
export type SchemaKind = (typeof SCHEMA_KINDS)[number];

const ref = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });
const TEMPLATE = ref('template');
const orTemplate = (...kinds: JsonSchema[]): JsonSchema => ({ anyOf: [...kinds, TEMPLATE] });
const listOrOne = (item: JsonSchema): JsonSchema => ({ anyOf: [{ type: 'array', items: item }, item] });

/** Types that stand nearly everywhere, by the names of their definitions. */
const TYPES: Record<string, JsonSchema> = {
  template: { type: 'string', pattern: '\\{[{%]' },
  boolean: orTemplate({ type: 'boolean' }, { enum: ['yes', 'no', 'on', 'off', 'true', 'false'] }),
  integer: orTemplate({ type: 'integer' }, { type: 'string', pattern: '^\\s*[-+]?\\d+\\s*$' }),
  number: orTemplate({ type: 'number' }, { type: 'string', pattern: '^\\s*[-+.\\d]+\\s*$' }),
  percent: orTemplate({ type: 'number' }, { type: 'string', pattern: '^\\s*[\\d.]+\\s*%?\\s*$' }),
  scalar: { type: ['string', 'number', 'boolean'] },
  condition: listOrOne({ type: ['string', 'boolean'] }),
};
const BOOLEAN = ref('boolean');
const SCALAR = ref('scalar');

const KINDS: Record<KeywordKind, JsonSchema> = {
  any: {},
  bool: BOOLEAN,
  int: ref('integer'),
  number: ref('number'),
  string: { type: ['string', 'number', 'boolean', 'null'] },
  percent: ref('percent'),
};

/** Keywords whose values have a shape of their own. */
const SHAPES: Record<string, JsonSchema> = {
  name: SCALAR,
  tags: listOrOne(SCALAR),
  vars: { type: ['object', 'null'] },
  environment: listOrOne(orTemplate({ type: 'object' })),
  module_defaults: listOrOne({ type: 'object' }),
  collections: listOrOne({ type: 'string' }),
  when: ref('condition'),
  until: ref('condition'),
  changed_when: ref('condition'),
  failed_when: ref('condition'),
  args: orTemplate({ type: 'object' }),
  register: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
  loop: orTemplate({ type: 'array' }),
  loop_control: { type: 'object' },
  retries: KINDS.int,
  delay: KINDS.number,
  async: KINDS.int,
  poll: KINDS.int,
  notify: listOrOne({ type: 'string' }),
  listen: listOrOne({ type: 'string' }),
  delegate_to: { type: 'string' },
  delegate_facts: BOOLEAN,
  block: ref('tasks'),
  rescue: ref('tasks'),
  always: ref('tasks'),
  hosts: listOrOne({ type: 'string' }),
  gather_facts: BOOLEAN,
  gather_subset: listOrOne({ type: 'string' }),
  vars_files: listOrOne({}),
  vars_prompt: { type: 'array', items: { type: 'object', required: ['name'] } },
  serial: listOrOne(KINDS.percent),
  strategy: orTemplate({ type: 'string' }),
  order: orTemplate({ enum: ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] }),
  max_fail_percentage: KINDS.percent,
  force_handlers: BOOLEAN,
  roles: { type: ['array', 'null'], items: { anyOf: [{ type: 'string' }, { type: 'object' }] } },
  pre_tasks: ref('tasks'),
  tasks: ref('tasks'),
  post_tasks: ref('tasks'),
  handlers: ref('handlers'),
};

/** The schema by which a YAML language server completes and checks playbooks, or files of tasks and handlers. */
export async function editorSchema(
  kind: SchemaKind,
  modules: ModuleCatalogue & { shortNames(): string[] },
): Promise<JsonSchema> {
  const properties: Record<string, JsonSchema> = {};
  for (const name of modules.shortNames()) {
    const definition = (await modules.find(name))!;
    const names = new Set([name, definition.name, ...(definition.aliases ?? [])]);
    for (const each of names) properties[each] = ref(`module.${name}`);
  }
  const definitions: Record<string, JsonSchema> = {
    ...TYPES,
    tasks: list(ref('item')),
    handlers: list(ref('handler')),
    item: either({ required: ['block'] }, ref('block'), ref('task')),
    task: taskSchema(TASK_KEYWORDS, properties),
    handler: taskSchema(HANDLER_KEYWORDS, properties),
    block: { ...object(keywords(BLOCK_KEYWORDS)), required: ['block'] },
    play: { ...object(keywords(PLAY_KEYWORDS)), required: ['hosts'] },
    import: object({ ...imports(), ...keywords(IMPORT_PLAYBOOK_KEYWORDS) }),
  };
  for (const name of modules.shortNames()) definitions[`module.${name}`] = moduleSchema((await modules.find(name))!);
  const anyImport = { anyOf: Object.keys(imports()).map((name) => ({ required: [name] })) };
  const play = either(anyImport, ref('import'), ref('play'));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: kind === 'playbook' ? 'Playbook of Lamplighter' : 'Tasks or handlers of Lamplighter',
    ...list(kind === 'playbook' ? play : { anyOf: [ref('item'), ref('handler')] }),
    definitions,
  };
}

/** The schemas as files that lie beside each other: that of tasks leans on that of playbooks. */
export async function editorSchemaFiles(
  modules: ModuleCatalogue & { shortNames(): string[] },
): Promise<Record<string, string>> {
  const playbook = await editorSchema('playbook', modules);
  const { definitions: _, ...tasks } = await editorSchema('tasks', modules);
  const leaning = JSON.stringify(tasks, null, 2).replaceAll('"#/definitions/', '"playbook.json#/definitions/');
  return { 'playbook.json': `${JSON.stringify(playbook)}\n`, 'tasks.json': `${leaning}\n` };
}

function either(condition: JsonSchema, yes: JsonSchema, no: JsonSchema): JsonSchema {
  // biome-ignore lint/suspicious/noThenProperty: the word is JSON Schema's
  return { if: condition, then: yes, else: no };
}

function list(items: JsonSchema): JsonSchema {
  return { type: ['array', 'null'], items };
}

function object(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', properties, additionalProperties: false };
}

function imports(): Record<string, JsonSchema> {
  return { import_playbook: { type: 'string' }, 'ansible.builtin.import_playbook': { type: 'string' } };
}

function keywords(names: readonly string[]): Record<string, JsonSchema> {
  return Object.fromEntries(names.map((name) => [name, keywordSchema(name)]));
}

function keywordSchema(name: string): JsonSchema {
  if (Object.hasOwn(WORDS, name)) return { anyOf: [{ enum: WORDS[name] }, { type: 'string' }] };
  return SHAPES[name] ?? KINDS[SHARED[name]?.kind ?? 'any'];
}

/** A lookup's loop (`with_items`) and modules of others' collections are not judged. */
function taskSchema(names: readonly string[], modules: Record<string, JsonSchema>): JsonSchema {
  return {
    ...object({ ...keywords(names), ...modules }),
    patternProperties: { '^with_': {}, '^[a-z_][a-z0-9_]*\\.[a-z_][a-z0-9_]*\\.[a-z_][a-z0-9_]*$': {} },
  };
}

function moduleSchema(definition: TaskDefinition): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const { name, aliases, type, fallback, node } of argumentsOf(definition)) {
    const schema = { ...typeSchema(node), description: fallback === undefined ? type : `${type}; default ${fallback}` };
    properties[name] = schema;
    for (const alias of aliases) properties[alias] = { ...typeSchema(node), description: `another name of ${name}` };
  }
  const isOpen = fieldsOf(definition.args)?.open !== false;
  const mapping = { type: 'object', properties, additionalProperties: isOpen };
  return { description: definition.summary, anyOf: [mapping, { type: ['string', 'null'] }] };
}

/** What may be written for an argument: its type, what Ansible reads as that type, or a template. */
function typeSchema(node: SchemaNode): JsonSchema {
  switch (node.ansibleType) {
    case 'bool':
      return BOOLEAN;
    case 'int':
      return KINDS.int;
    case 'float':
      return KINDS.number;
    case 'str':
    case 'path':
      return SCALAR;
    case 'mode':
      return { type: ['string', 'integer'] };
    case 'dict':
      return { type: ['object', 'string'] };
    case 'raw':
      return {};
    case 'list':
      return listOrOne(node.items ? orTemplate(typeSchema(node.items)) : {});
    case undefined:
      return structure(node);
    default:
      return orTemplate({ enum: node.ansibleType.split(', ') }, { type: 'boolean' });
  }
}

function structure(node: SchemaNode): JsonSchema {
  const inner = [...(node.anyOf ?? []), ...(node.allOf ?? [])];
  if (inner.length > 0) return { anyOf: inner.map(typeSchema) };
  if (node.enum) return orTemplate({ enum: node.enum });
  if (!node.properties) return node.type === undefined ? {} : orTemplate({ type: node.type });
  const properties = Object.entries(node.properties).map(([name, field]) => [name, typeSchema(field)]);
  return orTemplate({ type: 'object', properties: Object.fromEntries(properties) });
}
