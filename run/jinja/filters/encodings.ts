import { createHash } from 'node:crypto';
import { type Builtins, builtin } from '../builtin.ts';
import { filterError, valueError } from '../errors.ts';
import { callMethod } from '../python/access.ts';
import { findMethod } from '../python/methods.ts';
import { decodeBytes } from '../python/methods-bytes.ts';
import { pyString } from '../python/repr.ts';
import type { Runtime } from '../runtime.ts';
import { noKeywords } from '../values/types.ts';

const ansibleNamespace = '361E6D51-FAEC-444A-9079-341386DA8E2E';

function encode(rt: Runtime, value: unknown, encoding: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  const text = pyString(value);
  const args = encoding === undefined ? [] : [encoding];
  return Buffer.from(
    callMethod(text, 'encode', findMethod(text, 'encode')!, args, noKeywords, rt) as Uint8Array,
  ).toString('base64');
}

function decode(value: unknown, encoding: unknown): string {
  const text = pyString(value).replace(/[^A-Za-z0-9+/=]/g, '');
  if (text.replace(/=+$/, '').length % 4 === 1 || text.length % 4 !== 0) throw valueError('Incorrect padding');
  return decodeBytes(Buffer.from(text, 'base64'), encoding === undefined ? 'utf-8' : pyString(encoding));
}

/** A name-based UUID (version 5) in Ansible's namespace or another. */
function uuid(name: string, namespace: string): string {
  const hex = namespace.replace(/^urn:uuid:|[{}-]/g, '');
  if (!/^[\da-fA-F]{32}$/.test(hex)) {
    throw filterError(`Invalid value '${namespace}' for 'namespace': badly formed hexadecimal UUID string`);
  }
  const hash = createHash('sha1').update(Buffer.from(hex, 'hex')).update(name).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Ansible's filters for encoded text. */
export const encodingFilters: Builtins = {
  b64decode: builtin('string, encoding?', (_rt, value, encoding) => decode(value, encoding)),
  b64encode: builtin('string, encoding?', (rt, value, encoding) => encode(rt, value, encoding)),
  to_uuid: builtin('string, namespace?', (_rt, value, namespace) =>
    uuid(pyString(value), namespace === undefined ? ansibleNamespace : pyString(namespace)),
  ),
};
