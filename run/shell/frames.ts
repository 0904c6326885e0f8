/** One frame of a host's answer; `payload` holds the bytes between its line and the next frame. */
export interface Frame {
  words: string[];
  payload: Buffer;
}

/**
 * Cuts the bytes of a channel into frames. A frame is a line that starts with the token, after a line feed; what stands
 * before the first one, or after a frame that carries nothing, is noise.
 */
export class FrameReader {
  private readonly start: Buffer;
  private readonly onFrame: (frame: Frame) => void;
  private readonly onNoise: (bytes: Buffer) => void;
  private rest: Buffer = Buffer.alloc(0);
  private parts: Buffer[] = [];
  private open: string[] | undefined;
  private inLine = false;

  constructor(token: string, onFrame: (frame: Frame) => void, onNoise: (bytes: Buffer) => void) {
    this.start = Buffer.from(`\n${token} `);
    this.onFrame = onFrame;
    this.onNoise = onNoise;
  }

  push(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    while (this.inLine ? this.takeLine() : this.takePayload());
  }

  /** What came last and is no frame yet: it may have been the beginning of one. */
  get unread(): string {
    return this.rest.toString('utf8');
  }

  /** Kinds that are followed by bytes; a frame of any other kind is complete with its line. */
  private static carries(kind: string | undefined): boolean {
    return kind === 'said' || kind === 'data' || kind === 'err' || kind === 'fields';
  }

  private takeLine(): boolean {
    const end = this.rest.indexOf(10);
    if (end < 0) return false;
    const words = this.rest.toString('utf8', 0, end).split(' ');
    this.rest = this.rest.subarray(end + 1);
    this.inLine = false;
    if (FrameReader.carries(words[0])) this.open = words;
    else this.onFrame({ words, payload: Buffer.alloc(0) });
    return true;
  }

  private takePayload(): boolean {
    const end = this.rest.indexOf(this.start);
    // A frame may begin in the last bytes: they wait for the next chunk.
    const known = end < 0 ? this.rest.length - this.start.length + 1 : end;
    if (known > 0) {
      this.parts.push(this.rest.subarray(0, known));
      this.rest = this.rest.subarray(known);
      if (!this.open) this.flushNoise();
    }
    if (end < 0) return false;
    this.rest = this.rest.subarray(this.start.length);
    this.inLine = true;
    if (this.open) {
      const frame = { words: this.open, payload: Buffer.concat(this.parts) };
      this.open = undefined;
      this.parts = [];
      this.onFrame(frame);
    }
    return true;
  }

  private flushNoise(): void {
    const bytes = Buffer.concat(this.parts);
    this.parts = [];
    this.onNoise(bytes);
  }
}
