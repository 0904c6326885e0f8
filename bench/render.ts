import nunjucks from 'nunjucks';
import { compileTemplate } from '../run/jinja/template.ts';
import { type Benchmark, compare, type Row } from './lib/benchmark.ts';
import { program } from './lib/process.ts';

/*
 * Templates a second in one warm process: ours and nunjucks in this one, real Jinja2 in a Python of its own that times
 * itself. All get the same text and data, and must give the same output.
 */

const SECONDS = 1;

/** About 300 lines: what a role writes for a broker with many listeners and bridges. */
const SETTINGS = `# {{ ansible_managed }}
persistence {{ 'true' if persistence else 'false' }}
{% for listener in listeners %}
listener {{ listener.port }} {{ listener.address | default('0.0.0.0') }}
{%   if listener.tls %}
certfile /etc/mosquitto/certs/{{ name }}.crt
keyfile /etc/mosquitto/certs/{{ name }}.key
{%   endif %}
max_connections {{ listener.limit | default(-1) }}
{% endfor %}
{% for bridge in bridges | sort(attribute='name') %}
connection {{ bridge.name | lower }}
address {{ bridge.address }}:{{ bridge.port }}
{%   for topic in bridge.topics %}
topic {{ topic.pattern }} {{ topic.direction | default('both') }} {{ topic.qos | default(0) }} {{ topic.prefix ~ '/' if topic.prefix is defined else '""' }}
{%   endfor %}
{% endfor %}
`;

const TEMPLATES: Record<string, { source: string; data: Record<string, unknown> }> = {
  'an expression': { source: '{{ base }}/{{ name }}.conf', data: { base: '/etc/mosquitto', name: 'bridge' } },
  'a settings file of 300 lines': {
    source: SETTINGS,
    data: {
      ansible_managed: 'managed',
      name: 'cloud',
      persistence: true,
      listeners: Array.from({ length: 20 }, (_, i) => ({ port: 1883 + i, tls: i % 2 === 0, limit: i * 10 })),
      bridges: Array.from({ length: 25 }, (_, i) => ({
        name: `Lamp${i}`,
        address: '192.0.2.1',
        port: 50001 + i,
        topics: Array.from({ length: 6 }, (_, j) => ({ pattern: `devices/${i}/${j}/#`, direction: 'out', qos: j % 3 })),
      })),
    },
  },
};

const PYTHON = `
import json, sys, time
from jinja2 import Environment
work = json.load(sys.stdin)
template = Environment(trim_blocks=True, keep_trailing_newline=True).from_string(work['source'])
output = template.render(work['data'])
count, start = 0, time.process_time()
while time.process_time() - start < work['seconds']:
    template.render(work['data'])
    count += 1
print(json.dumps({'output': output, 'rate': count / (time.process_time() - start)}))
`;

export default {
  title: 'Templates, compiled once (renderings for each second of CPU: more is better)',
  async run(options) {
    const rows: Row[] = [];
    for (const [work, { source, data }] of Object.entries(TEMPLATES)) {
      let [ours, theirs, others] = ['', '', ''];
      const lamplighter = async () => {
        const template = compileTemplate(source, { trimBlocks: true, keepTrailingNewline: true });
        const scope = { resolve: (name: string) => data[name] };
        const render = () => template.renderString(scope, {});
        ours = render();
        return { 'renderings/s': rate(render) };
      };
      const jinja = async () => {
        const input = JSON.stringify({ source, data, seconds: SECONDS });
        const { stdout, exitCode, stderr } = await program(['/usr/bin/python3', '-c', PYTHON], { input });
        if (exitCode !== 0) throw new Error(stderr);
        const answer = JSON.parse(stdout) as { output: string; rate: number };
        theirs = answer.output;
        return { 'renderings/s': answer.rate };
      };
      const npm = async () => {
        const environment = new nunjucks.Environment(null, { autoescape: false, trimBlocks: true });
        const template = nunjucks.compile(source, environment);
        const render = () => template.render(data);
        others = render();
        return { 'renderings/s': rate(render) };
      };
      rows.push(
        ...(await compare(
          work,
          [
            { tool: 'lamplighter', run: lamplighter },
            { tool: 'Jinja2 in Python', run: jinja },
            { tool: 'nunjucks', run: npm },
          ],
          options,
        )),
      );
      if (ours !== theirs || ours !== others) throw new Error(`${work}: the renderings differ`);
    }
    return rows;
  },
} satisfies Benchmark;

function rate(work: () => void): number {
  for (let i = 0; i < 200; i++) work();
  const start = process.cpuUsage();
  const spent = () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  let count = 0;
  do {
    work();
    count++;
  } while (count % 16 !== 0 || spent() < SECONDS);
  return count / spent();
}
