import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import { Float } from '../../run/jinja/values/types.ts';
import { contentPlaceOf, keyPlaceOf, placeOf } from '../../run/playbook/places.ts';
import { readYaml } from '../../run/playbook/yaml.ts';
import { UnsafeText, VaultText } from '../../run/playbook/yaml-values.ts';
import { python } from './tree.ts';

const yaml = suite('yaml');

const SCALARS =
  `y n Y N yes No ON off true False TRUE null ~ Null none 1 -1 +1 0 00 08 010 0o10 0x1F 0b101 1_000 1e3 1.0e3 1.5e+3 1. .5
-.5 1.0 1.50 3.14 .inf -.INF .nan 1:30 190:20:30 1:30.5 12:61 2001-12-14 2001-12-14T21:59:43Z 12e03 1e+3 - a:b http://x a#b 0644 644 1.2.3
10.0.0.1 0x 0b2 _1 1_ 9007199254740993 123456789012345678901234567890 yEs oN 0777 -0 -0.0 1,000 + . .. .5. 1.5.6 @x`
    .split(/\s+/)
    .filter((text) => text !== '@x');

const DOCUMENTS = [
  ...SCALARS.map((text) => `v: ${text}`),
  ...SCALARS.map((text) => `[${text.replace(/^[-=]$/, 'x')}]`),
  'v: "quoted: yes"\nw: \'1\'\nx: |\n  a\n   b\n\ny: >-\n  a\n  b\nz: >\n  p\n\n  q\n',
  'a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n  m: 4\n',
  'a: &x {k: 1}\nb: &y {k: 2, z: 5}\nc:\n  <<: [*x, *y]\n',
  '- a\n- - b\n  - c\n-\n- {}\n- []\n- "\\u00e9\\n\\t"\n',
  '1: a\n2: b\ntrue: c\n"3": d\n',
  'v: !!str 1\nw: !!int "2"\nx: !!float 3\ny: !!bool "yes"\nz: !!null ""\n',
  'v: a  # comment\nw: "a # b"\n# end\n',
  'v: multi\n  line\n  plain\n',
  '{"json": [1, 1.0, true, null, "x"], "nested": {"a": "\\u00fc"}}',
  '{\n\t"tabs": 1\n}',
  '{"e": 1e3, "f": 2E+2}',
  '',
  '# nothing\n',
  '---\na: 1\n...\n',
  'key with spaces: 1\n? complex\n: value\n',
];

/** Values with their Python types, so that 1, 1.0, true and "1" differ. */
function typed(value: unknown): unknown {
  if (value === null) return ['NoneType'];
  if (value instanceof Float) return ['float', String(value.value)];
  if (typeof value === 'bigint') return ['int', String(value)];
  if (typeof value === 'number') return Number.isSafeInteger(value) ? ['int', String(value)] : ['float', String(value)];
  if (typeof value === 'string' || typeof value === 'boolean')
    return [typeof value === 'string' ? 'str' : 'bool', String(value)];
  if (Array.isArray(value)) return ['list', value.map(typed)];
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return ['dict', entries.map(([key, item]) => [typed(key), typed(item)])];
}

const SCRIPT = `
import datetime
from ansible.parsing.utils.yaml import from_yaml
def number(f):
    if f != f: return 'NaN'
    if f in (float('inf'), float('-inf')): return 'Infinity' if f > 0 else '-Infinity'
    return str(int(f)) if f == int(f) and abs(f) < 1e21 else repr(f)
def typed(v):
    if v is None: return ['NoneType']
    if isinstance(v, bool): return ['bool', str(v).lower()]
    if isinstance(v, int): return ['int', str(v)]
    if isinstance(v, float): return ['float', number(v)]
    if isinstance(v, str): return ['str', str(v)]
    if isinstance(v, (datetime.date, datetime.datetime)): return ['date']
    if isinstance(v, list): return ['list', [typed(x) for x in v]]
    return ['dict', [[typed(k), typed(x)] for k, x in v.items()]]
def one(text):
    try: return typed(from_yaml(text))
    except Exception as e: return ['error', str(e)[:80]]
print(json.dumps([one(t) for t in json.load(sys.stdin)]))`;

