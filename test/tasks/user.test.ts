import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import file from '../../tasks/file.ts';
import group from '../../tasks/group.ts';
import user from '../../tasks/user.ts';
import { labHost } from '../helpers/lab-host.ts';

const able = await canBeLab();

const HASH = `$6$salt$${'a'.repeat(86)}`;

const test = suite('user');

test('arguments', () => {
  const ok = (args: object) => user.args.safeParse({ name: 'a', ...args }).success;
  assert.ok(ok({ groups: 'a, b', expires: '-1', generate_ssh_key: 'yes' }));
  assert.not.ok(ok({ comment: 'a:b' }));
  assert.not.ok(ok({ password: 'a\nroot::0' }));
  assert.not.ok(ok({ umask: '077', local: true }));
});

test.run();

if (able.ok) {
  const real = suite('user on a real host');
  const on = labHost(real, 'user1');

  real(
    'is made as asked, once',
    on(async ({ run, shell }) => {
      await shell('groupadd lamps; groupadd wires');
      const args = {
        name: 'lamp',
        uid: 2100,
        comment: 'A lamp',
        shell: '/bin/bash',
        groups: ['lamps', 'wires'],
        password: HASH,
        expires: 4_102_444_800,
      };
      const made = await run(user, args);
      assert.is(made.changed, true, String(made.msg));
      assert.equal(
        [made.uid, made.group, made.comment, made.home, made.shell, made.groups, made.create_home, made.password],
        [2100, 2100, 'A lamp', '/home/lamp', '/bin/bash', 'lamps,wires', true, 'NOT_LOGGING_PASSWORD'],
      );
      assert.is(await shell('id -Gn lamp; stat -c "%U %a" /home/lamp'), 'lamp lamps wires\nlamp 755');
      assert.is(
        await shell('getent shadow lamp | cut -d: -f2,8; ls -A /home/lamp | head -1'),
        `${HASH}:47482\n.bash_logout`,
      );
      const again = await run(user, args);
      assert.is(again.changed, false, JSON.stringify(again.diff));
      assert.is(again.append, false);
    }),
  );

  real(
    'is changed',
    on(async ({ run, shell }) => {
      await shell('groupadd poles');
      const more = await run(user, { name: 'lamp', groups: 'poles', append: true });
      assert.is(more.changed, true);
      assert.is(await shell('id -Gn lamp'), 'lamp lamps wires poles');
      assert.is((await run(user, { name: 'lamp', groups: ['poles'], append: true })).changed, false);
      assert.is((await run(user, { name: 'lamp', groups: ['poles'] })).changed, true);
      assert.is(await shell('id -Gn lamp'), 'lamp poles');
      assert.is((await run(user, { name: 'lamp', groups: [] })).changed, true);
      assert.is(await shell('id -Gn lamp'), 'lamp');
      const moved = await run(user, { name: 'lamp', home: '/srv/lamp', move_home: true, shell: '/bin/sh' });
      assert.equal((moved.diff as { after: object }).after, { home: '/srv/lamp', shell: '/bin/sh' });
      assert.is(await shell('ls -d /srv/lamp/.profile; test -e /home/lamp || echo gone'), '/srv/lamp/.profile\ngone');
      assert.is((await run(user, { name: 'lamp', password: 'other', update_password: 'on_create' })).changed, false);
      const other = `${HASH.slice(0, -1)}b`;
      const password = await run(user, { name: 'lamp', password: other });
      assert.not.match(JSON.stringify(password), other);
      assert.is((await run(user, { name: 'lamp', password_lock: true })).changed, true);
      assert.is(await shell('getent shadow lamp | cut -d: -f2'), `!${other}`);
      assert.is((await run(user, { name: 'lamp', password_lock: true, password: other })).changed, false);
      assert.is((await run(user, { name: 'lamp', password_lock: false })).changed, true);
      assert.is((await run(user, { name: 'lamp', expires: -1 })).changed, true);
      assert.is((await run(user, { name: 'lamp', expires: -1 })).changed, false);
      assert.is((await run(user, { name: 'lamp', password_expire_max: 90, password_expire_min: 1 })).changed, true);
      assert.is((await run(user, { name: 'lamp', password_expire_max: 90, password_expire_min: 1 })).changed, false);
      assert.is(await shell('getent shadow lamp | cut -d: -f2,4,5,8'), `${other}:1:90:`);
      const missing = await run(user, { name: 'lamp', groups: 'nosuch' });
      assert.is(missing.msg, 'Group nosuch does not exist');
      await shell('rm -rf /srv/lamp');
      assert.is((await run(user, { name: 'lamp' })).changed, true, 'the home is made again');
      assert.is(await shell('stat -c "%U:%G %a" /srv/lamp /srv/lamp/.profile'), 'lamp:lamp 755\nlamp:lamp 644');
    }),
  );

  real(
    'gets a key',
    on(async ({ run, check, shell }) => {
      const args = { name: 'lamp', generate_ssh_key: true, ssh_key_type: 'ed25519', ssh_key_comment: 'a lamp' };
      assert.is((await check(user, args)).changed, true);
      const made = await run(user, args);
      assert.is(made.changed, true, String(made.msg));
      assert.match(String(made.ssh_public_key), /^ssh-ed25519 \S+ a lamp$/);
      assert.match(String(made.ssh_fingerprint), /^256 SHA256:/);
      assert.is(made.ssh_key_file, '/srv/lamp/.ssh/id_ed25519');
      assert.is(await shell('stat -c "%U %a" /srv/lamp/.ssh /srv/lamp/.ssh/id_ed25519'), 'lamp 700\nlamp 600');
      const again = await run(user, args);
      assert.is(again.changed, false);
      assert.is(again.ssh_public_key, made.ssh_public_key);
      assert.is((await run(user, { ...args, force: true, ssh_key_passphrase: 'open sesame' })).changed, true);
      assert.is(await shell("ssh-keygen -y -P 'open sesame' -f /srv/lamp/.ssh/id_ed25519 >/dev/null && echo ok"), 'ok');
    }),
  );

  real(
    'is removed with all it has',
    on(async ({ run, check, shell }) => {
      assert.is((await check(user, { name: 'lamp', state: 'absent', remove: true })).changed, true);
      assert.is((await check(file, { path: '/srv/lamp', state: 'absent' })).changed, false, 'remembered');
      const gone = await run(user, { name: 'lamp', state: 'absent', remove: true });
      assert.equal([gone.changed, gone.remove, gone.force], [true, true, false]);
      assert.is(await shell('getent passwd lamp; ls -d /srv/lamp 2>/dev/null'), '');
      assert.is((await run(user, { name: 'lamp', state: 'absent' })).changed, false);
    }),
  );

  real(
    'a dry run remembers users, groups and homes',
    on(async ({ check, shell }) => {
      assert.is((await check(group, { name: 'dryg' })).changed, true);
      assert.is((await check(user, { name: 'dry', groups: ['dryg'], password: '!' })).changed, true);
      assert.is((await check(user, { name: 'dry', groups: ['dryg'] })).changed, false);
      assert.is((await check(user, { name: 'dry', shell: '/bin/dash' })).changed, true);
      const mine = await check(file, { path: '/home/dry/x', state: 'directory', owner: 'dry', group: 'dryg' });
      assert.is(mine.failed, undefined, String(mine.msg));
      assert.is((await check(user, { name: 'dry', state: 'absent' })).changed, true);
      assert.is((await check(user, { name: 'dry' })).changed, true);
      assert.is(await shell('getent passwd dry'), '');
    }),
  );

  real.run();
}
