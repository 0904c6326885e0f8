import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LamplighterError } from '../../run/errors.ts';
import { type Kernel, stickAt, writeStick } from '../../run/image/stick.ts';

const test = suite('a stick to write on');
const MIB = 1 << 20;
let root: string;
let kernel: Kernel;

/** A disk as sysfs shows it, and a file in its place to write to. */
function disk(name: string, more: Record<string, string> = {}, partitions: string[] = []): void {
  const about = join(root, 'sys/devices/usb1', name);
  const facts = {
    size: '8192',
    removable: '1',
    ro: '0',
    dev: '8:16',
    'device/vendor': 'Kingston',
    'device/model': 'DT 101',
  };
  for (const [file, text] of Object.entries({ ...facts, ...more })) put(join(about, file), `${text}\n`);
  mkdirSync(join(about, 'holders'), { recursive: true });
  mkdirSync(join(root, 'sys/class/block'), { recursive: true });
  symlinkSync(about, join(root, 'sys/class/block', name));
  partitions.forEach((part, i) => {
    put(join(about, part, 'partition'), '1\n');
    put(join(about, part, 'size'), '100\n');
    put(join(about, part, 'dev'), `8:${17 + i}\n`);
    mkdirSync(join(about, part, 'holders'));
    symlinkSync(join(about, part), join(root, 'sys/class/block', part));
    put(join(root, 'dev', part), '');
  });
  put(join(root, 'dev', name), Buffer.alloc(4 * MIB, 7));
}

function put(file: string, content: string | Buffer): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
}

const mounts = (text: string) => put(join(root, 'proc/self/mountinfo'), text);
const refusal = async (path: string, room = 2 * MIB) => {
  const found = await stickAt(join(root, 'dev', path), room, kernel).catch((error: LamplighterError) => error);
  assert.instance(found, Error);
  return `${(found as LamplighterError).message} ${(found as LamplighterError).hint ?? ''}`;
};

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'stick-'));
  kernel = { dev: join(root, 'dev'), sys: join(root, 'sys'), proc: join(root, 'proc') };
  mounts('21 1 254:0 / / rw - ext4 /dev/vda rw\n');
  put(join(root, 'proc/swaps'), 'Filename Type Size Used Priority\n');
});
test.after.each(() => rmSync(root, { recursive: true }));

test('one that is removable and idle: what it is', async () => {
  disk('sdb', {}, ['sdb1', 'sdb2']);
  symlinkSync(join(root, 'dev/sdb'), join(root, 'dev/by-id'));
  const stick = await stickAt(join(root, 'dev/by-id'), 2 * MIB, kernel);
  assert.equal(stick, {
    path: join(root, 'dev/sdb'),
    name: 'sdb',
    bytes: 4 * MIB,
    label: 'Kingston DT 101',
    partitions: ['sdb1', 'sdb2'],
  });
});

test('what is no stick is refused', async () => {
  disk('sda', { removable: '0' });
  disk('sdb', {}, ['sdb1']);
  disk('sdc', { ro: '1' });
  disk('sdd', { size: '0' });
  disk('sde', { size: '2048' });
  put(join(root, 'elsewhere/sdb'), '');
  assert.match(await refusal('sda'), /not removable/);
  assert.match(await refusal('sdb1'), /partition of \/dev\/sdb .*name the disk/);
  assert.match(await refusal('sdc'), /write-protected/);
  assert.match(await refusal('sdd'), /no medium/);
  assert.match(await refusal('sde'), /has 1048576 bytes and 2097152 are needed/);
  assert.match(await refusal('sdz'), /no such device/);
  assert.match(await refusal('../elsewhere/sdb'), /no block device/);
});

test('one that is in use is refused: mounted, swap, a part of something', async () => {
  disk('sdb', {}, ['sdb1']);
  mounts('21 1 8:17 / /media/ana/PHOTOS rw - vfat /dev/sdb1 rw\n');
  assert.match(await refusal('sdb'), /sdb1 is mounted at \/media\/ana\/PHOTOS/);
  mounts('21 1 8:16 / /mnt rw - vfat /dev/sdb rw\n');
  assert.match(await refusal('sdb'), /sdb is mounted at \/mnt/);
  mounts('');
  put(join(root, 'proc/swaps'), 'Filename Type Size Used Priority\n/dev/sdb1\tpartition 1 0 -2\n');
  assert.match(await refusal('sdb'), /sdb1 is swap/);
  put(join(root, 'proc/swaps'), '');
  put(join(root, 'sys/class/block/sdb1/holders/dm-0'), '');
  assert.match(await refusal('sdb'), /dm-0 is made of \/dev\/sdb1/);
});

test('the image is at its start, its end is empty, the rest is as it was', async () => {
  disk('sdb');
  const image = Buffer.alloc(2 * MIB, 'image');
  const seen: number[] = [];
  const path = join(root, 'dev/sdb');
  await writeStick({ path, bytes: 4 * MIB }, image, (done, all) => seen.push(done / all));
  const written = readFileSync(path);
  assert.is(written.length, 4 * MIB);
  assert.ok(written.subarray(0, 2 * MIB).equals(image));
  assert.ok(written.subarray(2 * MIB, 3 * MIB).every((byte) => byte === 7));
  assert.ok(written.subarray(3 * MIB).every((byte) => byte === 0));
  assert.ok(seen.length > 4 && seen.at(-1) === 1 && seen.every((part, i) => part > (seen[i - 1] ?? 0)), String(seen));
});

test.run();
