import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readFields } from '../../run/shell/fields.ts';
import { type Frame, FrameReader } from '../../run/shell/frames.ts';

const test = suite('shell: frames');
const TOKEN = '0123456789abcdef';

function read(chunks: Buffer[]): { frames: string[]; noise: string } {
  const frames: string[] = [];
  let noise = '';
  const show = ({ words, payload }: Frame) => frames.push(`${words.join(' ')}|${payload.toString('latin1')}`);
  const reader = new FrameReader(TOKEN, show, (bytes) => {
    noise += bytes.toString('latin1');
  });
  for (const chunk of chunks) reader.push(chunk);
  return { frames, noise };
}

const STREAM = Buffer.from(
  `Welcome!\n${TOKEN}\n\n${TOKEN} hello 1 0 7 Linux\n\n${TOKEN} begin 1\n\n${TOKEN} data 1 0\nout\n${TOKEN}\n` +
    `\n${TOKEN} err 1\n\n${TOKEN} fields 1\n\0\xff\n\n${TOKEN} done 1\n\n${TOKEN} end 2 104\n`,
  'latin1',
);

test('a stream gives the same frames wherever it is split', () => {
  const whole = read([STREAM]);
  assert.equal(whole.frames, [
    'hello 1 0 7 Linux|',
    'begin 1|',
    `data 1 0|out\n${TOKEN}\n`,
    'err 1|',
    'fields 1|\0\xff\n',
    'done 1|',
    'end 2 104|',
  ]);
  assert.is(whole.noise, `Welcome!\n${TOKEN}\n`);
  for (let i = 1; i < STREAM.length; i++)
    assert.equal(read([STREAM.subarray(0, i), STREAM.subarray(i)]).frames, whole.frames, `split at ${i}`);
  assert.equal(read([...STREAM].map((byte) => Buffer.from([byte]))).frames, whole.frames, 'byte by byte');
});

test('any payload without the token comes through whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (payload, size) => {
      const stream = Buffer.concat([
        Buffer.from(`\n${TOKEN} data 1 0\n`),
        payload,
        Buffer.from(`\n${TOKEN} err 1\n\n${TOKEN} fields 1\n\n${TOKEN} done 1\n`),
      ]);
      const chunks = [];
      for (let i = 0; i < stream.length; i += size) chunks.push(stream.subarray(i, i + size));
      assert.is(read(chunks).frames[0], `data 1 0|${Buffer.from(payload).toString('latin1')}`);
    }),
  );
});

test('records are read, and half a record is dropped at any cut', () => {
  const mark = 'MARK';
  const bytes = Buffer.from(
    `Rkey\0value\0Fbig\0a\0b\xff${mark}\0Bbin\0\0\xff${mark}\0Wcare\0Mwhy\0D/p\0old${mark}\0new${mark}\0` +
      'A/p\0mode\x000644\x000600\0A/p\0owner\x000\x001\0C100\0',
    'latin1',
  );
  const all = readFields(bytes, mark);
  assert.equal(all.fields, { key: 'value', big: 'a\0b\ufffd', bin: 'AP8=', msg: 'why' });
  assert.equal(all.warnings, ['care']);
  assert.is(all.code, 100);
  assert.equal(all.diffs[0], { path: '/p', beforeHeader: '/p', afterHeader: '/p', before: 'old', after: 'new' });
  assert.equal(all.diffs[1], {
    path: '/p',
    before: { path: '/p', mode: '0644', owner: 0 },
    after: { path: '/p', mode: '0600', owner: 1 },
  });
  for (let i = 0; i < bytes.length; i++) {
    const part = readFields(bytes.subarray(0, i), mark);
    for (const [key, value] of Object.entries(part.fields)) assert.is(value, all.fields[key], `cut at ${i}`);
  }
});

test('contents that cannot be shown are named', () => {
  const diff = (before: string, after: string) =>
    readFields(Buffer.from(`D/p\0${before}MARK\0${after}MARK\0`), 'MARK').diffs[0]!;
  assert.is(diff('a\0', 'b').hidden, 'binary');
  assert.is(diff('\0large\0', 'b').hidden, 'larger than 104448 bytes');
  assert.is(diff('a', 'b').hidden, undefined);
});

test.run();
