import fc, { type Arbitrary } from 'fast-check';

/*
 * Random templates of a grammar: `<text>` in a shape stands for any expression of that kind. What Python can tell and we
 * leave out on purpose (complex numbers, the repr of undefined values, files of the controller) is not in it.
 */

export const VARIABLES = {
  x: 'hello',
  n: 5,
  neg: -7,
  pi: 3.5,
  one: 1.0,
  yes: true,
  empty: '',
  s: 'a,b,,c',
  pad: '  two words ',
  lines: 'line one\nline two\n  indented\n',
  path: '/etc/mosquitto/mosquitto.conf',
  number: '42',
  ver: '2.0.11',
  utf: 'é✓ß',
  html: '<a & "b">',
  list: [3, 1, 2],
  words: ['Pear', 'apple', 'fig', 'Apple'],
  mixed: [1, 'a', null, true, 2.5],
  rows: [
    { k: 'x', v: 1 },
    { k: 'y', v: null },
    { k: 'x', v: 3 },
  ],
  users: [
    { name: 'ann', uid: 1001, admin: true, groups: ['g1', 'g2'] },
    { name: 'bob', uid: 1002, admin: false, groups: [] },
  ],
  d: { b: 2, a: 1 },
  deep: { x: { y: [{ z: 1 }, { z: 2 }] }, items: 'shadow', l: [], none: null },
};

type Kind = 'text' | 'number' | 'list' | 'dict' | 'truth' | 'any';

const words = (text: string) => text.trim().split(/\s+/);
const lines = (text: string) => text.trim().split(/\s*\n\s*/);

const LEAVES: Record<Exclude<Kind, 'any'>, string[]> = {
  text: [
    ...words(`x s pad lines path number ver utf html empty words[0] users[0].name "it's" 'x%sy' 'a-b_c' '-12' '1e3'`),
  ],
  number: words('n neg pi one 0 1 -1 3 2.5 1e3 0.1 1_000 0x10 1e20 1e-7 123456789.125 list[0] users[0].uid 1048576'),
  list: words(
    `list words mixed rows users [] (1,2) ('a',) [[1,[2,[3]]],4] ['b','a','B'] [1.0,1,true,'1'] s.split(',') d.items()|list deep.x.y`,
  ),
  dict: words(`d deep {} users[0] rows[1] {'a':1,'b':[1]} {'x':{'y':1}} {'q':none}`),
  truth: [...words('true false yes none'), 'n > 3', "x == 'hello'", "'a' in d", '2 in list'],
};

