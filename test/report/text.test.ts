import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RunEvent } from '../../run/events.ts';
import { done, hostEnd, item, PLACE, playEnd, playStart, retry, task, taskStart } from './stream.ts';
import { pageReport, tasksOf, textOf } from './text-of.ts';

const text = suite('text report');

const install = task(1, 'lamp : Install mosquitto', 'apt');
const bridge = task(2, 'lamp : Bridge', 'template');
const many = (count: number) => Array.from({ length: count }, (_, i) => `lamp${String(i + 1).padStart(3, '0')}`);

text('a play in Ansible’s words', () => {
  const restart = task(3, 'restart mosquitto', 'service', { handler: true });
  const shown = textOf([
    playStart(['lamp01', 'lamp02'], 'Lamps'),
    done(install, 'lamp01', 'changed'),
    done(install, 'lamp02'),
    done(bridge, 'lamp01', 'skipped'),
    done(bridge, 'lamp02', 'skipped'),
    done(restart, 'lamp01', 'changed'),
    playEnd(),
    {
      event: 'recap',
      hosts: { lamp01: { ok: 2, changed: 2, unreachable: 0, failed: 0, skipped: 1, rescued: 0, ignored: 0 } },
      interrupted: false,
      seconds: 1,
    },
  ]);
  assert.is(
    shown,
    `
PLAY [Lamps]

TASK [lamp : Install mosquitto]
changed: [lamp01]
ok: [lamp02]

TASK [lamp : Bridge]
skipping: [lamp01, lamp02]

RUNNING HANDLER [restart mosquitto]
changed: [lamp01]

PLAY RECAP
lamp01 : ok=2 changed=2 unreachable=0 failed=0 skipped=1 rescued=0 ignored=0

`,
  );
});

text('banners fill the line as Ansible’s do', () => {
  const { report, out } = pageReport({ columns: 79 });
  report.see(playStart(['a'], 'all'));
  assert.is(out(), `\nPLAY [all] ${'*'.repeat(68)}\n`);
});

text('the recap has Ansible’s columns where there is room', () => {
  const shown = textOf([done(install, 'lamp01', 'changed')], { columns: 120 });
  assert.match(
    shown,
    'lamp01                     : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0\n',
  );
});

text('hosts at their own pace come out in the play’s order, each task once', () => {
  const hosts = ['a', 'b', 'c'];
  const tasks = [1, 2, 3].map((id) => task(id, `t${id}`));
  const expected = tasksOf(tasks.flatMap((ref) => hosts.map((host) => done(ref, host))));
  assert.equal(expected, tasks.flatMap((ref) => [`TASK [${ref.name}]`, 'ok: [a, b, c]', '']).slice(0, -1));
  const script = hosts.map((host) => tasks.map((ref) => done(ref, host)));
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(2)), (choices) => {
      const left = script.map((events) => [...events]);
      const events: RunEvent[] = [playStart(hosts)];
      for (const choice of choices) {
        if (left.every((each) => each.length === 0)) break;
        const next = left[choice]?.shift() ?? left.find((each) => each.length > 0)?.shift();
        if (next) events.push(next);
      }
      assert.equal(tasksOf(events), expected);
    }),
  );
});

text('a task is printed once every host that is still there has come past it', () => {
  const { report, out } = pageReport();
  report.see(playStart(['a', 'b', 'c']));
  report.see(done(install, 'a', 'changed'));
  report.see(done(install, 'b'));
  assert.not.match(out(), 'TASK');
  // c does not run the task: that it has come past shows by its next one, or by its leaving.
  report.see(hostEnd('c', 'failed'));
  assert.match(out(), 'changed: [a]\nok: [b]\n');
});

text('nothing is lost when the run ends early', () => {
  const { report, out } = pageReport();
  report.see(playStart(['a', 'b']));
  report.see(done(install, 'a', 'changed'));
  report.see(item(bridge, 'a', 'x', 'ok'));
  report.close();
  const shown = out();
  assert.match(shown, 'changed: [a]');
  assert.match(shown, 'ok: [a] => (item=x)');
  assert.match(shown, 'The run ended early');
  assert.match(shown, /a : ok=1 changed=1/);
});

text('a result that comes after its task was printed is printed all the same', () => {
  const shown = tasksOf([playStart(['a']), done(bridge, 'a'), done(install, 'a', 'changed')]);
  assert.equal(shown.slice(-2), ['TASK [lamp : Install mosquitto]', 'changed: [a]']);
});

