import fc, { type Arbitrary } from 'fast-check';

/* Expressions and conditions over what random plays define: v1 to v4, results r1 to r3, the hosts' own variables. */

/** Some of these fail where a result is missing or was skipped: both tools have to fail alike. */
export const CONDITIONS: Arbitrary<unknown> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom<unknown>(
      'v1 == 1',
      'v2 | bool',
      'not v2',
      'v3 is defined',
      'v3 is not defined or v3 | length > 2',
      "inventory_hostname == 'h1'",
      "inventory_hostname in groups['lamps']",
      "'street' in group_names",
      'number | int > 1',
      'r1 is not defined or r1 is changed',
      'r1 is defined and r1 is succeeded',
      'r2 is not defined or r2 is not failed',
      'r2 is not defined or r2 is not skipped',
      "r3.stdout | default('x') != ''",
      '(r3 | default({})).rc | default(0) == 0',
      'settings.port == 1883 and not settings.tls',
      true,
      false,
      ['v1 == 1', "inventory_hostname != 'h3'"],
      ['v4 | length == 2', 'v1 is number'],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>('r1 is failed', 'r2.changed', 'r3.rc == 0', 'nowhere | bool', 'nowhere'),
  },
);

/** Conditions on the items of a loop. */
export const ITEM_CONDITIONS: Arbitrary<unknown> = fc.constantFrom<unknown>(
  'item != 2',
  'item is number',
  "item | string != 'b'",
  "not (item == 1 and inventory_hostname == 'h2')",
  'item is not mapping or item.key is defined',
);

/** Values, most of them templates. */
export const VALUES: Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.boolean(),
  fc.constantFrom<unknown>(
    'plain',
    '{{ v1 }}',
    '{{ v1 + 1 }}',
    'a {{ v1 }} b',
    '{{ v2 }}',
    '{{ v3 | default("none") }}',
    '{{ v3 | default([]) | length }}',
    '{{ inventory_hostname }}-{{ number }}',
    '{{ [v1, v2, inventory_hostname] }}',
    "{{ {'k': v1, 'l': [v2]} }}",
    '{{ v4 | first }}',
    '{{ v4 | reverse | list }}',
    "{{ v4 | join(',') | upper }}",
    '{{ settings | combine({"port": v1}) }}',
    '{{ settings | dict2items | map(attribute="key") | list | sort }}',
    "{{ r1.stdout | default('no r1') }}",
    "{{ (r2 | default({})).changed | default('no r2') }}",
    '{{ r1 is defined and r1 is changed }}',
    '{{ r3.results | default([]) | length }}',
    "{{ 'yes' if v2 else 'no' }}",
    '{{ (v1 | int) * 2 }}',
    "{{ hostvars['h1'].number }}",
    "{{ groups['lamps'] | map('extract', hostvars, 'number') | list }}",
    '{{ ansible_play_hosts }} {{ ansible_play_batch }}',
    '{{ v1 | string ~ "x" }}',
    '{{ omit is defined }}',
    '{{ lookup("env", "PARITY_WORD") }}',
    '{{ role_name | default("no role") }}',
    '{% for x in v4 %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}',
    "{{ v4 | zip([1, 2]) | map('join', '-') | list }}",
    '{{ none }}',
    '',
    null,
    ['{{ v1 }}', 'b'],
  ),
);

/** What a loop goes over, with the keyword for it. */
export const LOOPS: Arbitrary<Record<string, unknown>> = fc.constantFrom<Record<string, unknown>>(
  { loop: [1, 2] },
  { loop: ['a', 'b', 'c'] },
  { loop: '{{ v4 }}' },
  { loop: '{{ range(number | int) | list }}' },
  { loop: [] },
  { loop: '{{ settings | dict2items }}' },
  { loop: '{{ r1.results | default([3]) | map(attribute="item", default=7) | list }}' },
  { with_items: [1, [2, 3]] },
  { with_items: '{{ v4 }}' },
  { with_dict: { k: 1, l: 2 } },
  { with_nested: [[1, 2], ['x']] },
  { with_together: [[1, 2], ['x']] },
  { with_indexed_items: ['a', 'b'] },
  { with_sequence: 'start=1 end=2' },
  { with_subelements: [[{ n: 1, s: [1, 2] }], 's'] },
  { loop: [1, 2], loop_control: { index_var: 'place', label: 'no {{ item }}' } },
  { loop: ['a', 'b'], loop_control: { extended: true } },
  { loop: [1, 2], loop_control: { loop_var: 'item', label: '{{ item }}' } },
);
