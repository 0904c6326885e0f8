import { Vault } from 'ansible-vault';
import { type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import { isText, typeName } from '../values/kinds.ts';
import { Undefined } from '../values/types.ts';

function textOf(value: unknown, complaint: string): string {
  if (value instanceof Undefined) throw value.error();
  if (isText(value) || value instanceof Uint8Array)
    return isText(value) ? String(value) : Buffer.from(value).toString('utf8');
  throw filterError(`${complaint}, instead we got: <class '${typeName(value)}'>`);
}

function encrypt(data: unknown, secret: unknown, vaultId: unknown): string {
  const password = textOf(secret, 'Secret passed is required to be a string');
  const id = vaultId === undefined ? 'filter_default' : pyString(vaultId);
  return `${new Vault({ password }).encryptSync(textOf(data, 'Can only vault strings'), id).trimEnd()}\n`;
}

function decrypt(vault: unknown, secret: unknown): string {
  const password = textOf(secret, 'Secret passed is required to be as string');
  const text = textOf(vault, 'Vault should be in the form of a string');
  if (!text.startsWith('$ANSIBLE_VAULT;')) return text;
  try {
    const plain = new Vault({ password }).decryptSync(text.trim(), undefined);
    if (plain === undefined) throw new Error('no vault secret fits');
    return plain;
  } catch (error) {
    throw filterError(`Unable to decrypt: ${(error as Error).message}`, error);
  }
}

/** Ansible's `vault` and `unvault`. */
export const vaultFilters: Builtins = {
  unvault: builtin('vault, secret, vaultid?', (_rt, value, secret) => decrypt(value, secret)),
  vault: builtin('data, secret, salt?, vaultid?, wrap_object?', (_rt, data, secret, salt, vaultId) => {
    if (salt !== undefined && salt !== null) throw filterError('vault: the argument salt is not supported');
    return encrypt(data, secret, vaultId);
  }),
};
