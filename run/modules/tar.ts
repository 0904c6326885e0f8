import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';

/** A member of an archive: a short ASCII name, and its content as bytes or as a file of the controller. */
export interface TarMember {
  name: string;
  content: Buffer | { file: string };
}

/** A POSIX ustar archive as a stream, its members read one at a time. @throws Error when a file changes its size meanwhile */
export function tarStream(members: Iterable<TarMember>): Readable {
  return Readable.from(archive(members), { objectMode: false });
}

async function* archive(members: Iterable<TarMember>): AsyncGenerator<Buffer> {
  for (const { name, content } of members) {
    const size = Buffer.isBuffer(content) ? content.length : (await stat(content.file)).size;
    yield header(name, size);
    let sent = 0;
    if (Buffer.isBuffer(content)) {
      yield content;
      sent = content.length;
    } else {
      for await (const chunk of createReadStream(content.file)) {
        sent += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    }
    if (sent !== size) throw new Error(`${name} changed while it was copied`);
    yield Buffer.alloc((512 - (size % 512)) % 512);
  }
  yield Buffer.alloc(1024);
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100, 'latin1');
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
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