text('500 hosts read like one', () => {
  const hosts = many(500);
  const diffs = [{ path: '/etc/motd', before: 'a\n', after: 'b\n' }];
  const shown = tasksOf([playStart(hosts), ...hosts.map((host) => done(install, host, 'changed', {}, { diffs }))]);
  assert.equal(shown, [
    'TASK [lamp : Install mosquitto]',
    '--- before: /etc/motd',
    '+++ after: /etc/motd',
    '@@ -1 +1 @@',
    '-a',
    '+b',
    '',
    'changed: [lamp001, lamp002, lamp003, lamp004, lamp005, lamp006, … 494 more]',
  ]);
});

text('hosts that differ by their diff stand apart', () => {
  const diff = (after: string) => ({ diffs: [{ path: '/x', before: '', after }] });
  const shown = tasksOf([
    playStart(['a', 'b', 'c']),
    done(install, 'a', 'changed', {}, diff('1\n')),
    done(install, 'b', 'changed', {}, diff('2\n')),
    done(install, 'c', 'changed', {}, diff('1\n')),
  ]);
  assert.equal(
    shown.filter((line) => line.startsWith('changed')),
    ['changed: [a, c]', 'changed: [b]'],
  );
});

text('hosts that cannot be reached for one reason share it', () => {
  const ping = task(1, 'ping');
  const unreachable = (host: string, address: string, why: string) =>
    done(ping, host, 'unreachable', { msg: `cannot connect to ${host} (pi@${address}:22): ${why}\nIs sshd running?` });
  assert.equal(
    tasksOf([
      unreachable('lamp01', '10.0.0.1', 'refused'),
      unreachable('lamp02', '10.0.0.2', 'refused'),
      unreachable('lamp03', '10.0.0.3', 'no route'),
      unreachable('lamp04', '10.0.0.4', 'refused'),
    ]),
    [
      'TASK [ping]',
      'fatal: [lamp01, lamp02, lamp04]: UNREACHABLE! => cannot connect to lamp01 (pi@10.0.0.1:22): refused',
      '    Is sshd running?',
      '    at playbooks/site.yaml:10',
      '    the same of the others, each by its own address',
      'fatal: [lamp03]: UNREACHABLE! => cannot connect to lamp03 (pi@10.0.0.3:22): no route',
      '    Is sshd running?',
      '    at playbooks/site.yaml:10',
    ],
  );
});

text('a failure does not repeat what its message says, and -v leaves out what says nothing', () => {
  const verify = task(1, 'verify', 'mqtt_bridge_verify');
  const msg = 'the message out did not arrive\nthe bridge points at port 50002';
  const failed = [done(verify, 'a', 'failed', { msg, cause: 'the bridge points at port 50002', leg: 'out' })];
  assert.equal(tasksOf(failed).slice(1), [
    'fatal: [a]: FAILED! => the message out did not arrive',
    '    the bridge points at port 50002',
    '    leg: out',
    '    at playbooks/site.yaml:10',
  ]);
  assert.ok(tasksOf(failed, { verbosity: 1 }).includes('    cause: the bridge points at port 50002'));
  const empty = [done(task(1, 'x'), 'a', 'ok', { msg: '', ansible_facts: {}, rc: 0 })];
  assert.equal(tasksOf(empty, { verbosity: 1 }).slice(1), ['ok: [a] => rc: 0']);
});

text('whoever failed is named, however many', () => {
  const hosts = many(30);
  const shown = tasksOf([playStart(hosts), ...hosts.map((host) => done(install, host, 'failed', { msg: 'no' }))]);
  assert.is(shown[1], `fatal: [${hosts.join(', ')}]: FAILED! => no`);
});

text('-v names every host', () => {
  const hosts = many(30);
  const shown = tasksOf([playStart(hosts), ...hosts.map((host) => done(install, host))], { verbosity: 1 });
  assert.match(shown[1]!, `ok: [${hosts.join(', ')}]`);
});

text('many hosts that fared alike share a line of the recap; failed ones are seen', () => {
  const hosts = many(100);
  const events = hosts.map((host, i) => done(install, host, i === 50 ? 'failed' : 'ok', { msg: 'no' }));
  const recap = textOf([playStart(hosts), ...events])
    .split('PLAY RECAP\n')[1]!
    .split('\n');
  assert.match(recap[0]!, /^lamp001, … 98 more +: ok=1 .* failed=0/);
  assert.match(recap[1]!, /^lamp051 +: ok=0 .* failed=1/);
});

