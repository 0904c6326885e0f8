import type { Paint } from '../report/style.ts';
import type { TaskDefinition } from '../task.ts';
import { argumentsOf } from './arguments.ts';
import { CHECK_MODE } from './modules.ts';

export interface DocLook {
  paint: Paint;
  columns: number;
}

/** A line a module: its name and what it is for. */
export function moduleList(modules: readonly { name: string; definition: TaskDefinition }[], look: DocLook): string {
  const width = Math.max(...modules.map(({ name }) => name.length));
  const lines = modules.flatMap(({ name, definition }) => {
    const [first, ...rest] = wrapped(definition.summary, look.columns - width - 2);
    return [
      `${look.paint('title', name.padEnd(width))}  ${first}`,
      ...rest.map((line) => `${' '.repeat(width)}  ${line}`),
    ];
  });
  return `${lines.join('\n')}\n`;
}

/** A module's page for a terminal: what it is for, its arguments, what it returns, what it refuses, an example. */
export function modulePage(name: string, definition: TaskDefinition, look: DocLook): string {
  const { summary, checkMode, aliases = [], unsupported = {}, returns = {}, example } = definition;
  const { paint, columns } = look;
  const parts = [
    `${paint('title', name)}  ${[definition.name, ...aliases].filter((each) => each !== name).join(', ')}`,
    ...wrapped(summary, columns),
    ...wrapped(`In check mode it ${CHECK_MODE[checkMode]}.`, columns),
  ];
  const args = argumentsOf(definition).map(({ name: argument, aliases: others, type, required, fallback }) => {
    const more = [type, required ? 'required' : fallback === undefined ? '' : `default ${fallback}`].filter(Boolean);
    const also = others.length > 0 ? [`also ${others.join(', ')}`] : [];
    return [argument, [...more, ...also].join('; ')] as const;
  });
  const table = (title: string, rows: readonly (readonly [string, string])[]): void => {
    if (rows.length === 0) return;
    parts.push('', paint('title', title));
    const width = Math.min(28, Math.max(...rows.map(([key]) => key.length)));
    for (const [key, text] of rows) {
      const [first = '', ...rest] = wrapped(text, columns - width - 4);
      parts.push(`  ${key.padEnd(width)}  ${first}`, ...rest.map((line) => `${' '.repeat(width + 4)}${line}`));
    }
  };
  table('Arguments', args);
  table('Not supported', Object.entries(unsupported));
  table('Returns', Object.entries(returns));
  if (example !== undefined)
    parts.push(
      '',
      paint('title', 'Example'),
      ...example
        .trim()
        .split('\n')
        .map((line) => `  ${line}`),
    );
  return `${parts.join('\n')}\n`;
}

/** Lines of at most this many columns, broken between words. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
