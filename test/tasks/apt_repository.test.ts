import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import type { Diff } from '../../run/task.ts';
import aptRepository from '../../tasks/apt_repository.ts';
import { labHost } from '../helpers/lab-host.ts';
import { runStep } from '../helpers/step.ts';

const able = await canBeLab();
const words = suite('arguments of apt_repository');
words('what is no source', async () => {
  for (const repo of ['mosquitto', 'rpm http://x y', 'ppa:a b'])
    try {
      await runStep(aptRepository, { repo });
      assert.unreachable(repo);
    } catch (error) {
      assert.match((error as Error).message, 'Invalid repository string');
    }
});
words.run();

if (able.ok) {
  const test = suite('apt_repository');
  const on = labHost(test, 'aptrepo1');

  test(
    'adds, enables and removes a line',
    on(async ({ run, check, shell }) => {
      const repo = 'deb   [trusted=yes] file:/srv/repo  ./';
      const file = '/etc/apt/sources.list.d/file_srv_repo.list';
      const line = 'deb [trusted=yes] file:/srv/repo ./';
      await shell('mkdir -p /srv/repo; : >/srv/repo/Packages');
      const dry = await check(aptRepository, { repo });
      assert.is(dry.changed, true, String(dry.msg));
      assert.is((await check(aptRepository, { repo })).changed, false, 'remembered');
      const added = await run(aptRepository, { repo });
      assert.is(added.changed, true, String(added.msg));
      assert.is((added.diff as Diff[])[0]!.path, file);
      assert.is(await shell(`cat ${file}; stat -c %a ${file}`), `${line}\n644`);
      assert.is((await run(aptRepository, { repo })).changed, false);
      await shell(`echo '# ${line} # note' >${file}`);
      assert.is((await run(aptRepository, { repo, update_cache: false })).changed, true);
      assert.is(await shell(`cat ${file}`), `${line} # note`);
      assert.is((await run(aptRepository, { repo, state: 'absent', update_cache: false })).changed, true);
      assert.is(await shell(`ls ${file} 2>&1 | grep -c 'No such'`), '1');
      assert.is((await run(aptRepository, { repo, state: 'absent' })).changed, false);
      const named = await run(aptRepository, { repo, filename: 'lamps', mode: '0600', update_cache: false });
      assert.is(named.changed, true);
      assert.is(await shell('stat -c %a /etc/apt/sources.list.d/lamps.list'), '600');
      await run(aptRepository, { repo, state: 'absent', update_cache: false });
    }),
  );

  test(
    'is put back when apt cannot work with it',
    on(async ({ run, shell }) => {
      const before = await shell('cat /etc/apt/sources.list; ls /etc/apt/sources.list.d');
      const failed = await run(aptRepository, {
        repo: 'deb http://127.0.0.1:1/ nosuch main',
        update_cache_retries: 1,
      });
      assert.is(failed.failed, true);
      assert.match(String(failed.msg), 'Failed to update apt cache');
      assert.is(await shell('cat /etc/apt/sources.list; ls /etc/apt/sources.list.d'), before);
    }),
  );

  test.run();
}
