import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseKv } from '../../run/playbook/parse-kv.ts';
import { joinArgs, splitArgs, UnbalancedArguments } from '../../run/playbook/split-args.ts';
import { python } from './tree.ts';

const kv = suite('parse-kv');

const TEXTS = [
  'src=a dest=b',
  'echo hi creates=/x',
  'echo a=b chdir=/tmp "creates=/y"',
  'a="b c" d=\'e f\'',
  'msg="it\'s"',
  'msg={{ a b }} x={% if a %}b c{% endif %}',
  'content=\'{{ lookup("file", "x y") }}\' dest=/x',
  'a=b\\=c d\\=e',
  'path=/x line="a\\tb\\n\\\\"',
  'a=1 a=2',
  'echo "a\nb"\nsecond line',
  'one \\\n two \\\n three',
  'x= y=',
  '=x',
  'spaced   out  ',
  'free {{ form }} text',
  'a={# comment #} b',
  "sed -e 's/a b/c=d/' file",
  'k="v\\"w x"',
  '\\u00e9=\\x41',
  'a="unclosed',
  'b={{ open',
];

const SCRIPT = `
from ansible.parsing.splitter import parse_kv, split_args
def one(t, raw):
    try: return parse_kv(t, check_raw=raw)
    except Exception as e: return 'error'
def words(t):
    try: return split_args(t)
    except Exception as e: return 'error'
print(json.dumps([[one(t, False), one(t, True), words(t)] for t in json.load(sys.stdin)]))`;

function ours(text: string): unknown {
  const attempt = (make: () => unknown): unknown => {
    try {
      return make();
    } catch (error) {
      if (error instanceof UnbalancedArguments) return 'error';
      throw error;
    }
  };
  const read = (command: boolean) => () => {
    const { values, rest } = parseKv(text, command);
    return rest === undefined ? values : { ...values, _raw_params: rest };
  };
  return [attempt(read(false)), attempt(read(true)), attempt(() => splitArgs(text))];
}

kv('agrees with parse_kv and split_args', () => {
  const theirs = python(SCRIPT, TEXTS) as unknown[] | undefined;
  if (!theirs) return console.log('skipped: no Python with Ansible');
  for (const [index, text] of TEXTS.entries()) assert.equal(ours(text), theirs[index], JSON.stringify(text));
});

kv('agrees with them on texts nobody thought of', () => {
  const piece = fc.constantFrom(
    'a',
    'b=',
    '=',
    ' ',
    '  ',
    '"',
    "'",
    '{{',
    '}}',
    '{%',
    '%}',
    '\\',
    '\n',
    'x=1',
    '\\"',
    'é',
    '#',
    '{#',
    '#}',
  );
  const texts = fc
    .sample(
      fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join('')),
      { numRuns: 1500, seed: 7 },
    )
    // Ansible itself dies of these: its list of words is empty when a blank asks for the last one.
    .filter((text) => !/^\s|^\\/.test(text));
  const theirs = python(SCRIPT, texts) as unknown[] | undefined;
  if (!theirs) return console.log('skipped: no Python with Ansible');
  for (const [index, text] of texts.entries()) assert.equal(ours(text), theirs[index], JSON.stringify(text));
});

kv('splitting loses nothing of words without quotes', () => {
  const word = fc.stringMatching(/^[a-z0-9/.:_-]{1,8}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
      assert.equal(splitArgs(words.join(' ')), words);
      assert.is(joinArgs(splitArgs(words.join(' '))), words.join(' '));
    }),
  );
});

kv('a quoted value comes back as it was', () => {
  const value = fc.stringMatching(/^[a-z =:{]{0,12}$/).filter((text) => !text.includes('{{'));
  fc.assert(fc.property(value, (text) => assert.equal(parseKv(`k="${text}"`).values, { k: text })));
});

kv.run();
