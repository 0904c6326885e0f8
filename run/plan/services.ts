import fs from 'node:fs';
import path from 'node:path';
import type { LookupContext } from '../jinja/lookups/context.ts';
import type { Environment } from '../jinja/runtime.ts';
import type { VaultSecrets } from '../playbook/vault.ts';
import { matchingNames } from './host-names.ts';
import type { VariableScope } from './scope.ts';

export interface ServiceInputs {
  playbookDir: () => string;
  vault: VaultSecrets | undefined;
  warn: (message: string) => void;
  template: (text: string, scope: VariableScope) => unknown;
  settings?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What templates may reach on the controller: files by Ansible's search path, the vault, other templates.
 * `role_path` and the playbook's directory say where; a template file's own directory comes first for its includes.
 */
export function services(
  inputs: ServiceInputs,
): (scope: VariableScope, directory?: string, taskDir?: string) => Environment {
  return (scope, directory, taskDir) => {
    const bases = (): string[] => {
      const role = scope.value('role_path');
      return [
        ...(directory ? [directory] : []),
        ...(typeof role === 'string' ? [role] : []),
        ...(taskDir ? [taskDir] : []),
        inputs.playbookDir(),
      ];
    };
    const find = (kind: string, name: string): string | undefined => {
      if (path.isAbsolute(name)) return fs.existsSync(name) ? name : undefined;
      return bases()
        .flatMap((base) => [path.join(base, kind, name), path.join(base, name)])
        .find((candidate) => fs.existsSync(candidate));
    };
    const lookups: LookupContext = {
      findFile: find,
      resolvePath: (name) => path.resolve(inputs.playbookDir(), name),
      template: (text) => inputs.template(text, scope),
      decrypt: (text) => decrypted(inputs.vault, text),
      warn: inputs.warn,
      settings: inputs.settings ?? {},
      hostNames: (patterns) => matchingNames(scope.value('groups') as Record<string, string[]>, patterns),
    };
    return {
      lookups,
      loadTemplate: (name) => {
        const file = find('templates', name);
        return file === undefined
          ? undefined
          : { source: decrypted(inputs.vault, fs.readFileSync(file, 'utf8')), file };
      },
      now: () => new Date(),
    };
  };
}

function decrypted(vault: VaultSecrets | undefined, text: string): string {
  return vault?.isEncrypted(text) ? vault.decryptFile(Buffer.from(text), 'a template').toString('utf8') : text;
}
