import type { ModuleCatalogue } from '../playbook/catalogue.ts';
import type { TaskDefinition } from '../task.ts';
import { type Argument, argumentsOf } from './arguments.ts';

export const CHECK_MODE = {
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
  return `| ${names} | ${type.replaceAll('|', '\\|')} | ${required ? '**required**' : fallback === undefined ? '' : `\`${fallback}\``} |`;
}
