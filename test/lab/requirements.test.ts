import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cgroupTrees } from '../../run/lab/cgroups.ts';
import { judge, type Machine } from '../../run/lab/requirements.ts';

const test = suite('lab requirements');
const machine: Machine = { platform: 'linux', root: true, hasApt: true, missing: [], cgroupTree: '/sys/fs/cgroup' };
const reason = (change: Partial<Machine>): string => {
  const verdict = judge({ ...machine, ...change });
  return verdict.ok ? '' : verdict.reason;
};

test('root on Linux with apt will do, even when packages are missing', () => {
  assert.equal(judge(machine), { ok: true });
  assert.equal(judge({ ...machine, missing: ['mmdebstrap'] }), { ok: true });
});

test('another machine is told what it lacks', () => {
  assert.match(reason({ platform: 'darwin' }), /needs Linux.*darwin/);
  assert.match(reason({ cgroupTree: undefined }), /control groups/);
  assert.match(reason({ hasApt: false, missing: ['nftables'] }), /nftables.*no apt-get/);
});

test('who is not root gets the command that installs what is missing', () => {
  assert.match(reason({ root: false }), /needs root/);
  assert.match(
    reason({ root: false, missing: ['mmdebstrap', 'nftables'] }),
    /sudo apt-get install --no-install-recommends mmdebstrap nftables/,
  );
});

const mount = (path: string, type: string, options = 'rw') =>
  `31 23 0:28 / ${path} rw,relatime - ${type} ${type} ${options}`;

test('the v2 tree is found alone and beside v1 ones', () => {
  assert.equal(cgroupTrees(mount('/sys/fs/cgroup', 'cgroup2')), ['/sys/fs/cgroup']);
  const hybrid = [
    mount('/sys/fs/cgroup', 'tmpfs'),
    mount('/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
    mount('/sys/fs/cgroup/systemd', 'cgroup', 'rw,xattr,name=systemd'),
    mount('/sys/fs/cgroup/unified', 'cgroup2'),
  ];
  assert.equal(cgroupTrees(hybrid.join('\n')), ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']);
  assert.equal(cgroupTrees(mount('/sys/fs/cgroup/memory', 'cgroup', 'rw,memory')), []);
});

test.run();
