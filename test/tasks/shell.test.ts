import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sh } from '../../run/shell/script.ts';
import shellModule from '../../tasks/shell.ts';
import { SHELLS } from '../helpers/channel.ts';
import { request, runStep, withSession } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`shell in ${shell}`);

  test('is a shell', async () => {
    const { result } = await runStep(shellModule, { cmd: 'x=1; echo "$x" | tr 1 2; echo e >&2' }, { shell });
    assert.is(result.stdout, '2');
    assert.is(result.stderr, 'e');
    assert.is(result.cmd, 'x=1; echo "$x" | tr 1 2; echo e >&2');
  });

  test('another executable', async () => {
    const { result } = await runStep(
      shellModule,
      { cmd: 'echo "${BASH_VERSION%%.*}"', executable: '/bin/bash' },
      { shell },
    );
    assert.match(result.stdout!, /^\d+$/);
  });

  test('what it sets, exits and changes does not leak into the next step', () =>
    withSession(
      async (bench) => {
        await runStep(shellModule, { cmd: 'cd /; umask 0; PATH=; exit 0' }, { bench });
        const next = await runStep(
          shellModule,
          { cmd: 'pwd; umask; command -v ls >/dev/null && echo path' },
          { bench },
        );
        assert.is((next.result.stdout_lines as string[])[0], bench.dir);
        assert.is.not((next.result.stdout_lines as string[])[1], '0000');
        assert.is((next.result.stdout_lines as string[])[2], 'path');
      },
      { shell },
    ));

  test('its rc is there for the conditions of later steps', () =>
    withSession(
      async (bench) => {
        const args = shellModule.args.parse({ cmd: 'exit 3' });
        const body = (await shellModule.step!(args, {} as never))!;
        const first = bench.session.send(request(body));
        const guarded = bench.session.send(request(sh`ll_ret ran yes`, { guard: sh`ll_rc_is ${first.id} -eq 3` }));
        const not = bench.session.send(request(sh`ll_ret ran yes`, { guard: sh`ll_rc_is ${first.id} -eq 0` }));
        assert.is((await first.reply).fields.rc, '3');
        assert.is((await guarded.reply).fields.ran, 'yes');
        assert.is((await not.reply).status, 'guarded');
      },
      { shell },
    ));

  test.run();
}
