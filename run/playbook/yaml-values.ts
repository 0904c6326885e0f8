import type { Place } from '../errors.ts';

/** A string that is never a template (`!unsafe`). */
export class UnsafeText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** An inline encrypted string (`!vault |`), decrypted when it is asked for. */
export class VaultText {
  readonly ciphertext: string;
  readonly place: Place | undefined;
  private readonly decrypt: (ciphertext: string, place: Place | undefined) => string;
  private text: string | undefined;

  constructor(
    ciphertext: string,
    place: Place | undefined,
    decrypt: (ciphertext: string, place: Place | undefined) => string,
  ) {
    this.ciphertext = ciphertext;
    this.place = place;
    this.decrypt = decrypt;
  }

  /** The clear text. @throws LamplighterError VAULT */
  reveal(): string {
    this.text ??= this.decrypt(this.ciphertext, this.place);
    return this.text;
  }

  /** Never the secret: what a careless `String()` or `JSON.stringify` shows. */
  toString(): string {
    return '(encrypted)';
  }

  toJSON(): unknown {
    return { __ansible_vault: this.ciphertext };
  }
}
