import { JinjaError } from './errors.ts';
import type { TemplateOptions } from './options.ts';
import { literalEval } from './python/literal.ts';

const start = '#jinja2:';

const settings: Record<string, keyof TemplateOptions> = {
  trim_blocks: 'trimBlocks',
  lstrip_blocks: 'lstripBlocks',
  keep_trailing_newline: 'keepTrailingNewline',
  newline_sequence: 'newlineSequence',
  block_start_string: 'blockStart',
  block_end_string: 'blockEnd',
  variable_start_string: 'variableStart',
  variable_end_string: 'variableEnd',
  comment_start_string: 'commentStart',
  comment_end_string: 'commentEnd',
  line_statement_prefix: 'lineStatementPrefix',
  line_comment_prefix: 'lineCommentPrefix',
};

export interface Headed {
  readonly text: string;
  readonly options: TemplateOptions;
  /** Where `text` starts. */
  readonly place: { file?: string; line?: number; column?: number };
}

/** Ansible's first line `#jinja2: trim_blocks: False, …`: taken off the text, and its settings taken over. */
export function applyHeader(source: string, options: TemplateOptions): Headed {
  if (!source.startsWith(start)) return { text: source, options, place: options };
  const end = source.indexOf('\n');
  const line = source.slice(start.length, end < 0 ? undefined : end);
  const changed: Record<string, unknown> = {};
  for (const pair of line.split(',')) {
    const at = pair.indexOf(':');
    const key = pair.slice(0, Math.max(at, 0)).trim();
    const name = settings[key];
    if (at < 0 || !name) throw badHeader(pair.trim(), options);
    changed[name] = literalEval(pair.slice(at + 1).trim());
  }
  const { column: _column, ...rest } = options;
  const place = { ...rest, line: (options.line ?? 1) + 1 };
  return { text: end < 0 ? '' : source.slice(end + 1), options: { ...options, ...changed }, place };
}

function badHeader(pair: string, options: TemplateOptions): JinjaError {
  return new JinjaError('syntax', `failed to parse jinja2 override '${pair}'`, {
    position: { file: options.file, line: options.line ?? 1, column: options.column ?? 1 },
    hint: `write NAME: VALUE with one of ${Object.keys(settings).join(', ')}`,
  });
}
