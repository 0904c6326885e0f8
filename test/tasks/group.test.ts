import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import group from '../../tasks/group.ts';
import { labHost } from '../helpers/lab-host.ts';

const able = await canBeLab();

const test = suite('group');

test('arguments', () => {
  assert.not.ok(group.args.safeParse({ name: 'a', non_unique: true }).success);
  assert.not.ok(group.args.safeParse({ name: '-r' }).success);
  assert.not.ok(group.args.safeParse({ name: 'a:b' }).success);
});

test.run();

if (able.ok) {
  const real = suite('group on a real host');
  const on = labHost(real, 'group1');

  real(
    'is made, changed and removed, once',
    on(async ({ run, shell }) => {
      const made = await run(group, { name: 'lamps', gid: 2001 });
      assert.is(made.changed, true, String(made.msg));
      assert.is(made.gid, 2001);
      assert.equal((made.diff as { after: object }).after, { state: 'present' });
      assert.is(await shell('getent group lamps'), 'lamps:x:2001:');
      assert.is((await run(group, { name: 'lamps', gid: '2001' })).changed, false);
      const moved = await run(group, { name: 'lamps', gid: 2002 });
      assert.equal(moved.diff, { path: 'lamps', before: { gid: '2001' }, after: { gid: '2002' } } as never);
      const taken = await run(group, { name: 'other', gid: 2002 });
      assert.is(taken.failed, true);
      assert.match(String(taken.msg), "GID '2002' already exists");
      assert.is((await run(group, { name: 'other', gid: 2002, non_unique: true })).changed, true);
      const system = await run(group, { name: 'sys', system: true });
      assert.ok((system.gid as number) < 1000);
      assert.is((await run(group, { name: 'lamps', state: 'absent' })).changed, true);
      assert.is((await run(group, { name: 'lamps', state: 'absent' })).changed, false);
    }),
  );

  real(
    'a dry run remembers',
    on(async ({ check, shell }) => {
      assert.is((await check(group, { name: 'dry', gid: 3000 })).changed, true);
      assert.is((await check(group, { name: 'dry', gid: 3000 })).changed, false);
      assert.is((await check(group, { name: 'dry', gid: 3001 })).changed, true);
      assert.is((await check(group, { name: 'dry', state: 'absent' })).changed, true);
      assert.is((await check(group, { name: 'dry', state: 'absent' })).changed, false);
      assert.is(await shell('getent group dry'), '');
    }),
  );

  real.run();
}
