import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complaint, lighter, type Outcome, type Scratch, scratch } from '../helpers/lighter.ts';

/* Hosts go through a play at their own pace, but for tasks that look at other hosts of the play. */

interface Context {
  files: Scratch;
  /** Runs tasks on the hosts a and b; `cloud` and `mirror` are in no play. */
  run: (a: object, b: object, tasks: object[]) => Promise<Outcome>;
}

const pace = suite<Context>('pace');

pace.before.each((context) => {
  const files = scratch();
  context.files = files;
  context.run = (a, b, tasks) => {
    const mirror = { told: "{{ hostvars['b'].ready | default('not yet') }}" };
    const children = { street: { hosts: { a, b } }, others: { hosts: { cloud: { port: 50001 }, mirror } } };
    const inventory = files.write(
      'hosts.yaml',
      JSON.stringify({ all: { vars: { ansible_connection: 'local' }, children } }),
    );
    const play = files.write('play.yaml', JSON.stringify([{ hosts: 'street', gather_facts: false, tasks }]));
    return lighter(['-i', inventory, play]);
  };
});

pace.after.each(({ files }) => files.remove());

const said = (outcome: Outcome, host: string) =>
  outcome.tasks.find((line) => line.host === host && line.module.endsWith('debug'))?.result.msg;

pace('a task that looks at a host outside of the play holds nobody', async ({ files, run }) => {
  const made = files.path('made');
  // It can only end when b has gone past the look.
  const job = `sh -c "n=0; while [ ! -e ${made} ]; do n=$((n+1)); [ $n -lt 600 ] || exit 1; sleep 0.1; done"`;
  const outcome = await run(
    { job, peer: 'cloud', makes: files.path('other') },
    { job: 'true', peer: 'cloud', makes: made },
    [
      { command: '{{ job }}' },
      { debug: { msg: '{{ hostvars[peer].port }}' } },
      { file: { path: '{{ makes }}', state: 'touch' } },
    ],
  );
  assert.is(outcome.exitCode, 0, complaint(outcome));
  assert.equal([said(outcome, 'a'), said(outcome, 'b')], ['50001', '50001']);
});

for (const [what, expression] of [
  ['names a host of the play', 'hostvars[peer].ready'],
  ['may name any', "[peer] | map('extract', hostvars, 'ready') | first"],
  ['names a host outside whose variables look back', "hostvars['mirror'].told"],
] as const)
  pace(`a task that ${what} waits for the others`, async ({ run }) => {
    const outcome = await run({ job: 'true', peer: 'b' }, { job: 'sleep 1', peer: 'cloud', ready: 'early' }, [
      { command: '{{ job }}' },
      { set_fact: { ready: 'late' } },
      { debug: { msg: `{{ ${expression} | default('not yet') }}` } },
    ]);
    assert.is(outcome.exitCode, 0, complaint(outcome));
    assert.is(said(outcome, 'a'), 'late');
  });

pace('a host that is left alone runs what is to be run once', async ({ run }) => {
  const outcome = await run({ fails: true }, { fails: false }, [
    { name: 'both', debug: { msg: '{{ ansible_play_hosts }}' }, run_once: true },
    { fail: { msg: 'gone' }, when: 'fails' },
    { command: 'sleep 1', register: 'slept' },
    { debug: { var: 'slept.rc' } },
    { name: 'alone', command: 'echo alone', run_once: true },
  ]);
  assert.equal(
    outcome.tasks.filter(({ task }) => task === 'alone').map(({ host, status }) => `${host} ${status}`),
    ['b changed'],
  );
  assert.is(outcome.exitCode, 2);
});

pace.run();
