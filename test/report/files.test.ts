import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { main } from '../../run/cli.ts';
import type { RunEvent } from '../../run/events.ts';
import { htmlOf } from '../../run/report/html.ts';
import { junitOf } from '../../run/report/junit.ts';
import { RunLog } from '../../run/report/run-log.ts';
import { fakeIo } from '../cli/fake-io.ts';
import { withTree } from '../playbook/tree.ts';
import { done, item, playStart, task, taskStart } from './stream.ts';

/* --junit and --html: folds over the same events as the text. */

const files = suite('report files');

const install = task(1, 'install <b> & "c"', 'apt');
const write = task(2, 'write');
const EVENTS: RunEvent[] = [
  { event: 'run-start', playbooks: ['playbooks/site.yaml'], check: false, diff: true },
  playStart(['a', 'b', 'c']),
  taskStart(install),
  done(write, 'b', 'failed', { msg: 'no\u0007 <space>' }),
  done(install, 'a', 'changed', {}, { diffs: [{ before: 'x\n', after: '<y>\n', path: '/f' }] }),
  done(install, 'c', 'unreachable', { msg: 'no route' }),
  done(install, 'b', 'ok', { rc: 0 }),
  done(write, 'a', 'failed', { msg: 'never mind' }, { ignored: true }),
  { event: 'warning', message: 'mind the <gap>' },
  playStart(['a'], 'more'),
  item(write, 'a', 'one', 'ok'),
  done(write, 'a', 'skipped', { skip_reason: 'not now' }, { loop: true }),
];
const RECAP: RunEvent = { event: 'recap', hosts: {}, interrupted: false, seconds: 1.5 };

function logOf(events: RunEvent[]): RunLog {
  const log = new RunLog();
  for (const event of events) log.see(event);
  return log;
}

files('JUnit has a suite a play and a case a task and host', () => {
  const xml = junitOf(logOf([...EVENTS, RECAP]), '/');
  assert.match(
    xml,
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="playbooks\/site.yaml" tests="6" failures="1" errors="1" skipped="1" time="1.500">/,
  );
  assert.equal(
    [...xml.matchAll(/<testsuite name="([^"]*)" tests="(\d)" failures="(\d)" errors="(\d)" skipped="(\d)"/g)].map(
      (each) => each.slice(1).join(' '),
    ),
    ['lamps 5 1 1 0', 'more 1 0 0 1'],
  );
  const names = [...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)" time="0.100"/g)].map((each) => each[2]);
  assert.equal(names.slice(0, 3), [
    '[a] install &lt;b&gt; &amp; &quot;c&quot;',
    '[b] install &lt;b&gt; &amp; &quot;c&quot;',
    '[c] install &lt;b&gt; &amp; &quot;c&quot;',
  ]);
  assert.match(
    xml,
    '<failure type="failed" message="no\ufffd &lt;space&gt;">no\ufffd &lt;space&gt;\nat playbooks/site.yaml:20</failure>',
  );
  assert.match(xml, '<error type="unreachable" message="no route">');
  assert.match(xml, '<system-out>ignored: never mind\nat playbooks/site.yaml:20</system-out>');
  assert.match(xml, '<skipped message="not now"/>');
  assert.is(xml.match(/<testcase/g)!.length, 6);
  assert.is(
    xml.split('<testcase').length,
    xml.split(/<\/testcase>|"\/>\n {4}<testcase|"\/>\n {2}<\/testsuite>/).length,
  );
});

files('the page has the recap, each task once, diffs, and escapes everything', () => {
  const html = htmlOf(logOf([...EVENTS, RECAP]), '/');
  assert.match(html, '<title>site.yaml: 2 of 3 hosts failed</title>');
  assert.is(html.match(/<article/g)!.length, 3);
  assert.match(html, 'install &lt;b&gt; &amp; &quot;c&quot;');
  assert.match(html, '<span class="added">+&lt;y&gt;</span>');
  assert.match(html, 'mind the &lt;gap&gt;');
  assert.match(html, /<article class="quiet"><h3>write/);
  assert.not.match(html, /<b> &|<y>|<space>|<gap>|<script/);
  assert.match(htmlOf(logOf(EVENTS), '/'), 'the run ended early');
});

files('hosts that said the same share a line, many names are folded', () => {
  const hosts = Array.from({ length: 40 }, (_, i) => `lamp${i}`);
  const html = htmlOf(logOf([playStart(hosts), ...hosts.map((host) => done(install, host, 'changed'))]), '/');
  assert.is(html.match(/class="entry"/g)!.length, 1);
  assert.match(html, 'and 28 more');
});

files('a run writes both, for its owner alone, and refuses a path that cannot be written', () =>
  withTree(
    { 'site.yml': '- hosts: localhost\n  gather_facts: no\n  tasks:\n    - debug: {msg: hello}\n' },
    async (cwd) => {
      const run = (...argv: string[]) => {
        const { io, err } = fakeIo({ cwd });
        return main([join(cwd, 'site.yml'), '-i', 'localhost,', '-c', 'local', ...argv], io).then((code) => ({
          code,
          err: err(),
        }));
      };
      assert.is((await run('--junit', 'out.xml', '--html', 'out.html')).code, 0);
      assert.match(readFileSync(join(cwd, 'out.xml'), 'utf8'), 'name="[localhost] debug"');
      assert.match(readFileSync(join(cwd, 'out.html'), 'utf8'), 'hello');
      assert.is(statSync(join(cwd, 'out.html')).mode & 0o777, 0o600);
      const refused = await run('--html', 'nowhere/out.html');
      assert.is(refused.code, 1);
      assert.match(refused.err, /cannot write the report .*nowhere\/out\.html/);
    },
  ),
);

files.run();