const SHAPES: Record<Kind, string[]> = {
  text: lines(`
    <text> | upper
    <text> | lower | title
    <text> | capitalize
    <text> | trim
    <text> | trim('ah')
    <text> | urlencode
    <text> | striptags
    <text> | reverse
    <text> | quote
    <text> | b64encode
    <text> | basename
    <text> | dirname
    <text> | hash('sha1')
    <text> | center(20)
    <text> | indent(2, true)
    <text> | indent('> ')
    <text> | truncate(7)
    <text> | truncate(9, true, '..', 0)
    <text> | replace('a', 'b', 1)
    <text> | regex_replace('[aeiou]', '<\\\\g<0>>')
    <text> | regex_replace('(.)(.)', '\\\\2\\\\1')
    <text> | regex_escape
    <text> | regex_search('[a-z]+')
    <text> | comment
    <text> | comment('c')
    <text> | ternary(<any>, <any>)
    <text> | default('D', true)
    <text> | splitext | first
    <text> | to_uuid
    <text> | pprint
    <text> | urlize
    <text>.strip()
    <text>.rstrip('a ')
    <text>.swapcase()
    <text>.zfill(6)
    <text>.ljust(8, '.')
    <text>.center(9, '*')
    <text>.split()
    <text>.split(None, 1)
    <text>.rsplit('.', 1)[0]
    <text>.partition('.')[2]
    <text>.expandtabs(4)
    <text>.splitlines(true)
    <text>.removeprefix('h')
    <text>.translate({97: 'x'})
    <text>.join(words)
    <text>[1:]
    <text>[::-1]
    <text>[-3:]
    <text>[5:1:-1]
    <text> ~ <any>
    (<text> + <text>)
    (<text> * 2)
    (<text> if <truth> else <text>)
    (<any>) | string
    <list> | join(', ')
    <list> | join('-', attribute='k')
    '%s/%s' | format(<any>, <any>)
    (<text> ~ '') | wordwrap(8)
    '%-5s|%r' % (<any>, <any>)
    '%05.2f' | format(<number>)
    '%5.1e %+d' % (<number>, <number>)
    '{0:>5}|{1!r}|{k:^7}'.format(<number>, <list>, k=<text>)
    '{:>6}'.format(<truth>)
    '{:,} {:+.2e} {:%}'.format(<number>, <number>, <number>)
    <any> | to_json
    <any> | to_nice_json
    <any> | to_yaml
    <any> | to_nice_yaml
    <any> | to_nice_yaml(indent=4, sort_keys=false)
    <any> | pprint
  `),
  number: lines(`
    (<number> + <number>)
    (<number> - <number>)
    (<number> * <number>)
    (<number> / <number>)
    (<number> // <number>)
    (<number> % <number>)
    (<number> | int) ** 2
    -<number>
    <list> | length
    <list> | sum
    <list> | max
    <list> | sum(attribute='v')
    <text> | length
    <text> | wordcount
    <text>.find('l')
    <text>.count('a')
    <any> | int
    <any> | int(7)
    <any> | float(1.5)
    <text> | int(0, 16)
    (<number>) | abs
    (<number>) | round
    (<number>) | round(1, 'floor')
    (<number>) | round(-1)
    (<number>) | human_readable
    (<number>) | filesizeformat(true)
    (<number>) | root
    (<number>) | pow(2)
    (<truth> + <number>)
  `),
  list: lines(`
    <list> | sort
    <list> | sort(reverse=true, case_sensitive=true)
    <list> | sort(attribute='k,v')
    <list> | unique
    <list> | reverse | list
    <list> | flatten
    <list> | flatten(levels=1)
    <list> | batch(2, '-') | list
    <list> | slice(2) | list
    <list> | map('upper') | list
    <list> | map('int') | list
    <list> | map(attribute='v', default=0) | list
    <list> | map(attribute='v') | map('default', 'q', true) | list
    <list> | map('regex_replace', 'a', 'b') | list
    <list> | map('combine', {'z': 1}) | list
    <list> | map('type_debug') | list
    <list> | select | list
    <list> | select('string') | list
    <list> | select('match', 'a') | list
    <list> | reject('equalto', 1) | list
    <list> | selectattr('admin') | list
    <list> | selectattr('k', 'equalto', 'x') | list
    <list> | selectattr('v', 'defined') | list
    <list> | rejectattr('v', 'in', [1, 2]) | list
    <list> | zip(list) | list
    <list> | zip_longest(list, fillvalue=0) | list
    <list> | product([1, 2]) | list
    <list> | combinations(2) | list
    <list> | list | union(<list> | list)
    <list> | intersect(<list>)
    <list> | difference(<list> | list)
    <list> | list | symmetric_difference([1, 5])
    <list> | subelements('groups')
    <list> | first
    <list> | last
    <list>[1:]
    <list>[::-1]
    (<list> + <list>)
    (<list> if <truth> else <list>)
    [<any>, <any>]
    (<any>, <any>)
    <text>.split('a')
    <text> | list
    <text> | regex_findall('[a-z](.)')
    <text> | from_yaml
    <dict> | dictsort
    <dict> | dictsort(false, 'value')
    <dict> | dict2items
    <dict>.items() | list
    <dict>.values() | list
    <dict> | list
  `),
  dict: lines(`
    <dict> | combine(<dict>)
    <dict> | combine(<dict>, recursive=true)
    <dict> | combine(<dict>, recursive=true, list_merge='append_rp')
    dict(words | zip(<list>))
    <dict> | dict2items | items2dict
    <dict> | to_json | from_json
    <dict> | to_nice_yaml | from_yaml
    {'w': <any>, <text>: <any>}
    dict(<dict>, zz=<any>)
  `),
  truth: lines(`
    <any> == <any>
    <any> != <any>
    <number> < <number>
    <number> <= <number> < <number>
    <text> < <text>
    <any> in <list>
    <text> not in <text>
    (<truth> and <truth>)
    (<truth> or <any>)
    not <truth>
    <any> | bool
    (<any>) is string
    (<any>) is number
    (<any>) is mapping
    (<any>) is not sequence
    (<any>) is iterable
    (<any>) is none
    (<any>) is truthy
    (<number>) is odd
    (<number>) is divisibleby 2
    (<text>) is match('a')
    (<text>) is search('l')
    (<text>) is version('2.0', '>=')
    (<list>) is subset([1, 2, 3])
    (<list>) is contains(1)
    (<list>) is any
    (<list>) is all
    <any> is sameas none
    <dict>.nothing is defined
    nothing is not defined
  `),
  any: lines(`
    nothing | default('z')
    d.nothing | default(<any>)
    deep['items']
    deep.none
    users[1].name
    rows[1].v
  `),
};

