import { chmodSync, existsSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complaint, lighter, type Scratch, scratch } from '../helpers/lighter.ts';
import { type Relay, startRelay } from '../helpers/relay.ts';
import { addUser, canMakeUsers, startSshd, type TestSshd, type TestUser } from '../helpers/sshd.ts';

/*
 * Hosts that hang or are slow: each has a clear outcome of its own and holds nobody up. Hosts wait for files that others
 * make, so that a run in which one waits for the wrong thing never ends well.
 */

interface Context {
  sshd: TestSshd;
  /** Of its own where that can be: a run waits for other runs of the same user on the host. */
  user: TestUser | undefined;
  relay: Relay;
  files: Scratch;
  /** An inventory with a host for each name, reached through this sshd unless its variables say otherwise. */
  inventory: (hosts: Record<string, object>) => string;
  play: (tasks: object[], keywords?: object) => string;
}

const hangs = suite<Context>('hosts that hang');

/** A command that goes on when a file is there, and ends with the test, since a step under way holds its user's next run up. */
const waitFor = (file: string) =>
  `{ for i in $(seq 600); do [ -e ${file} ] && exit 0; [ -d ${dirname(file)} ] || exit 1; sleep 0.1; done; exit 1; }`;

hangs.before.each(async (context) => {
  context.sshd = await startSshd();
  context.user = canMakeUsers() ? await addUser({ shell: '/bin/sh' }) : undefined;
  context.relay = await startRelay({ port: context.sshd.port });
  context.files = scratch();
  chmodSync(context.files.path('.'), 0o777); // the hosts' user writes there
  const { sshd, user, files } = context;
  const common = `-F /dev/null -o UserKnownHostsFile=${sshd.knownHosts} -o StrictHostKeyChecking=no`;
  context.inventory = (hosts) =>
    files.write(
      'hosts.yaml',
      JSON.stringify({
        all: {
          vars: {
            ansible_host: '127.0.0.1',
            ansible_port: sshd.port,
            ...(user && { ansible_user: user.name }),
            ansible_ssh_private_key_file: sshd.keyFile,
            ansible_ssh_common_args: common,
          },
          hosts,
        },
      }),
    );
  context.play = (tasks, keywords = {}) =>
    files.write('play.yaml', JSON.stringify([{ hosts: 'all', gather_facts: false, ...keywords, tasks }]));
});

hangs.after.each(async ({ sshd, user, relay, files }) => {
  await relay.stop();
  await sshd.stop();
  await user?.remove();
  files.remove();
});

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 60_000) throw new Error('what was waited for did not come');
    await sleep(20);
  }
}

hangs('a host that falls silent in a task becomes unreachable; the others go on', async (context) => {
  const { files, relay, inventory, play } = context;
  const begun = files.path('begun-silent');
  const alive = '-o ServerAliveInterval=1 -o ServerAliveCountMax=1';
  const running = lighter([
    '-i',
    inventory({ silent: { ansible_port: relay.port, ansible_ssh_extra_args: alive }, fine: {} }),
    play([
      {
        shell: `touch ${files.path('begun')}-{{ inventory_hostname }}; [ {{ inventory_hostname }} = fine ] || ${waitFor(files.path('never'))}`,
      },
      { command: 'true' },
    ]),
  ]);
  await until(() => existsSync(begun));
  relay.freeze();
  const outcome = await running;
  assert.is(outcome.exitCode, 4, complaint(outcome));
  assert.is(outcome.recap.fine?.ok, 2);
  assert.equal([outcome.recap.silent?.ok, outcome.recap.silent?.unreachable], [0, 1]);
  assert.match(
    outcome.tasks.find(({ host }) => host === 'silent')!.result.msg as string,
    /not answered for too long \(ServerAliveInterval\)/,
  );
});

hangs('a host that takes the connection and says nothing is given up after --timeout', async ({ inventory, play }) => {
  const mute = net.createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const port = (mute.address() as net.AddressInfo).port;
  const outcome = await lighter([
    '-T',
    '1',
    '-i',
    inventory({ mute: { ansible_port: port }, fine: {} }),
    play([{ ping: {} }]),
  ]);
  mute.close();
  assert.is(outcome.exitCode, 4, complaint(outcome));
  assert.equal([outcome.recap.fine?.ok, outcome.recap.mute?.unreachable], [1, 1]);
  assert.match(outcome.tasks.find(({ host }) => host === 'mute')!.result.msg as string, /within 1 s/);
});

hangs(
  'a task past its timeout fails, can be rescued, and what it started is gone',
  async ({ inventory, play, files }) => {
    const late = files.path('late');
    const outcome = await lighter([
      '-i',
      inventory({ box: {} }),
      play([
        {
          block: [{ shell: `sleep 60; touch ${late}`, timeout: 1, register: 'slow' }],
          rescue: [{ assert: { that: ["'in the expected time frame (1)' in ansible_failed_result.msg"] } }],
        },
        // The brackets keep pgrep from finding the shell that runs it.
        { shell: `pgrep -f 'touch [/]${late.slice(1)}'`, register: 'left', failed_when: 'left.rc == 0' },
      ]),
    ]);
    assert.is(outcome.exitCode, 0, complaint(outcome));
    assert.equal(
      outcome.tasks.map(({ status }) => status),
      ['failed', 'ok', 'changed'],
    );
    assert.is(outcome.recap.box?.rescued, 1);
  },
);

hangs('a slow host delays only itself, also where few connections are open at a time', async (context) => {
  const { files, inventory, play } = context;
  const names = Array.from({ length: 24 }, (_, i) => `host${String(i).padStart(2, '0')}`);
  const done = files.path('done');
  // The first host cannot end its first task before the last one has ended its last.
  const last = `${done}-${names.at(-1)}`;
  const outcome = await lighter([
    '--forks',
    '3',
    '-i',
    inventory(Object.fromEntries(names.map((name) => [name, {}]))),
    play([
      { shell: `[ {{ inventory_hostname }} = ${names[0]} ] || exit 0; ${waitFor(last)}` },
      { command: 'true', register: 'one' },
      { file: { path: `${done}-{{ inventory_hostname }}`, state: 'touch' }, when: 'one.rc == 0' },
    ]),
  ]);
  assert.is(outcome.exitCode, 0, complaint(outcome));
  for (const name of names) assert.ok(existsSync(`${done}-${name}`), name);
});

hangs(
  'Ctrl-C with hosts that hang ends the run with a recap of what was done',
  async ({ files, relay, inventory, play }) => {
    let interrupt: () => void = () => {};
    const running = lighter(
      [
        '-i',
        inventory({ silent: { ansible_port: relay.port }, busy: {} }),
        play([
          { command: 'true' },
          {
            shell: `touch ${files.path('begun')}-{{ inventory_hostname }}; ${waitFor(files.path('never'))}`,
          },
        ]),
      ],
      {
        running: (process) => {
          interrupt = () => process.kill('SIGINT');
        },
      },
    );
    await until(() => ['silent', 'busy'].every((name) => existsSync(`${files.path('begun')}-${name}`)));
    relay.freeze();
    interrupt();
    const outcome = await running;
    assert.is(outcome.exitCode, 99, complaint(outcome));
    assert.equal(
      Object.entries(outcome.recap).map(([name, { ok, failed, unreachable }]) => [name, ok, failed, unreachable]),
      [
        ['busy', 1, 0, 0],
        ['silent', 1, 0, 0],
      ],
    );
  },
);

hangs.run();
