import { z } from 'zod';
import { raw } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

interface Service {
  name: string;
  state: string;
  status: string;
  source: string;
}

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/service_facts_module.html */
export default defineTask({
  name: 'ansible.builtin.service_facts',
  summary: 'Lists the services as facts.',
  args: z.strictObject({}),
  checkMode: 'reads',
  facts: true,
  returns: { ansible_facts: '`services`: name -> name, state, status, source.' },
  example: `
- ansible.builtin.service_facts:
- ansible.builtin.debug:
    var: ansible_facts.services['mosquitto.service'].state`,
  step: () =>
    raw(`export LC_ALL=C SYSTEMD_COLORS=0
if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
  printf '\\001units\\n'; systemctl list-units --no-pager --type service --all --plain --no-legend
  printf '\\001files\\n'; systemctl list-unit-files --no-pager --type service --no-legend
fi
if command -v service >/dev/null && [ -d /etc/init.d ]; then
  printf '\\001init\\n'; service --status-all 2>/dev/null
fi
return 0`),
  result: (reply) => {
    if (reply.status === 'failed')
      return { changed: false, failed: true, msg: reply.fields.msg ?? reply.stderr.trim() };
    const sections = new Map(
      reply.stdout
        .split('\u0001')
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1).split('\n')] as const),
    );
    const services: Record<string, Service> = {};
    for (const line of sections.get('init') ?? []) {
      const match = /^ *\[ ([-+?]) ] +(\S+)/.exec(line);
      if (match !== null)
        services[match[2]!] = {
          name: match[2]!,
          state: match[1] === '+' ? 'running' : 'stopped',
          status: 'n/a',
          source: 'sysv',
        };
    }
    for (const line of sections.get('units') ?? []) addUnit(line, services);
    for (const line of sections.get('files') ?? []) addFile(line, services);
    return { changed: false, ansible_facts: { services } };
  },
});

/** `ssh.service loaded active running OpenBSD Secure Shell server` */
function addUnit(line: string, services: Record<string, Service>): void {
  const [name, load, , sub] = line
    .trim()
    .replace(/^[●○*] +/, '')
    .split(/\s+/);
  if (name === undefined || !name.endsWith('.service')) return;
  const missing = load === 'not-found' || load === 'masked' || load === 'failed';
  const state = missing ? 'stopped' : sub === 'running' || sub === 'failed' ? sub : 'stopped';
  services[name] = { name, state, status: missing ? load! : 'unknown', source: 'systemd' };
}

/** `ssh.service enabled enabled` */
function addFile(line: string, services: Record<string, Service>): void {
  const [name, status] = line.trim().split(/\s+/);
  if (name === undefined || status === undefined) return;
  const known = services[name];
  if (known === undefined)
    services[name] = { name, state: status === 'enabled' ? 'inactive' : 'stopped', status, source: 'systemd' };
  else if (!['not-found', 'masked', 'failed'].includes(known.status)) known.status = status;
}
