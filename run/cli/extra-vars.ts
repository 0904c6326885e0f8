import { LamplighterError } from '../errors.ts';
import type { ExtraVars } from '../options.ts';
import { parseKv } from '../playbook/parse-kv.ts';
import type { VaultSecrets } from '../playbook/vault.ts';
import { readYaml } from '../playbook/yaml.ts';

/**
 * What one `-e` says: `@FILE`, YAML or JSON in braces, or `k=v` words (whose values are strings).
 * @throws LamplighterError USAGE, YAML_SYNTAX
 */
export function readExtraVars(text: string, vault: VaultSecrets): ExtraVars {
  if (text.startsWith('@')) return { file: text.slice(1) };
  if (/^[./]/.test(text)) throw mistake(text, 'is that a file?', `Write -e @${text}`);
  if (!/^[[{]/.test(text)) return { values: words(text) };
  const values = readYaml(text, '-e', { vault });
  if (typeof values !== 'object' || values === null || Array.isArray(values) || values instanceof Map)
    throw mistake(text, 'expected names and values');
  return { values: values as Record<string, unknown> };
}

function words(text: string): Record<string, unknown> {
  const quoting = 'Quote a value that has spaces: -e "greeting=\'hello world\'"';
  let read: ReturnType<typeof parseKv>;
  try {
    read = parseKv(text);
  } catch {
    throw mistake(text, 'a quote or a brace is not closed', quoting);
  }
  if (read.rest !== undefined) throw mistake(text, `"${read.rest}" is not name=value`, quoting);
  return read.values;
}

function mistake(text: string, message: string, hint?: string): LamplighterError {
  return new LamplighterError('USAGE', `-e ${text}: ${message}`, { hint });
}
