import { JinjaError } from '../jinja/errors.ts';
import { compileTemplate, type Template } from '../jinja/template.ts';
import type { LoadContext } from './context.ts';
import { failure } from './fail.ts';
import { readBytes, utf8 } from './files.ts';
import { SourceText } from './source.ts';
import { isEncrypted } from './vault-cipher.ts';

/**
 * A template file, compiled once for all tasks that name it. Undefined for one that is encrypted or binary (it lies there to
 * be copied), and for one whose mistake was told already.
 * @throws LamplighterError TEMPLATE_SYNTAX, FILE_UNREADABLE
 */
export function compileTemplateFile(file: string, { templateFiles }: LoadContext): Template | undefined {
  if (templateFiles.has(file)) return templateFiles.get(file);
  templateFiles.set(file, undefined);
  const template = compiled(file);
  templateFiles.set(file, template);
  return template;
}

function compiled(file: string): Template | undefined {
  const data = readBytes(file);
  if (data.includes(0)) return undefined;
  const source = new SourceText(file, utf8(data, file));
  if (isEncrypted(source.text)) return undefined;
  try {
    return compileTemplate(source.text, { file, line: 1, column: 1 });
  } catch (error) {
    if (!(error instanceof JinjaError)) throw error;
    const place = source.place(Math.max(error.line, 1), Math.max(error.column, 1));
    throw failure('TEMPLATE_SYNTAX', error.message, place, { hint: error.hint });
  }
}
