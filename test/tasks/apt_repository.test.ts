import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import { ppaKey } from '../../run/modules/ppa.ts';
import type { ActionHost, Diff } from '../../run/task.ts';
import aptRepository, { type Args, addPpa } from '../../tasks/apt_repository.ts';
import { serve } from '../helpers/http-server.ts';
import { labHost } from '../helpers/lab-host.ts';
import { runStep } from '../helpers/step.ts';

const PRINT = '5FF5B2D91ADEDF9CFB4E9A4D77B7346A59237F12';
const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBFlb\n-----END PGP PUBLIC KEY BLOCK-----\n';

/** Launchpad and the key server, as far as a PPA asks them. */
async function fakeLaunchpad() {
  const prints: Record<string, string | null> = { 'mosquitto-ppa': PRINT, lost: '0'.repeat(40), unsigned: null };
  const server = await serve(({ url }, response) => {
    const name = url.split('/').at(-1)!;
    if (url === `/keys/pks/lookup?op=get&options=mr&search=0x${PRINT}`) response.end(KEY);
    else if (url.startsWith('/keys')) response.end('No results found');
    else if (name in prints) response.end(JSON.stringify({ name, signing_key_fingerprint: prints[name] }));
    else response.writeHead(name === 'broken' ? 500 : 404).end();
  });
  return { server, launchpad: { api: `${server.url}/api`, keyserver: `${server.url}/keys` } };
}

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
words('the key of a PPA: Launchpad says which, the key server has it', async () => {
  const { server, launchpad } = await fakeLaunchpad();
  const ask = (owner: string, name: string) =>
    ppaKey({ owner, name }, launchpad, { validateCerts: true, signal: new AbortController().signal }).catch(
      (error: Error) => error.message,
    );
  assert.is(await ask('mosquitto-dev', 'mosquitto-ppa'), KEY);
  assert.equal(
    server.seen.map(({ url }) => url),
    ['/api/~mosquitto-dev/+archive/mosquitto-ppa', `/keys/pks/lookup?op=get&options=mr&search=0x${PRINT}`],
  );
  assert.is(server.seen[0]?.headers.accept, 'application/json');
  assert.is(await ask('mosquitto-dev', 'nosuch'), 'Launchpad has no PPA nosuch of mosquitto-dev');
  assert.is(await ask('mosquitto-dev', 'unsigned'), 'the PPA mosquitto-dev/unsigned has no key');
  assert.match(await ask('mosquitto-dev', 'lost'), /\/keys has no key 0{40}/);
  assert.match(await ask('mosquitto-dev', 'broken'), /500 of /);
  await server.close();
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
    'a PPA: its key is trusted and its line added, once',
    on(async ({ run, check, shell }) => {
      const { server, launchpad } = await fakeLaunchpad();
      const ppa = { ...aptRepository, action: (args: Args, host: ActionHost) => addPpa(args, host, launchpad) };
      const args = { repo: 'ppa:mosquitto-dev/mosquitto-ppa', codename: 'noble', update_cache: false };
      const file = '/etc/apt/sources.list.d/ppa_mosquitto_dev_mosquitto_ppa_noble.list';
      assert.is((await check(ppa, args)).changed, true);
      const added = await run(ppa, args);
      assert.is(added.changed, true, String(added.msg));
      assert.is(
        await shell(`cat ${file}`),
        'deb http://ppa.launchpad.net/mosquitto-dev/mosquitto-ppa/ubuntu noble main',
      );
      assert.is(`${await shell('cat /etc/apt/trusted.gpg.d/mosquitto-dev-mosquitto-ppa.asc')}\n`, KEY);
      const asked = server.seen.length;
      assert.is((await run(ppa, args)).changed, false);
      assert.is(server.seen.length, asked, 'nobody is asked again');
      assert.is((await run(ppa, { ...args, state: 'absent' })).changed, true);
      assert.is(await shell(`ls ${file} 2>&1 | grep -c 'No such'`), '1');
      await server.close();
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
