import { applyPatch } from 'diff';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diffText } from '../../run/report/diff-text.ts';

const diffs = suite('diff text');

diffs('is a unified diff under the path', () => {
  assert.is(
    diffText({ path: '/etc/motd', before: 'one\ntwo\nthree\n', after: 'one\n2\nthree\n' }),
    '--- before: /etc/motd\n+++ after: /etc/motd\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n',
  );
});

diffs('headers win over the path; without either the words stand alone', () => {
  assert.match(
    diffText({ path: '/x', beforeHeader: '/x (old)', afterHeader: '/x (new)', before: 'a', after: 'b' }),
    '--- before: /x (old)\n+++ after: /x (new)\n',
  );
  assert.match(diffText({ before: 'a\n', after: 'b\n' }), '--- before\n+++ after\n');
});

diffs('a new file begins at line 0, as diff -u has it', () => {
  assert.match(diffText({ before: '', after: 'a\nb\n' }), '@@ -0,0 +1,2 @@\n+a\n+b\n');
  assert.match(diffText({ before: 'a\n', after: '' }), '@@ -1 +0,0 @@\n-a\n');
});

diffs('a missing newline at the end is said', () => {
  assert.match(diffText({ before: 'a\n', after: 'a' }), '-a\n+a\n\\ No newline at end of file\n');
});

diffs('data is compared as YAML', () => {
  const text = diffText({ before: { state: 'absent' }, after: { state: 'file', mode: '0644' } });
  assert.match(text, '-state: absent\n+state: file\n+mode: "0644"\n');
});

diffs('equal sides give nothing', () => {
  assert.is(diffText({ path: '/x', before: 'a', after: 'a' }), '');
});

diffs('a ready text comes as it is, hidden contents say why', () => {
  assert.is(diffText({ prepared: 'Inst mosquitto (2.0.11)' }), 'Inst mosquitto (2.0.11)\n');
  assert.is(
    diffText({ path: '/x', hidden: 'binary', before: 'a', after: 'b' }),
    '--- before: /x\n+++ after: /x\n(not shown: binary)\n',
  );
});

diffs('two big files without a line in common are shown whole, at once', () => {
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word}${i}\n`).join('');
  const begun = performance.now();
  const text = diffText({ before: lines('a'), after: lines('b') });
  assert.ok(performance.now() - begun < 60_000);
  assert.is(text.match(/^\+b/gm)!.length, 20_000);
});

diffs('what it shows turns before into after', () => {
  const file = fc
    .array(fc.constantFrom('a', 'b', 'c', '', '-x', '+y', '@@'), { maxLength: 12 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  fc.assert(
    fc.property(file, file, (before, after) => {
      fc.pre(before !== after);
      assert.is(applyPatch(before, diffText({ before, after })), after);
    }),
  );
});

diffs.run();
