import { createHash } from 'node:crypto';

const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Little-endian base 64 as crypt(3) writes it: `count` characters of a number. */
export function cryptDigits(value: number, count: number): string {
  let out = '';
  for (let rest = value, left = count; left > 0; left--, rest = Math.floor(rest / 64)) out += digits[rest % 64];
  return out;
}

const md5 = (...parts: Uint8Array[]) => createHash('md5').update(Buffer.concat(parts)).digest();

/** crypt(3)'s `$1$`. */
export function md5Crypt(password: string, salt: string): string {
  const key = Buffer.from(password);
  const seasoning = Buffer.from(salt);
  const alternate = md5(key, seasoning, key);
  const parts: Uint8Array[] = [key, Buffer.from('$1$'), seasoning];
  for (let left = key.length; left > 0; left -= 16) parts.push(alternate.subarray(0, Math.min(16, left)));
  for (let left = key.length; left > 0; left >>= 1) parts.push(left & 1 ? Buffer.from([0]) : key.subarray(0, 1));
  let digest = md5(...parts);
  for (let round = 0; round < 1000; round++) {
    digest = md5(
      round & 1 ? key : digest,
      round % 3 ? seasoning : Buffer.alloc(0),
      round % 7 ? key : Buffer.alloc(0),
      round & 1 ? digest : key,
    );
  }
  const triples = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ] as const;
  const text = triples.map(([a, b, c]) => cryptDigits((digest[a]! << 16) | (digest[b]! << 8) | digest[c]!, 4)).join('');
  return `$1$${salt}$${text}${cryptDigits(digest[11]!, 2)}`;
}
