import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import apt from '../../tasks/apt.ts';
import packageModule from '../../tasks/package.ts';

const test = suite('package');
const stepOf = async (args: object) => (await packageModule.step!(packageModule.args.parse(args), {} as never))!.text;

test('is apt with the same packages', async () => {
  const viaApt = async (args: object) => (await apt.step!(apt.args.parse(args), {} as never))!.text;
  assert.is(await stepOf({ package: 'mosquitto,tree' }), await viaApt({ package: ['mosquitto', 'tree'] }));
  assert.is(await stepOf({ package: 'a', state: 'removed' }), await viaApt({ package: ['a'], state: 'absent' }));
  assert.is(await stepOf({ package: 'a', state: 'installed' }), await viaApt({ package: ['a'] }));
  assert.is(await stepOf({ package: 'a', state: 'latest' }), await viaApt({ package: ['a'], state: 'latest' }));
});

test("takes all of apt's arguments, as roles give them", async () => {
  const given = { package: ['a'], update_cache: true, cache_valid_time: 3600, allow_downgrade: true };
  assert.is(await stepOf(given), (await apt.step!(apt.args.parse(given), {} as never))!.text);
  assert.is(await stepOf({ package: '*', state: 'latest' }), await stepOf({ package: ['*'], state: 'latest' }));
});

test('refuses what cannot be a package, and managers that have no module', () => {
  assert.not.ok(packageModule.args.safeParse({ package: 'a; b' }).success);
  assert.not.ok(packageModule.args.safeParse({ package: 'a', use: 'dnf' }).success);
});

test.run();
