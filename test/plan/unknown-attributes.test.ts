import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compileTemplate } from '../../run/jinja/template.ts';
import { Names } from '../../run/plan/inspect/names.ts';
import { unknownAttributes } from '../../run/plan/inspect/unknown-attributes.ts';

const test = suite('keys that no mapping has');

const FILE = 'template.j2';

/** `path -> what was meant` of each finding. */
function found(templates: string[], data: Record<string, unknown>, scanned: unknown = []): string[] {
  const names = new Names();
  names.addVariables(data);
  names.scan(scanned);
  const seen = templates.map((text) => ({
    template: compileTemplate(text, { file: FILE, line: 1, column: 1 }),
    place: { file: FILE, line: 1, column: 1 },
  }));
  return unknownAttributes(seen, names.values).map(({ name, near, place }) => `${name} -> ${near} at ${place.column}`);
}

const broker = { port: 1883, tls: { certificate: 'x' }, items: [] };

test('tells a key that is nearly another', () => {
  assert.equal(found(['{{ broker.prot }}'], { broker }), ['broker.prot -> broker.port at 11']);
  assert.equal(found(["{{ broker['prot'] }}"], { broker }), ['broker.prot -> broker.port at 10']);
  assert.equal(found(['{% if broker.tls.certficate %}{% endif %}'], { broker }), [
    'broker.tls.certficate -> broker.tls.certificate at 18',
  ]);
});

const SILENT: [why: string, templates: string[], data: Record<string, unknown>, scanned?: unknown][] = [
  ['it is there', ['{{ broker.port }} {{ broker.tls.certificate }}'], { broker }],
  ['another of that name has it', ['{{ broker.prot }}'], { broker }, { vars: { broker: { prot: 1 } } }],
  ['it is made by a template', ['{{ broker.prot }}'], { broker: '{{ other }}' }],
  ['another is made by a template', ['{{ broker.prot }}'], { broker }, { vars: { broker: '{{ other }}' } }],
  ['a key is a template', ['{{ broker.prot }}'], { broker: { port: 1, '{{ x }}': 2 } }],
  ['nothing is near', ['{{ broker.password }}'], { broker }],
  ['it is empty, to be filled by others', ['{{ broker.prot }}'], { broker: {} }],
  ['a result has that name', ['{{ broker.prot }}'], { broker }, [{ register: 'broker' }]],
  ['a loop has that name', ['{{ broker.prot }}'], { broker }, [{ loop_control: { loop_var: 'broker' } }]],
  ['the template has its own', ['{% for broker in brokers %}{{ broker.prot }}{% endfor %}'], { broker }],
  ['it has a default', ['{{ broker.prot | default(1) }}'], { broker }],
  ['another template asks', ['{{ broker.prot }}', '{{ broker.prot is defined }}'], { broker }],
  ['another template looks for keys', ['{{ broker.prot }}', "{{ 'prot' in broker }}"], { broker }],
  ['another template makes keys', ['{{ broker.prot }}', "{{ broker.update({'prot': 1}) }}"], { broker }],
  ['it is a method', ['{{ broker.values() }} {{ broker.keys() }}'], { broker }],
  ['it leads through what is no mapping', ['{{ broker.port.prot }}'], { broker }],
];
for (const [why, templates, data, scanned] of SILENT)
  test(`is silent where ${why}`, () => {
    assert.equal(found(templates, data, scanned), []);
  });

test.run();
