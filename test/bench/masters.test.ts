import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withDirectory } from '../../bench/lib/directory.ts';
import { socketsIn } from '../../bench/lib/masters.ts';
import { startSshd } from '../helpers/sshd.ts';

const test = suite("a benchmark's directory");

test('ends the connections that Ansible keeps there when it goes', async () => {
  const sshd = await startSshd();
  try {
    let kept = '';
    await withDirectory(async (directory) => {
      kept = directory;
      await mkdir(socketsIn(directory));
      const socket = join(socketsIn(directory), 'host');
      const words = ['-F', '/dev/null', '-i', sshd.keyFile, '-p', String(sshd.port), '-o', 'StrictHostKeyChecking=no'];
      const keep = ['-o', 'UserKnownHostsFile=/dev/null', '-o', `ControlPath=${socket}`, '-o', 'ControlPersist=600s'];
      await execa('ssh', [...words, ...keep, '-o', 'ControlMaster=auto', '127.0.0.1', 'true'], { stdio: 'ignore' });
      assert.is((await sshd.sessions()).length, 1);
    });
    for (let tries = 0; tries < 100 && (await sshd.sessions()).length > 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await sshd.sessions(), []);
    assert.not.ok(existsSync(kept));
  } finally {
    await sshd.stop();
  }
});

if (existsSync('/usr/sbin/sshd')) test.run();
else console.log('skipped: needs sshd');
