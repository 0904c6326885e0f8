import { LamplighterError } from '../errors.ts';
import { shlexSplit } from '../modules/shlex.ts';
import type { ExtraVars } from '../options.ts';
import type { VaultSecrets } from '../playbook/vault.ts';
import { readYaml } from '../playbook/yaml.ts';

/**
 * What one `-e` says: `@FILE`, YAML or JSON in braces, or `k=v` words (whose values are strings).
 * @throws LamplighterError USAGE, YAML_SYNTAX
 */
export function readExtraVars(text: string, vault: VaultSecrets): ExtraVars {
  if (text.startsWith('@')) return { file: text.slice(1) };
  if (/^[./]/.test(text))
    throw new LamplighterError('USAGE', `-e ${text}: is that a file?`, { hint: `Write -e @${text}` });
  if (/^[[{]/.test(text)) {
    const values = readYaml(text, '-e', { vault });
    if (typeof values === 'object' && values !== null && !Array.isArray(values) && !(values instanceof Map))
      return { values: values as Record<string, unknown> };
    throw new LamplighterError('USAGE', `-e ${text}: expected a mapping of names to values`);
  }
  return { values: words(text) };
}

function words(text: string): Record<string, unknown> {
  const pairs = shlexSplit(text).map((word) => {
    const at = word.indexOf('=');
    if (at < 1)
      throw new LamplighterError('USAGE', `-e ${text}: "${word}" is not name=value`, {
        hint: 'Quote a value that has spaces: -e "greeting=\'hello world\'"',
      });
    return [word.slice(0, at), word.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}
