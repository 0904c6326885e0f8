import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fatVolume } from '../../run/image/fat.ts';

const test = suite('the FAT volume of an install medium');
const has = (tool: string) => ['/usr/bin', '/sbin', '/usr/sbin', '/bin'].some((dir) => existsSync(join(dir, tool)));
const directory = mkdtempSync(join(tmpdir(), 'fat-'));
const image = join(directory, 'cidata.img');
const LONG = 'a-name-of-twenty-six-chars'.slice(0, 26);
const files = [
  { name: 'user-data', content: Buffer.from('#cloud-config\n'.repeat(300)) },
  { name: 'meta-data', content: Buffer.from('instance-id: home\n') },
  { name: 'empty', content: Buffer.alloc(0) },
  { name: LONG, content: Buffer.alloc(1024, 'x') },
];

test.before(() => writeFileSync(image, fatVolume('CIDATA', files, new Date('2026-11-22T08:30:10Z'))));
test.after(() => rmSync(directory, { recursive: true }));

if (has('fsck.vfat'))
  test('fsck.vfat finds nothing to mend', () => {
    assert.match(execFileSync('fsck.vfat', ['-n', '-v', image], { encoding: 'utf8' }), /5 files, 12\/4039 clusters/);
  });

if (has('mtype'))
  test('mtools reads the label, the names and the bytes', () => {
    assert.match(execFileSync('mdir', ['-i', image, '::'], { encoding: 'utf8' }), /CIDATA[\s\S]*user-data/);
    for (const { name, content } of files)
      assert.ok(execFileSync('mtype', ['-i', image, `::${name}`]).equals(content), name);
  });

if (has('blkid'))
  test('the kernel knows it by the label that cloud-init looks for', () => {
    const said = execFileSync('blkid', ['-p', '-o', 'export', image], { encoding: 'utf8' });
    assert.match(said, /^LABEL=CIDATA$/m);
    assert.match(said, /^TYPE=vfat$/m);
    assert.match(said, /^USAGE=filesystem$/m);
  });

test('what does not fit or cannot be named is refused', () => {
  const one = (name: string, size: number) => () => fatVolume('CIDATA', [{ name, content: Buffer.alloc(size) }]);
  assert.throws(one('big', 3 << 20), /does not fit/);
  assert.throws(one('a/b', 1), /cannot be the name/);
  assert.throws(one('a'.repeat(27), 1), /cannot be the name/);
  assert.throws(() => fatVolume('cidata', []), /label/);
});

test.run();
