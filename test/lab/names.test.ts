import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LamplighterError } from '../../run/errors.ts';
import { deviceIdOf, kindOf, macOf, numberFor, userOf } from '../../run/lab/names.ts';
import { labPaths } from '../../run/lab/paths.ts';

const test = suite('lab names');

test('the default hosts have the addresses that the inventory of the repository names', () => {
  assert.is(numberFor('cloud', []), 10);
  assert.is(numberFor('lamp01', []), 101);
  assert.is(numberFor('lamp02', [10, 101]), 102);
  assert.is(numberFor('lamp150', []), 250);
});

test('other names get the same free number each time, away from the lamps', () => {
  const number = numberFor('home', []);
  assert.is(numberFor('home', []), number);
  assert.ok(number >= 11 && number <= 100);
  assert.is.not(numberFor('home', [number]), number);
});

test('a lamp whose number is taken still gets one', () => {
  assert.is.not(numberFor('lamp1', [101]), 101);
});

test('the subnet holds 244 hosts more than the cloud, each with a number of its own, and then says that it is full', () => {
  const taken = [numberFor('cloud', [])];
  for (let i = 0; i < 244; i++) taken.push(numberFor(`street-${i}`, taken));
  assert.is(new Set(taken).size, 245);
  assert.ok(taken.every((number) => number >= 10 && number <= 254));
  assert.throws(
    () => numberFor('one-more', taken),
    (error: LamplighterError) => error.code === 'LAB',
  );
});

test('a lamp has a Raspberry Pi’s MAC, a cloud and a thin client have others, all from the name alone', () => {
  assert.match(macOf('lamp01'), /^b8:27:eb(:[0-9a-f]{2}){3}$/);
  assert.match(macOf('cloud'), /^00:16:3e(:[0-9a-f]{2}){3}$/);
  assert.match(macOf('home'), /^00:19:99(:[0-9a-f]{2}){3}$/);
  assert.is(macOf('lamp01'), macOf('lamp01'));
  assert.is.not(macOf('lamp01'), macOf('lamp02'));
  assert.is(deviceIdOf('b8:27:eb:08:45:1e'), 'b827eb08451e');
});

test('the login user follows the kind', () => {
  assert.equal(['cloud', 'lamp01', 'home', 'attic'].map(userOf), ['ubuntu', 'pi', 'home', 'pi']);
});

test('what cannot be a host name or an instance is refused', () => {
  for (const name of ['', 'Lamp', '1lamp', 'lamp_1', '../etc', 'lamp-', 'a'.repeat(33)]) {
    assert.throws(
      () => kindOf(name),
      (error: LamplighterError) => error instanceof LamplighterError && error.code === 'LAB',
    );
  }
  assert.throws(
    () => labPaths('../x', {}),
    (error: LamplighterError) => error.code === 'LAB',
  );
});

test('the environment moves the instance, its home and its cache', () => {
  assert.is(labPaths(undefined, {}).keyFile, '/var/lib/lamplighter/lab/lab/id_ed25519');
  assert.is(labPaths(undefined, {}).knownHosts, '/var/lib/lamplighter/lab/lab/known_hosts');
  const moved = labPaths(undefined, { LAMPLIGHTER_LAB: 'x', LAMPLIGHTER_LAB_HOME: '/h', LAMPLIGHTER_LAB_CACHE: '/c' });
  assert.equal([moved.dir, moved.cache, moved.isDefaultHome], ['/h/x', '/c', false]);
});

test.run();
