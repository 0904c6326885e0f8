import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JsonLines } from '../../run/report/json-lines.ts';
import { MASK, Redactor } from '../../run/report/redact.ts';
import { done, item, task } from './stream.ts';
import { textOf } from './text-of.ts';

const redact = suite('redact');

/** Words with the characters that quoting and encoding change; no stars, which the mask itself is made of. */
const secrets = fc
  .string({ minLength: 4, maxLength: 30, unit: fc.constantFrom(...'abcXYZ019 \'"\\$&<>/+=%äß€\t{}') })
  .filter((text) => text.trim().length >= 4);

function redactorOf(...texts: string[]): Redactor {
  const redactor = new Redactor();
  for (const text of texts) redactor.add(text);
  return redactor;
}

redact('no secret survives in a text', () => {
  fc.assert(
    fc.property(fc.array(secrets, { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), (all, before, after) => {
      const redactor = redactorOf(...all);
      const shown = redactor.text(all.map((secret) => before + secret + after).join(' '));
      for (const secret of all) assert.not.ok(shown.includes(secret.trim()), `${secret} in ${shown}`);
    }),
  );
});

redact('no encoding of a secret survives', () => {
  const encodings: ((secret: string) => string)[] = [
    (secret) => JSON.stringify({ secret }),
    (secret) => `'${secret.replaceAll("'", "'\\''")}'`,
    (secret) => encodeURIComponent(secret),
    (secret) => Buffer.from(secret).toString('base64'),
    (secret) => Buffer.from(secret).toString('base64url'),
  ];
  fc.assert(
    fc.property(secrets, fc.constantFrom(...encodings), (text, encode) => {
      const secret = text.trim();
      fc.pre(secret.length >= 6);
      const shown = redactorOf(secret).text(`< ${encode(secret)} >`);
      assert.ok(shown.includes(MASK), `${encode(secret)} is still in ${shown}`);
    }),
  );
});

redact('a secret is found in base64 wherever it begins', () => {
  const redactor = redactorOf('correct horse battery');
  for (const user of ['a', 'ab', 'abc', 'abcd']) {
    const header = Buffer.from(`${user}:correct horse battery`).toString('base64');
    const shown = redactor.text(`Authorization: Basic ${header}`);
    const left = Buffer.from(shown.split(' ').at(-1)!.replaceAll(MASK, ''), 'base64').toString();
    assert.not.match(left, /horse/);
  }
});

redact('no secret of any result survives in the text or JSON report', () => {
  fc.assert(
    fc.property(secrets, fc.string({ maxLength: 10 }), (text, around) => {
      const secret = text.trim();
      const result = {
        msg: `${around}${secret}`,
        deep: [{ [secret]: `a\n${secret}\nb` }],
        stdout_lines: [secret],
      };
      const event = done(task(1, `Set ${secret}`), 'lamp01', 'failed', result, {
        diffs: [{ path: '/etc/x', before: `${secret}\n`, after: { password: secret } }],
      });
      const masked = redactorOf(secret).event(event);
      const json: string[] = [];
      new JsonLines({ write: (line) => json.push(line), tell: () => {}, cwd: '/', verbosity: 0 }).see(masked);
      const shown = textOf([masked], { verbosity: 1 });
      // The rest of the page says things of its own, in which a secret as common as "fata" may stand.
      const page = textOf([done(task(1, 'Set'), 'lamp01', 'failed', { msg: '', deep: '', stdout_lines: [] })]);
      fc.pre(!page.includes(secret) && !/^[ {}"':=+\\]*$/.test(secret));
      assert.not.ok(shown.includes(secret), shown);
      assert.not.ok(json.join('').includes(JSON.stringify(secret).slice(1, -1)), json.join(''));
    }),
  );
});

redact('lines of a key are hidden one by one', () => {
  const key = '-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\nq83vEjRWeJASNFZ4\n-----END KEY-----';
  const shown = redactorOf(key).text('  | MIIEpAIBAAKCAQEA\n  | q83vEjRWeJASNFZ4');
  assert.is(shown, `  | ${MASK}\n  | ${MASK}`);
});

redact('a short secret is hidden where it is the whole value, not inside words', () => {
  const redactor = redactorOf('abc');
  assert.is(redactor.text('abc'), MASK);
  assert.equal(redactor.value({ pin: 'abc', text: 'abcdef' }), { pin: MASK, text: 'abcdef' });
});

redact('a number that is a secret is hidden', () => {
  assert.equal(redactorOf('482916').value({ pin: 482916, port: 1883 }), { pin: MASK, port: 1883 });
});

redact('a secret inside a longer one does not leave the rest of it', () => {
  assert.is(redactorOf('hunter', 'hunter2000').text('x hunter2000 y'), `x ${MASK} y`);
});

redact('secrets may be added while the run goes on', () => {
  const redactor = redactorOf('first1');
  assert.is(redactor.text('first1 second2'), `${MASK} second2`);
  redactor.add('second2');
  assert.is(redactor.text('first1 second2'), `${MASK} ${MASK}`);
});

redact('what the runner itself says stays, whatever the password', () => {
  const event = redactorOf('changed', 'lamp01').event(done(task(1, 'changed'), 'lamp01', 'changed'));
  assert.is(event.event === 'task' && event.status, 'changed');
  assert.is(event.event === 'task' && event.host, 'lamp01');
  assert.is(event.event === 'task' && event.task.name, MASK);
});

redact('no_log keeps only that it changed and how often it was tried', () => {
  const more = { noLog: true, diffs: [{ before: 'a', after: 'b' }] };
  const event = new Redactor().event(
    done(task(1, 'x'), 'a', 'changed', { changed: true, attempts: 2, stdout: 's' }, more),
  );
  assert.is(event.event, 'task');
  if (event.event !== 'task') return;
  assert.equal(Object.keys(event.result).sort(), ['attempts', 'censored', 'changed']);
  assert.match(String(event.result.censored), /^the output has been hidden/);
  assert.equal(event.diffs, []);
});

redact('no_log hides the label of an item', () => {
  const event = new Redactor().event(item(task(1, 'x'), 'a', 'user=root password=x', 'ok', {}, { noLog: true }));
  assert.is(event.event === 'item' && event.label, '(censored due to no_log)');
});

redact.run();