const STATEMENTS = lines(`
  {{ <any> }}
  {{ <any> }}
  {{ <any> | tojson(2) }}
  {{ rows | map(attribute='v') | list + <list> }}
  {{ rows | groupby('k') | list }}{{ rows | map(attribute='k') | map('extract', {'x': <any>, 'y': <any>}) | list }}
  {{ <any> }}{{ <text> | e }}
  {% for i in <list> %}{{ i }}{{ ',' if not loop.last }}{% else %}none{% endfor %}
  {% for i in <list> %}{{ loop.previtem | default('-') }}<{{ loop.nextitem | default('-') }};{% endfor %}
  {% for i in <list> if i %}{{ loop.index }}/{{ loop.length }}{{ loop.cycle('a', 'b') }}{% endfor %}
  {% for i in <list> %}{% if loop.changed(i) %}{{ i }}{% endif %}{% endfor %}
  {% for k, v in <dict>.items() %}{{ k }}={{ v }};{% endfor %}
  {% for a, b in <list> %}{{ a }}{{ b }}{% endfor %}
  {% if <truth> %}A{% elif <any> %}B{% else %}C{% endif %}
  {% set q = <any> %}{{ q }}|{{ q is string }}
  {% set a, b = <list> %}{{ a }}-{{ b }}
  {% set t %}b{{ <text> }}{% endset %}{{ t | upper }}
  {% macro m(a, b=<any>, c='z') %}[{{ a }}{{ b }}{{ c }}{{ varargs }}{{ kwargs }}]{% endmacro %}{{ m(<any>, 1, 2, 3) }}{{ m(<any>, k=5) }}
  {% filter upper %}a {{ <text> }} b{% endfilter %}
  {% set ns = namespace(t=0) %}{% for i in <list> %}{% set ns.t = ns.t + 1 %}{% endfor %}{{ ns.t }}
  {% with a = <any> %}{{ a }}{% endwith %}
  {% raw %}{{ x }}{% endraw %}{{ <any> }} tail
  a {%- if <truth> -%} b {%- endif %} c
`);

const kinds = Object.keys(LEAVES) as Exclude<Kind, 'any'>[];
const DEEPEST = 3;

const { statement } = fc.letrec<Record<Kind | 'statement', string>>((tie) => {
  const filled = (shape: string): Arbitrary<string> => {
    const parts = shape.split(/<(text|number|list|dict|truth|any)>/);
    const each = parts.map((part, i) => (i % 2 === 0 ? fc.constant(part) : tie(part as Kind)));
    return fc.tuple(...each).map((all) => all.join(''));
  };
  const expression = (kind: Exclude<Kind, 'any'>) =>
    fc.oneof(
      { maxDepth: DEEPEST, depthIdentifier: 'expression' },
      fc.constantFrom(...LEAVES[kind]),
      ...SHAPES[kind].map(filled),
    );
  return {
    ...(Object.fromEntries(kinds.map((kind) => [kind, expression(kind)])) as Record<
      (typeof kinds)[number],
      Arbitrary<string>
    >),
    any: fc.oneof(
      { maxDepth: DEEPEST, depthIdentifier: 'expression' },
      fc.constantFrom(...LEAVES.text),
      ...kinds.map((kind) => tie(kind)),
      ...SHAPES.any.map(filled),
    ),
    statement: fc.oneof(...STATEMENTS.map(filled)),
  };
});

export const TEMPLATES: Arbitrary<string> = statement;
