import { hash as digestOf } from 'node:crypto';
import { cryptDigits } from './md5-crypt.ts';

/** The order in which the bytes of the digest are written. */
function order(size: 32 | 64): [number, number, number][] {
  const third = size === 64 ? 21 : 10;
  return Array.from({ length: third }, (_, index) => {
    const triple: [number, number, number] = [index, index + third, index + 2 * third];
    const turns = size === 64 ? index % 3 : (3 - (index % 3)) % 3;
    for (let turn = 0; turn < turns; turn++) triple.push(triple.shift()!);
    return triple;
  });
}

/** crypt(3)'s `$5$` and `$6$` (https://www.akkadia.org/drepper/SHA-crypt.txt). */
export function shaCrypt(type: 'sha256' | 'sha512', password: string, salt: string, rounds: number): string {
  const size = type === 'sha512' ? 64 : 32;
  const key = Buffer.from(password);
  const seasoning = Buffer.from(salt.slice(0, 16));
  const hash = (...parts: Uint8Array[]) => digestOf(type, Buffer.concat(parts), 'buffer');
  const stretched = (digest: Buffer, length: number) => Buffer.alloc(length, digest);

  const b = hash(key, seasoning, key);
  const parts: Uint8Array[] = [key, seasoning, stretched(b, key.length)];
  for (let left = key.length; left > 0; left >>= 1) parts.push(left & 1 ? b : key);
  const a = hash(...parts);
  const p = stretched(hash(...Array.from({ length: key.length }, () => key)), key.length);
  const s = stretched(hash(...Array.from({ length: 16 + a[0]! }, () => seasoning)), seasoning.length);

  const count = Math.min(Math.max(rounds, 1000), 999_999_999);
  let c = a;
  for (let round = 0; round < count; round++) {
    const odd = round % 2 === 1;
    const pieces: Uint8Array[] = [odd ? p : c];
    if (round % 3 !== 0) pieces.push(s);
    if (round % 7 !== 0) pieces.push(p);
    pieces.push(odd ? c : p);
    c = hash(...pieces);
  }
  let text = order(size)
    .map(([x, y, z]) => cryptDigits((c[x]! << 16) | (c[y]! << 8) | c[z]!, 4))
    .join('');
  text += size === 64 ? cryptDigits(c[63]!, 2) : cryptDigits((c[31]! << 8) | c[30]!, 3);
  const prefix = type === 'sha512' ? '$6$' : '$5$';
  return `${prefix}rounds=${count}$${seasoning}$${text}`;
}
