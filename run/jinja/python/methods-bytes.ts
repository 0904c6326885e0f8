import { valueError } from '../errors.ts';
import { type Method, method, textArgument } from './method.ts';

/** The text of bytes. Throws a `ValueError` for bytes that are not of the encoding. */
export function decodeBytes(bytes: Uint8Array, encoding = 'utf-8', errors = 'strict'): string {
  const label = encoding.toLowerCase().replaceAll('_', '-');
  if (label === 'utf-16' || label === 'utf-16-le') {
    const text = Buffer.from(bytes).toString('utf16le');
    return label === 'utf-16' ? text.replace(/^\ufeff/, '') : text;
  }
  if (['ascii', 'latin-1', 'latin1', 'iso-8859-1'].includes(label)) return Buffer.from(bytes).toString('latin1');
  try {
    return new TextDecoder(label, { fatal: errors === 'strict', ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw valueError(`'${label}' codec can't decode these bytes`, error);
  }
}

/** The few `bytes` methods that templates use. */
export const bytesMethods: Record<string, Method> = {
  decode: method<Uint8Array>('encoding?, errors?', (self, _caller, encoding, errors) =>
    decodeBytes(
      self,
      encoding === undefined ? undefined : textArgument(encoding),
      errors === undefined ? undefined : textArgument(errors),
    ),
  ),
  hex: method<Uint8Array>('', (self) => Buffer.from(self).toString('hex')),
};
