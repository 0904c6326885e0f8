/** The tags that may be turned on beyond Jinja2's own: Ansible's `jinja2_extensions`. */
export type Extension = 'do' | 'loopcontrols';

export interface TemplateOptions {
  /** Where the template's text starts in its file: positions in errors are offset by these. */
  file?: string;
  line?: number;
  column?: number;
  /** The first newline after a block tag is removed. Default true, as Ansible has it. */
  trimBlocks?: boolean;
  /** Blanks before a block tag on its line are removed. */
  lstripBlocks?: boolean;
  keepTrailingNewline?: boolean;
  newlineSequence?: string;
  blockStart?: string;
  blockEnd?: string;
  variableStart?: string;
  variableEnd?: string;
  commentStart?: string;
  commentEnd?: string;
  lineStatementPrefix?: string;
  lineCommentPrefix?: string;
  extensions?: readonly Extension[];
  /**
   * Whether backslashes in the strings of `{{ }}` stay as written, which is how Ansible reads playbook strings (and not
   * template files). By default `render` does this and `renderString` does not.
   */
  escapeBackslashes?: boolean;
}

export interface Syntax {
  readonly trimBlocks: boolean;
  readonly lstripBlocks: boolean;
  readonly keepTrailingNewline: boolean;
  readonly newlineSequence: string;
  readonly blockStart: string;
  readonly blockEnd: string;
  readonly variableStart: string;
  readonly variableEnd: string;
  readonly commentStart: string;
  readonly commentEnd: string;
  readonly lineStatementPrefix: string | undefined;
  readonly lineCommentPrefix: string | undefined;
  readonly extensions: readonly Extension[];
}

/** The options with Ansible's defaults filled in; always the same object where nothing but a place is given. */
export function syntaxOf(options: TemplateOptions): Syntax {
  return isPlain(options) ? DEFAULT_SYNTAX : filledIn(options);
}

const PLAIN = new Set(['file', 'line', 'column', 'escapeBackslashes']);

function isPlain(options: TemplateOptions): boolean {
  for (const name in options) if (!PLAIN.has(name)) return false;
  return true;
}

function filledIn(options: TemplateOptions): Syntax {
  return {
    trimBlocks: options.trimBlocks ?? true,
    lstripBlocks: options.lstripBlocks ?? false,
    keepTrailingNewline: options.keepTrailingNewline ?? false,
    newlineSequence: options.newlineSequence ?? '\n',
    blockStart: options.blockStart ?? '{%',
    blockEnd: options.blockEnd ?? '%}',
    variableStart: options.variableStart ?? '{{',
    variableEnd: options.variableEnd ?? '}}',
    commentStart: options.commentStart ?? '{#',
    commentEnd: options.commentEnd ?? '#}',
    lineStatementPrefix: options.lineStatementPrefix,
    lineCommentPrefix: options.lineCommentPrefix,
    extensions: options.extensions ?? [],
  };
}

export const DEFAULT_SYNTAX = filledIn({});
