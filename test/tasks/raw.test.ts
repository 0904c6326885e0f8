import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import rawModule from '../../tasks/raw.ts';
import { SHELLS } from '../helpers/channel.ts';
import { runStep } from '../helpers/step.ts';

for (const shell of SHELLS) {
  const test = suite(`raw in ${shell}`);

  test('has neither times nor a command, and keeps the last newline', async () => {
    const { result } = await runStep(rawModule, { _raw_params: 'echo hi' }, { shell });
    assert.equal(result, {
      changed: true,
      rc: 0,
      stdout: 'hi\n',
      stderr: '',
      stdout_lines: ['hi'],
      stderr_lines: [],
      msg: '',
    });
    const check = await runStep(rawModule, { _raw_params: 'echo hi' }, { shell, check: true });
    assert.is(check.result.skipped, true);
  });

  test('another executable, and a failure', async () => {
    const args = { _raw_params: 'echo "${BASH_VERSION:+bash}"; exit 5', executable: '/bin/bash' };
    const { result } = await runStep(rawModule, args, { shell });
    assert.is(result.stdout, 'bash\n');
    assert.is(result.rc, 5);
    assert.is(result.msg, 'non-zero return code');
    assert.is(result.failed, true);
  });

  test.run();
}
