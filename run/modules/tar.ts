import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileStream } from './controller-file.ts';

/** A member of an archive: its name (at most 100 bytes), and its content as bytes or as a file of the controller. */
export interface TarMember {
  name: string;
  /** Where it stands in the archive: at most 155 bytes, no slash at the end. */
  directory?: string;
  content: Buffer | { file: string };
}

/** Whether an archive can hold this name in this directory. */
export function fitsTar(name: string, directory: string): boolean {
  return Buffer.byteLength(name) <= 100 && Buffer.byteLength(directory) <= 155;
}

/** A POSIX ustar archive as a stream, its members read one at a time. @throws Error when a file changes its size meanwhile */
export function tarStream(members: Iterable<TarMember>): Readable {
  return Readable.from(inPieces(archive(members)), { objectMode: false });
}

/** Bytes that travel together: each piece is written, encrypted and read by itself, which thousands of small ones made slow. */
const PIECE = 32 * 1024;

async function* inPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < PIECE) continue;
    yield Buffer.concat(waiting, size);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}

async function* archive(members: Iterable<TarMember>): AsyncGenerator<Buffer> {
  for (const { name, directory = '', content } of members) {
    const size = Buffer.isBuffer(content) ? content.length : (await stat(content.file)).size;
    yield header(name, directory, size);
    let sent = 0;
    if (Buffer.isBuffer(content)) {
      yield content;
      sent = content.length;
    } else {
      for await (const chunk of fileStream(content.file)) {
        sent += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    }
    if (sent !== size) throw new Error(`${name} changed while it was copied`);
    yield Buffer.alloc((512 - (size % 512)) % 512);
  }
  yield Buffer.alloc(1024);
}

function header(name: string, directory: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100, 'utf8');
  block.write('0000600\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  if (size < 0o77777777777) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  else {
    // Beyond 8 GB: base 256, which GNU, BSD and busybox read.
    block.writeUInt8(0x80, 124);
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  block.write('00000000000\0', 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(directory, 345, 155, 'utf8');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
