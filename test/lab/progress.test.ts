import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { liveProgress, plainProgress } from '../../run/lab/progress.ts';

const test = suite('lab progress');

test('off a terminal only what stays is written', async () => {
  const out = new PassThrough();
  const display = plainProgress(out);
  display.report({ text: 'booting', host: 'cloud', passing: true });
  display.report({ text: 'up', host: 'cloud' });
  display.close();
  out.end();
  assert.is(await text(out), 'cloud: up\n');
});

test('on a terminal what is under way stands on one line, which is cleared at the end', async () => {
  const out = new PassThrough();
  const display = liveProgress(out);
  display.report({ text: 'booting', host: 'cloud', passing: true });
  display.report({ text: 'booting', host: 'lamp01', passing: true });
  display.report({ text: 'up', host: 'cloud' });
  display.close();
  out.end();
  const written = await text(out);
  assert.match(written, 'cloud: booting · lamp01: booting');
  assert.match(written, '\u001b[Kcloud: up\n');
  assert.ok(written.endsWith('\r\u001b[K'));
});

test.run();