text('a failure shows its message, then what the module returned, then its place', () => {
  const result = {
    msg: 'non-zero return code',
    rc: 2,
    cmd: ['cat', '/nowhere'],
    stdout: '',
    stderr: 'cat: /nowhere\nNo such file',
    stderr_lines: ['cat: /nowhere', 'No such file'],
    start: 'then',
    changed: true,
  };
  assert.equal(tasksOf([done(task(4, 'Read'), 'a', 'failed', result)]).slice(1), [
    'fatal: [a]: FAILED! => non-zero return code',
    '    rc: 2',
    '    cmd: [cat, /nowhere]',
    '    stderr:',
    '        cat: /nowhere',
    '        No such file',
    '    at playbooks/site.yaml:40',
  ]);
});

text('a long output shows its end; -v shows it whole', () => {
  const stdout = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`).join('\n');
  const event = done(task(4, 'Read'), 'a', 'failed', { msg: 'no', stdout });
  const short = tasksOf([event]);
  assert.ok(short.includes('        … 70 lines before these, -v shows them'));
  assert.not.ok(short.includes('        line 70'));
  assert.ok(short.includes('        line 71'));
  assert.ok(tasksOf([event], { verbosity: 1 }).includes('        line 1'));
});

text('an ignored failure says so, a rescued one too', () => {
  const lines = tasksOf([
    done(install, 'a', 'failed', { msg: 'no' }, { ignored: true }),
    done(bridge, 'a', 'failed', { msg: 'no' }, { rescued: true }),
  ]);
  assert.equal(
    lines.filter((line) => line.startsWith('...')),
    ['...ignoring', '...rescued'],
  );
});

text('an unreachable host', () => {
  const [, line] = tasksOf([done(install, 'a', 'unreachable', { msg: 'cannot connect to 10.0.0.9:22' })]);
  assert.is(line, 'fatal: [a]: UNREACHABLE! => cannot connect to 10.0.0.9:22');
});

text('items of a loop, and no line for the loop itself', () => {
  const lines = tasksOf([
    item(install, 'a', 'one', 'changed'),
    item(install, 'a', 'two'),
    item(install, 'a', 'three', 'skipped'),
    item(install, 'a', 'four', 'failed', { msg: 'no', ansible_loop_var: 'item', item: 'four' }),
    done(install, 'a', 'failed', { msg: 'One or more items failed' }, { loop: true }),
  ]);
  assert.equal(lines.slice(1), [
    'changed: [a] => (item=one)',
    'ok: [a] => (item=two)',
    'skipping: [a] => (item=three)',
    'failed: [a] (item=four) => no',
    '    at playbooks/site.yaml:10',
  ]);
});

text('under no_log a failure says only that', () => {
  const [, line] = tasksOf([done(install, 'a', 'failed', { censored: 'the output has been hidden', changed: true })]);
  assert.is(line, 'fatal: [a]: FAILED! => the output has been hidden');
});

text('a loop that fails around its items says why', () => {
  const lines = tasksOf([
    item(install, 'a', 'one'),
    done(install, 'a', 'failed', { msg: '"x" is undefined' }, { loop: true }),
  ]);
  assert.ok(lines.includes('fatal: [a]: FAILED! => "x" is undefined'));
});

text('an empty loop is skipped', () => {
  assert.equal(tasksOf([done(install, 'a', 'skipped', {}, { loop: true })])[1], 'skipping: [a]');
});

text('retries', () => {
  const lines = tasksOf([retry(install, 'a', 2, 3), retry(install, 'a', 1, 3), done(install, 'a')]);
  assert.equal(lines.slice(1), [
    'FAILED - RETRYING: [a]: lamp : Install mosquitto (2 retries left).',
    'FAILED - RETRYING: [a]: lamp : Install mosquitto (1 retries left).',
    'ok: [a]',
  ]);
});

text('what check mode cannot know is said as such', () => {
  const more = { unknown: 'depends on a change not made yet (Install mosquitto)' };
  assert.is(
    tasksOf([done(bridge, 'a', 'skipped', {}, more)])[1],
    'would run: [a] => depends on a change not made yet (Install mosquitto)',
  );
});

text('delegated tasks name the host they act on', () => {
  const more = { delegatedTo: 'cloud' };
  assert.is(
    tasksOf([done(install, 'a', 'changed', {}, more), done(install, 'b', 'changed', {}, more)])[1],
    'changed: [a, b -> cloud]',
  );
});

text('debug and assert speak without -v', () => {
  const debug = task(1, 'Say', 'debug');
  assert.is(tasksOf([done(debug, 'a', 'ok', { msg: 'Hello' })])[1], 'ok: [a] => Hello');
  assert.equal(tasksOf([done(debug, 'a', 'ok', { port: { number: 1883 } })]).slice(1), [
    'ok: [a] =>',
    '    port:',
    '        number: 1883',
  ]);
  assert.equal(tasksOf([done(debug, 'a', 'ok', { msg: 'one\ntwo' })]).slice(1), ['ok: [a] =>', '    one', '    two']);
});

text('a module’s summary stands below its host', () => {
  const verify = task(1, 'Verify', 'mqtt_bridge_verify');
  assert.equal(tasksOf([done(verify, 'a', 'ok', { summary: 'bridge up\nout 12 ms' })]).slice(1), [
    'ok: [a] =>',
    '    bridge up',
    '    out 12 ms',
  ]);
});

text('-v shows results as YAML, without what the status says', () => {
  const result = { changed: true, rc: 0, stdout: 'a\nb', stdout_lines: ['a', 'b'], _private: 1, diff: {} };
  assert.equal(tasksOf([done(install, 'a', 'changed', result)], { verbosity: 1 }).slice(1), [
    'changed: [a] =>',
    '    rc: 0',
    '    stdout:',
    '        a',
    '        b',
  ]);
});

text('-vv shows where each task stands', () => {
  assert.is(tasksOf([done(install, 'a')], { verbosity: 2 })[1], 'task path: playbooks/site.yaml:10');
});

text('log lines come at their level, with the host', () => {
  const log: RunEvent = { event: 'log', level: 3, host: 'a', message: 'connecting' };
  assert.not.match(textOf([log], { verbosity: 2 }), 'connecting');
  assert.match(textOf([log], { verbosity: 3 }), '<a> connecting');
});

text('a play without hosts says so', () => {
  assert.match(textOf([playStart([], 'Nobody')]), 'PLAY [Nobody]\nskipping: no hosts matched\n');
});

text('a warning is told once, beside the report', () => {
  const { report, out, err } = pageReport();
  const warning: RunEvent = { event: 'warning', message: 'odd', place: PLACE };
  report.see(warning);
  report.see(warning);
  assert.is(err(), '[WARNING]: odd (playbooks/site.yaml:3)\n');
  assert.is(out(), '');
});

text('check mode ends by saying that nothing was changed', () => {
  const start: RunEvent = { event: 'run-start', playbooks: [], check: true, diff: false };
  assert.match(textOf([start, playStart(['a']), done(install, 'a', 'changed')]), 'Check mode: nothing was changed.');
  assert.not.match(textOf([playStart(['a']), done(install, 'a', 'changed')]), 'Check mode');
});

text('the status line says what is under way, for how long, where, and how far it is', () => {
  let clock = 0;
  const { report } = pageReport({ now: () => clock });
  report.see(playStart(['a', 'b', 'c']));
  clock = 3_000;
  assert.is(report.status(), '3 s · a, b, c');
  report.see(taskStart(install));
  report.see(done(install, 'a'));
  report.see({ event: 'progress', host: 'b', message: 'waiting for the lock of apt-get (pid 9)' });
  clock = 7_500;
  assert.is(report.status(), '4 s · lamp : Install mosquitto · b, c · b: waiting for the lock of apt-get (…');
  report.see(done(install, 'b'));
  assert.is(report.status(), '4 s · lamp : Install mosquitto · c');
  report.see(done(install, 'c'));
  report.see(playEnd());
  assert.is(report.status(), undefined);
});

text('off a terminal a long silence is explained, not more than twice a minute', () => {
  let clock = 0;
  const { report, out } = pageReport({ now: () => clock });
  report.see(playStart(['a', 'b']));
  report.see(taskStart(install));
  report.see(done(install, 'a'));
  report.see({ event: 'progress', host: 'b', message: '3 of 9 packages' });
  for (clock = 0; clock <= 65_000; clock += 1_000) report.explainSilence();
  assert.equal(
    out()
      .split('\n')
      .filter((line) => line.startsWith('…')),
    [
      '… still waiting for b (30 s): lamp : Install mosquitto: 3 of 9 packages',
      '… still waiting for b (60 s): lamp : Install mosquitto: 3 of 9 packages',
    ],
  );
});

text('colours on demand, line by line', () => {
  const shown = textOf([done(install, 'a', 'failed', { msg: 'one\ntwo' })], { colours: true });
  assert.match(shown, '\u001b[31mfatal: [a]: FAILED! => one\u001b[39m\n\u001b[31m    two\u001b[39m');
  assert.not.match(textOf([done(install, 'a', 'failed', { msg: 'one' })]), '\u001b');
});

text.run();
