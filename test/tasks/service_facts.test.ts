import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepReply } from '../../run/task.ts';
import serviceFacts from '../../tasks/service_facts.ts';
import { runStep } from '../helpers/step.ts';

const test = suite('service_facts');

test('units, unit files and init scripts', () => {
  const stdout = [
    '\u0001units',
    'ssh.service loaded active running OpenBSD Secure Shell server',
    'bad.service loaded failed failed A lamp',
    'gone.service not-found inactive dead gone.service',
    '\u0001files',
    'ssh.service enabled enabled',
    'gone.service disabled enabled',
    'spare.service disabled enabled',
    '\u0001init',
    ' [ + ]  cron',
    ' [ - ]  old',
  ].join('\n');
  const reply = { status: 'ok', stdout, fields: {} } as unknown as StepReply;
  assert.equal(serviceFacts.result!(reply, {}, {} as never).ansible_facts, {
    services: {
      cron: { name: 'cron', state: 'running', status: 'n/a', source: 'sysv' },
      old: { name: 'old', state: 'stopped', status: 'n/a', source: 'sysv' },
      'ssh.service': { name: 'ssh.service', state: 'running', status: 'enabled', source: 'systemd' },
      'bad.service': { name: 'bad.service', state: 'failed', status: 'unknown', source: 'systemd' },
      'gone.service': { name: 'gone.service', state: 'stopped', status: 'not-found', source: 'systemd' },
      'spare.service': { name: 'spare.service', state: 'stopped', status: 'disabled', source: 'systemd' },
    },
  });
});

test('its step runs where there is no systemd', async () => {
  const { reply, result } = await runStep(serviceFacts, {});
  assert.is(reply!.status, 'ok');
  assert.type(result.ansible_facts!.services, 'object');
});

test.run();
