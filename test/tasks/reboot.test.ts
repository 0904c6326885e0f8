import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ActionHost, StepReply } from '../../run/task.ts';
import reboot from '../../tasks/reboot.ts';
import { runStep, withSession } from '../helpers/step.ts';

/**
 * A host that is told to reboot by a command which writes a new boot id. What happens on the way is played by
 * `reconnect`. The real thing runs in the end-to-end tests.
 */
const test = suite('reboot');

const reply = (fields: Partial<StepReply>): StepReply => ({
  status: 'ok',
  rc: 0,
  fields: {},
  diffs: [],
  warnings: [],
  stdout: '',
  stderr: '',
  seconds: 0,
  ...fields,
});

/** A host whose boot ids, one a question, are these; undefined is a connection that cannot be made. */
function playedHost(boots: (string | undefined)[]): { context: Partial<ActionHost>; ran: string[] } {
  const ran: string[] = [];
  let down = false;
  const next = () => {
    const boot = boots.length > 1 ? boots.shift() : boots[0];
    down = boot === undefined;
    return boot;
  };
  let current = next();
  return {
    ran,
    context: {
      run: async (body) => {
        ran.push(body.text);
        if (body.text.includes('boot_id')) return reply({ stdout: `${current}\n` });
        return reply({});
      },
      reconnect: async () => {
        current = next();
        if (down) throw Object.assign(new Error('connection refused'), { code: 'CONNECT' });
      },
      disconnect: async () => {},
    },
  };
}

test('waits for a changed boot id: a connection alone is no new boot', async () => {
  const host = playedHost(['one', 'one', undefined, undefined, 'two']);
  const { result } = await runStep(reboot, {}, { context: host.context });
  assert.is(result.rebooted, true);
  assert.is(result.changed, true);
  assert.is(result.failed, undefined);
  assert.ok((result.elapsed as number) >= 3, 'three tries failed');
  assert.match(host.ran[1]!, "-r 0 '\\''Reboot initiated by Ansible");
  assert.match(host.ran.at(-1)!, 'whoami');
});

test('a host that does not come back, and one that never went', async () => {
  const gone = await runStep(reboot, { reboot_timeout: 2 }, { context: playedHost(['one', undefined]).context });
  assert.is(gone.result.failed, true);
  assert.match(String(gone.result.msg), 'Timed out waiting for last boot time check (timeout=2): connection refused');
  const same = await runStep(reboot, { reboot_timeout: 2 }, { context: playedHost(['one']).context });
  assert.match(String(same.result.msg), 'boot time has not changed');
  assert.is(same.result.rebooted, false);
});

test('a connection that ends under the command is no refusal', async () => {
  const host = playedHost(['one', 'two']);
  const run = host.context.run!;
  host.context.run = async (body) => {
    if (body.text.includes('m_command')) throw Object.assign(new Error('lost'), { code: 'CONNECTION_LOST' });
    return run(body);
  };
  assert.is((await runStep(reboot, {}, { context: host.context })).result.rebooted, true);
});

test('check mode and a local connection', async () => {
  assert.equal((await runStep(reboot, {}, { check: true })).result, { changed: true, elapsed: 0, rebooted: true });
  const variable = (name: string) => (name === 'ansible_connection' ? 'local' : undefined);
  const { result } = await runStep(reboot, {}, { context: { variable } });
  assert.is(result.failed, true);
  assert.match(String(result.msg), 'would reboot the control node');
});

test('the command: its path is looked for, it is detached, and its refusal is told', () =>
  withSession(async (bench) => {
    const boot = `${bench.dir}/boot`;
    const args = {
      boot_time_command: `cat ${boot}`,
      search_paths: [bench.dir],
      reboot_command: `halt-it ${boot} "two words"`,
    };
    const { writeFile, chmod, readFile } = await import('node:fs/promises');
    await writeFile(boot, 'one\n');
    const missing = await runStep(reboot, args, { bench });
    assert.match(String(missing.result.msg), 'Unable to find command "halt-it" in search paths');
    await writeFile(`${bench.dir}/halt-it`, '#!/bin/sh\nprintf "%s" "$2" >"$1"\n');
    await chmod(`${bench.dir}/halt-it`, 0o755);
    const done = await runStep(reboot, args, { bench });
    assert.is(done.result.rebooted, true, String(done.result.msg));
    assert.is(await readFile(boot, 'utf8'), 'two words');
    await writeFile(`${bench.dir}/halt-it`, '#!/bin/sh\necho "not today" >&2; exit 1\n');
    const refused = await runStep(reboot, args, { bench });
    assert.is(refused.result.failed, true);
    assert.is(refused.result.rebooted, false);
    assert.is(refused.result.msg, "Reboot command failed. Error was: 'not today'");
  }));

test.run();
