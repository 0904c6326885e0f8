import { createHash } from 'node:crypto';
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import type { TaskResult } from '../../run/task.ts';
import getUrl from '../../tasks/get_url.ts';
import { serve, type TestServer } from '../helpers/http-server.ts';
import { labHost } from '../helpers/lab-host.ts';
import { runStep, withSession } from '../helpers/step.ts';

const able = await canBeLab();

const TEXT = 'listener 50001\n';
const BIG = Buffer.alloc(3_000_000, 7);
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

function site(address?: string): Promise<TestServer> {
  return serve(({ url, headers }, response) => {
    if (url === '/conf') {
      if (headers['if-modified-since']) return response.writeHead(304).end();
      return response.end(TEXT);
    }
    if (url === '/named')
      return response.setHeader('Content-Disposition', 'attachment; filename="real.conf"').end(TEXT);
    if (url === '/big') return response.setHeader('Content-Length', BIG.length).end(BIG);
    if (url === '/away') return response.writeHead(301, { Location: '/conf' }).end();
    if (url === '/token') return response.writeHead(headers['x-token'] === 'secret' ? 200 : 403).end(TEXT);
    if (url === '/sums') return response.end(`${'0'.repeat(64)}  other\n${sha256(TEXT)} *./conf\n`);
    if (url === '/conf.sha256') return response.end(`${sha256(TEXT)}\n`);
    response.writeHead(404, 'Not Found').end();
  }, address);
}

type Run = (args: Record<string, unknown>, check?: boolean) => Promise<TaskResult>;

async function downloads(run: Run, server: TestServer, dir: string, by: string): Promise<void> {
  const { url } = server;
  const dest = `${dir}/conf`;
  const dry = await run({ url: `${url}/conf`, dest }, true);
  assert.equal([dry.changed, dry.failed], [true, undefined], String(dry.msg));
  const first = await run({ url: `${url}/conf`, dest, mode: '0640' });
  assert.is(first.changed, true, String(first.msg));
  assert.equal([first.status_code, first.dest, first.url, first.by], [200, dest, `${url}/conf`, by]);
  assert.equal([first.mode, first.size, first.state], ['0640', 15, 'file']);
  assert.is(first.checksum_src, createHash('sha1').update(TEXT).digest('hex'));
  assert.is(first.checksum_dest, null);
  assert.is(first.md5sum, createHash('md5').update(TEXT).digest('hex'));
  const again = await run({ url: `${url}/conf`, dest });
  assert.equal([again.changed, again.status_code], [false, 304]);
  const forced = await run({ url: `${url}/conf`, dest, force: true });
  assert.equal([forced.changed, forced.status_code], [false, 200]);

  const asked = server.seen.length;
  const known = await run({ url: `${url}/conf`, dest, checksum: `sha256:${sha256(TEXT)}` });
  assert.equal([known.changed, known.msg], [false, 'file already exists']);
  assert.is((await run({ url: `${url}/conf`, dest, checksum: `sha256:${sha256(TEXT)}`, mode: '0600' })).changed, true);
  assert.is(server.seen.length, asked, 'nobody was asked');
  const wrong = await run({ url: `${url}/conf`, dest: `${dir}/wrong`, checksum: `sha256:${sha256('other')}` });
  assert.is(wrong.failed, true);
  assert.match(String(wrong.msg), `did not match ${sha256('other')}; it was ${sha256(TEXT)}.`);
  assert.is((await run({ url: `${url}/conf`, dest: `${dir}/summed`, checksum: `sha256:${url}/sums` })).changed, true);
  assert.is(
    (await run({ url: `${url}/conf`, dest: `${dir}/one`, checksum: `sha256:${url}/conf.sha256` })).changed,
    true,
  );

  assert.is((await run({ url: `${url}/named`, dest: dir })).dest, `${dir}/real.conf`);
  assert.is((await run({ url: `${url}/away`, dest: `${dir}/` })).dest, `${dir}/conf`);
  assert.is((await run({ url: `${url}/token`, dest: `${dir}/t`, headers: { 'X-Token': 'secret' } })).changed, true);
  const missing = await run({ url: `${url}/none`, dest: `${dir}/none` });
  assert.equal([missing.failed, missing.msg, missing.status_code], [true, 'Request failed', 404]);
  assert.is(missing.response, 'HTTP Error 404: Not Found');
  const nowhere = await run({ url: `${url}/conf`, dest: `${dir}/no/such/x` });
  assert.is(nowhere.msg, `Destination ${dir}/no/such does not exist`);
  const nobody = await run({ url: 'http://127.0.0.1:1/x', dest: `${dir}/x` });
  assert.match(String(nobody.msg), /^Request failed: /);
  assert.is((await run({ url: `${url}/big`, dest: `${dir}/big` }, true)).changed, true);
  const big = await run({ url: `${url}/big`, dest: `${dir}/big` });
  assert.equal([big.changed, big.size], [true, BIG.length], String(big.msg));
}

const local = suite('get_url by curl');

local('downloads once, by name, checksum and time', async () => {
  const server = await site();
  await withSession(async (bench) => {
    const run: Run = async (args, check = false) => (await runStep(getUrl, args, { bench, check, diff: true })).result;
    await downloads(run, server, bench.dir, 'curl');
    const old = join(bench.dir, 'old');
    await writeFile(old, 'old');
    await utimes(old, 1, 1);
    const kept = await run({ url: `${server.url}/named`, dest: old, backup: true });
    assert.is(await readFile(String(kept.backup_file), 'utf8'), 'old');
    const file = await run({ url: `file://${old}`, dest: join(bench.dir, 'copy') });
    assert.is(file.changed, true, String(file.msg));
    assert.is((await stat(join(bench.dir, 'copy'))).size, TEXT.length);
  });
  await server.close();
});

local('a checksum that is none', async () => {
  for (const checksum of ['abc', 'sha256:xyz', 'crc:12'])
    try {
      await runStep(getUrl, { url: 'http://127.0.0.1:1/', dest: '/nowhere', checksum });
      assert.unreachable();
    } catch (error) {
      assert.is((error as { code?: string }).code, 'BAD_ARGUMENT');
    }
});

local.run();

if (able.ok) {
  const real = suite('get_url to a host without curl and wget');
  const on = labHost(real, 'get1');
  real(
    'the controller fetches it',
    on(async ({ run, check, shell }) => {
      const server = await site();
      await shell('mkdir -p /srv/get');
      await downloads((args, dry) => (dry ? check(getUrl, args) : run(getUrl, args)), server, '/srv/get', 'controller');
      assert.is(await shell('cat /srv/get/conf; ls -A /var/tmp | grep lamplighter'), TEXT.trim());
      await server.close();
    }),
  );
  real(
    'by wget where there is no curl',
    on(async ({ run, check, shell }) => {
      await shell(
        'apt-get update -q >/dev/null 2>&1; apt-get install -y -q --no-install-recommends wget >/dev/null 2>&1',
      );
      assert.match(await shell('mkdir -p /srv/get2; command -v wget'), 'wget');
      const server = await site(await shell("ip -4 route show default | cut -d' ' -f3"));
      await downloads((args, dry) => (dry ? check(getUrl, args) : run(getUrl, args)), server, '/srv/get2', 'wget');
      await server.close();
    }),
  );
  real.run();
}
