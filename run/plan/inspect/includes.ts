import { dirname, join, sep } from 'node:path';
import type { Expression, Statement } from '../../jinja/ast.ts';
import { walk } from '../../jinja/evaluate/names.ts';
import type { YamlFiles } from '../../playbook/files.ts';
import { missingFile } from '../../playbook/find-file.ts';
import type { LocatedFinding } from './finding.ts';
import type { SeenTemplate } from './unknown-names.ts';

/** Warns of templates that a template file includes, imports or extends by name, and that lie nowhere near it. */
export function missingIncludes(
  { template, place }: SeenTemplate,
  playbookDirs: string[],
  files: YamlFiles,
): LocatedFinding[] {
  const findings: LocatedFinding[] = [];
  for (const node of walk(template.ast.body)) {
    const expression = includedBy(node as Statement);
    if (expression?.type !== 'Const' || typeof expression.value !== 'string') continue;
    const name = expression.value;
    const candidates = foldersFor(place.file, playbookDirs).map((folder) => join(folder, name));
    if (candidates.some((path) => files.isFile(path))) continue;
    const { line, column } = template.position(expression.pos);
    const { message, hint } = missingFile(name, candidates, files);
    findings.push({
      level: 'warning',
      rule: 'file-not-found',
      message,
      hosts: [],
      places: [{ file: place.file, line, column }],
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return findings;
}

function includedBy(node: Statement): Expression | undefined {
  if (node.type === 'Include') return node.ignoreMissing ? undefined : node.template;
  return node.type === 'Import' || node.type === 'FromImport' || node.type === 'Extends' ? node.template : undefined;
}

/** Beside the template, in the role's or playbook's templates/, and beside the playbooks. */
function foldersFor(file: string, playbookDirs: string[]): string[] {
  const parts = dirname(file).split(sep);
  const at = parts.lastIndexOf('templates');
  const root = at < 0 ? [] : [parts.slice(0, at + 1).join(sep), parts.slice(0, at).join(sep)];
  const beside = playbookDirs.flatMap((directory) => [join(directory, 'templates'), directory]);
  return [...new Set([dirname(file), ...root, ...beside])];
}