yaml('reads every scalar and document as Ansible does', () => {
  const theirs = python(SCRIPT, DOCUMENTS) as unknown[] | undefined;
  if (!theirs) return console.log('skipped: no Python with Ansible');
  for (const [index, text] of DOCUMENTS.entries()) {
    const expected = JSON.stringify(theirs[index]);
    // Python makes dates of these; here they stay the text that such a date prints as.
    if (expected.includes('["date"]'))
      assert.ok(JSON.stringify(typed(readYaml(text, 'f'))).includes('"str","2001-12-14'));
    else if (expected.startsWith('["error"')) assert.is((outcome(text) as string[])[0], 'error', text);
    else assert.equal(outcome(text), theirs[index], text);
  }
});

function outcome(text: string): unknown {
  try {
    return typed(readYaml(text, 'f'));
  } catch (error) {
    return ['error', (error as Error).message];
  }
}

yaml('knows the place of every container, key and value', () => {
  const value = readYaml('a:\n  - x\n  -   "q"\nb: |\n  text\nc: {d: e}\n', 'f.yml') as {
    a: string[];
    b: string;
    c: object;
  };
  assert.equal({ ...placeOf(value) }, { file: 'f.yml', line: 1, column: 1 });
  assert.equal({ ...placeOf(value, 'a') }, { file: 'f.yml', line: 2, column: 3 });
  assert.equal({ ...placeOf(value.a, 0) }, { file: 'f.yml', line: 2, column: 5 });
  assert.equal({ ...placeOf(value.a, 1) }, { file: 'f.yml', line: 3, column: 7 });
  assert.equal({ ...contentPlaceOf(value.a, 1) }, { file: 'f.yml', line: 3, column: 8 });
  assert.equal({ ...keyPlaceOf(value, 'b') }, { file: 'f.yml', line: 4, column: 1 });
  assert.equal({ ...contentPlaceOf(value, 'b') }, { file: 'f.yml', line: 5, column: 3 });
  assert.equal({ ...keyPlaceOf(value.c, 'd') }, { file: 'f.yml', line: 6, column: 5 });
  assert.is(placeOf({}), undefined);
  assert.equal(JSON.stringify(value), '{"a":["x","q"],"b":"text\\n","c":{"d":"e"}}', 'places do not show');
});

yaml('keeps !unsafe and !vault apart from strings', () => {
  const vault = { decryptText: (text: string) => `clear ${text.trim()}` };
  const value = readYaml('a: !unsafe "{{ x }}"\nb: !vault |\n  $ANSIBLE\nc: !unsafe [p, {q: r}]\n', 'f', {
    vault,
  }) as Record<string, unknown>;
  assert.instance(value.a, UnsafeText);
  assert.is(String(value.a), '{{ x }}');
  assert.instance(value.b, VaultText);
  assert.is((value.b as VaultText).reveal(), 'clear $ANSIBLE');
  assert.is(String(value.b), '(encrypted)');
  assert.equal(
    (value.c as UnsafeText[]).map((each) => each.constructor.name),
    ['UnsafeText', 'Object'],
  );
});

