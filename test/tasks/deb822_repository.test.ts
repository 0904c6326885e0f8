import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import deb822 from '../../tasks/deb822_repository.ts';
import { serve } from '../helpers/http-server.ts';
import { labHost } from '../helpers/lab-host.ts';

const able = await canBeLab();
const words = suite('arguments of deb822_repository');
words('what is missing', () => {
  assert.not.ok(deb822.args.safeParse({ name: 'a' }).success);
  assert.ok(deb822.args.safeParse({ name: 'a', state: 'absent' }).success);
  assert.not.ok(deb822.args.safeParse({ name: 'a', uris: 'x', suites: 'y', types: 'rpm' }).success);
});
words.run();

const KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mQENBFlb
-----END PGP PUBLIC KEY BLOCK-----
`;

if (able.ok) {
  const test = suite('deb822_repository');
  const on = labHost(test, 'deb822');
  const args = {
    name: 'My Lamps_repo!',
    uris: 'https://repo.example.org/debian',
    suites: ['bookworm', 'trixie'],
    components: ['main'],
    architectures: 'amd64',
    enabled: true,
  };
  const dest = '/etc/apt/sources.list.d/my-lamps-repo.sources';

  test(
    'writes the file, once, and removes it',
    on(async ({ run, check, shell }) => {
      assert.is((await check(deb822, { ...args, signed_by: KEY })).changed, true);
      assert.is((await check(deb822, { ...args, signed_by: KEY })).changed, false);
      const made = await run(deb822, { ...args, signed_by: KEY });
      assert.is(made.changed, true, String(made.msg));
      assert.is(made.dest, dest);
      const text = `Architectures: amd64
Components: main
Enabled: yes
X-Repolib-Name: My Lamps_repo!
Signed-By:
    -----BEGIN PGP PUBLIC KEY BLOCK-----
    .
    mQENBFlb
    -----END PGP PUBLIC KEY BLOCK-----
Suites: bookworm trixie
Types: deb
URIs: https://repo.example.org/debian`;
      assert.is(await shell(`cat ${dest}; stat -c %a ${dest}`), `${text}\n644`);
      assert.is(made.repo, `${text}\n`);
      assert.is((await run(deb822, { ...args, signed_by: KEY })).changed, false);
      assert.is((await run(deb822, { ...args, signed_by: '/etc/apt/keyrings/x.gpg' })).changed, true);
      assert.is((await run(deb822, { name: args.name, state: 'absent' })).changed, true);
      assert.is((await run(deb822, { name: args.name, state: 'absent' })).changed, false);
    }),
  );

  test(
    'fetches a key',
    on(async ({ run, shell }) => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      const server = await serve(({ url }, response) => response.end(url === '/asc' ? KEY : bytes));
      const made = await run(deb822, { ...args, signed_by: `${server.url}/gpg` });
      assert.is(made.changed, true, String(made.msg));
      assert.is(made.key_filename, '/etc/apt/keyrings/my-lamps-repo.gpg');
      assert.is(
        await shell('wc -c </etc/apt/keyrings/my-lamps-repo.gpg; grep Signed /etc/apt/sources.list.d/*.sources'),
        '256\nSigned-By: /etc/apt/keyrings/my-lamps-repo.gpg',
      );
      assert.is((await run(deb822, { ...args, signed_by: `${server.url}/gpg` })).changed, false);
      const asc = await run(deb822, { ...args, signed_by: `${server.url}/asc` });
      assert.is(asc.key_filename, '/etc/apt/keyrings/my-lamps-repo.asc');
      await server.close();
      assert.is((await run(deb822, { name: args.name, state: 'absent' })).changed, true);
      assert.is(await shell('ls /etc/apt/keyrings'), '');
    }),
  );
  test.run();
}
