import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complaint, lighter, type Scratch, scratch } from '../helpers/lighter.ts';
import { addUser, canMakeUsers, startSshd, type TestSshd, type TestUser } from '../helpers/sshd.ts';

/* At its end a run leaves its hosts without waiting for them: they tidy up by themselves. */

const leave = suite<{ sshd: TestSshd; user: TestUser | undefined; files: Scratch }>('leaving');

leave.before(async (context) => {
  context.sshd = await startSshd();
  // Of its own, so that the lock is too.
  context.user = canMakeUsers() ? await addUser({ shell: '/bin/sh' }) : undefined;
  context.files = scratch();
  chmodSync(context.files.path('.'), 0o755);
});

leave.after(async ({ sshd, user, files }) => {
  await sshd.stop();
  await user?.remove();
  files.remove();
});

leave('scratch and lock are gone soon after, and the next run need not wait', async ({ sshd, user, files }) => {
  if (user === undefined) return;
  const vars = {
    ansible_host: '127.0.0.1',
    ansible_port: sshd.port,
    ansible_user: user.name,
    ansible_ssh_private_key_file: sshd.keyFile,
    ansible_ssh_common_args: `-F /dev/null -o UserKnownHostsFile=${sshd.knownHosts} -o StrictHostKeyChecking=no`,
  };
  const inventory = files.write('hosts.yaml', JSON.stringify({ all: { vars, hosts: { one: {}, two: {} } } }));
  const play = files.write(
    'play.yaml',
    JSON.stringify([{ hosts: 'all', gather_facts: false, tasks: [{ command: 'id -u', register: 'id' }] }]),
  );
  for (let run = 0; run < 3; run++) {
    const outcome = await lighter(['-i', inventory, play]);
    assert.is(outcome.exitCode, 0, complaint(outcome));
    assert.not.match(outcome.stdout + outcome.stderr, 'waiting');
    const base = `/dev/shm/lamplighter-${String(outcome.tasks[0]?.result.stdout)}`;
    assert.ok(existsSync(base), base);
    for (let i = 0; readdirSync(base).length > 0; i++) {
      assert.ok(i < 50, `left behind: ${readdirSync(base).join()}`);
      await sleep(100);
    }
  }
});

leave.run();