const ERRORS: [text: string, code: string, line: number, column: number, said: RegExp][] = [
  ['a: {{ x }}', 'YAML_UNQUOTED_BRACES', 1, 4, /quote/],
  ['a: {{ x }}/foo', 'YAML_UNQUOTED_BRACES', 1, 4, /quote/],
  ['- k:\n    - {{ item.name }}', 'YAML_UNQUOTED_BRACES', 2, 7, /quote/],
  ['a: 1\nb: 2\na: 3', 'YAML_DUPLICATE_KEY', 3, 1, /"a".*line 1/],
  ['a: b: c', 'YAML_SYNTAX', 1, 4, /quote/],
  ['a:\n\tb: 1', 'YAML_SYNTAX', 2, 1, /spaces/],
  ['- a\n---\n- b', 'YAML_SYNTAX', 2, 1, /more than one/],
  ['a: "open', 'YAML_SYNTAX', 1, 4, /close the quote/],
  ['a: !what x', 'YAML_SYNTAX', 1, 4, /!what/],
  ['a: *nowhere', 'YAML_SYNTAX', 1, 4, /nowhere.*quote it/],
  ['a: 1\n b: 2', 'YAML_SYNTAX', 2, 2, /column 1, as "a" of line 1/],
  ['- n: 1\n  m: 2\n w: 3', 'YAML_SYNTAX', 3, 2, /column 3, as "m" of line 2/],
  ['- n: 1\n   m: 2', 'YAML_SYNTAX', 2, 4, /column 3, as "n" of line 1/],
  ['- h: a\n t:\n  - p:', 'YAML_SYNTAX', 2, 2, /column 3, as "h" of line 1/],
  ['a:\n  b: 1\n c: 2', 'YAML_SYNTAX', 3, 2, /column 3, as "b" of line 2/],
  ['l:\n  - a\n   - b: 1\n  -  c', 'YAML_SYNTAX', 2, 5, /./],
  ['l:\n  - a: 1\n   - b: 1', 'YAML_SYNTAX', 3, 4, /column 3, as "-" of line 2/],
  ['l:\n    - a: 1\n   - b: 1', 'YAML_SYNTAX', 3, 4, /column 5, as "-" of line 2/],
  ['- a\n- b\nc: d', 'YAML_SYNTAX', 3, 1, /beside the items of a list/],
  ['a: - b', 'YAML_SYNTAX', 1, 4, /next line/],
  ['- debug\n    msg: x', 'YAML_SYNTAX', 1, 3, /write "debug:"/],
  ['- name:x\n  ping:', 'YAML_SYNTAX', 1, 7, /":" without a space/],
  ['-hosts: a\n  tasks: []', 'YAML_SYNTAX', 1, 1, /"-" without a space/],
  ['a: b\nc\nd: e', 'YAML_SYNTAX', 2, 1, /needs a ":"/],
  ['- a: "x\n  b: c\n', 'YAML_SYNTAX', 1, 6, /close the quote/],
  ['- a: {b: "x}\n- c', 'YAML_SYNTAX', 1, 10, /close the quote/],
  ['- a: [b, c\n- d', 'YAML_SYNTAX', 1, 6, /close it with "]"/],
  ['- a: {b: c\n- d', 'YAML_SYNTAX', 1, 6, /close it with "}"/],
  ['a: [b, c}]', 'YAML_SYNTAX', 1, 9, /"}" where "]"/],
  ["a: 'it's'", 'YAML_SYNTAX', 1, 8, /quote the whole value/],
  ['a: "x" == y', 'YAML_SYNTAX', 1, 8, /quote the whole value/],
  ['a: "\\d"', 'YAML_SYNTAX', 1, 5, /backslash/],
  ['a: %x', 'YAML_SYNTAX', 1, 4, /quote the value/],
  ['? [a]\n: b', 'YAML_SYNTAX', 1, 3, /key/],
  ['a: !!int x', 'YAML_SYNTAX', 1, 10, /not an integer/],
  ['<<: 1', 'YAML_SYNTAX', 1, 5, /merge/],
  ['a: !vault x', 'VAULT', 1, 11, /encrypted/],
];

for (const [text, code, line, column, said] of ERRORS)
  yaml(`refuses ${JSON.stringify(text)}`, () => {
    try {
      readYaml(text, 'bad.yml');
    } catch (error) {
      assert.instance(error, LamplighterError);
      const { place, hint, sourceLine, message } = error as LamplighterError;
      assert.is((error as LamplighterError).code, code);
      assert.equal({ ...place }, { file: 'bad.yml', line, column });
      assert.match(`${message} ${hint}`, said);
      assert.is(sourceLine, text.split('\n')[line - 1]);
      return;
    }
    assert.unreachable();
  });

yaml('shares what an alias names and survives many aliases', () => {
  const lines = ['a0: &a0 [x, x]', ...Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)];
  const value = readYaml(lines.join('\n'), 'f') as Record<string, unknown[]>;
  assert.is(value.a40![0], value.a39);
});

yaml.run();
