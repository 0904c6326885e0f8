import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canBeLab } from '../../run/lab/requirements.ts';
import type { TaskResult } from '../../run/task.ts';
import uri from '../../tasks/uri.ts';
import { type SeenRequest, serve, type TestServer } from '../helpers/http-server.ts';
import { labHost } from '../helpers/lab-host.ts';
import { type RunOptions, runStep } from '../helpers/step.ts';

const able = await canBeLab();

type Run = (args: Record<string, unknown>, options?: RunOptions) => Promise<TaskResult>;

/** What there is to ask; the same for curl and for the controller. */
function site(): Promise<TestServer> {
  return serve(({ method, url, headers, body }, response) => {
    const [path] = url.split('?');
    if (path === '/json') {
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.setHeader('X-Lamp-Id', '7');
      response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2']);
      return response.end('{"lit": true, "name": "größe"}');
    }
    if (path === '/echo') return response.end(JSON.stringify({ method, headers, body }));
    if (path === '/away') return response.writeHead(302, { Location: '/json' }).end();
    if (path === '/auth') {
      const good = headers.authorization === `Basic ${Buffer.from('anna:s e"c').toString('base64')}`;
      return response.writeHead(good ? 200 : 401, { 'WWW-Authenticate': 'Basic realm="x"' }).end('in');
    }
    if (path === '/made') return response.writeHead(201).end('ok');
    response.writeHead(404, 'Not Found').end('nothing');
  });
}

const last = (server: TestServer): SeenRequest => server.seen.at(-1)!;

async function asksWell(run: Run, server: TestServer, by: string): Promise<void> {
  const { url } = server;
  const json = await run({ url: `${url}/json`, return_content: true });
  assert.is(json.failed, undefined, String(json.msg));
  assert.equal(json.json, { lit: true, name: 'größe' });
  assert.is(json.content, '{"lit": true, "name": "größe"}');
  assert.equal(
    [json.status, json.url, json.redirected, json.changed, json.x_lamp_id, json.by],
    [200, `${url}/json`, false, false, '7', by],
  );
  assert.equal(json.cookies, { a: '1', b: '2' });
  assert.is(json.cookies_string, 'a=1; b=2');
  assert.match(String(json.msg), /^OK \(.* bytes\)$/);

  const missing = await run({ url: `${url}/nothing` });
  assert.is(missing.failed, true);
  assert.is(missing.msg, 'Status code was 404 and not [200]: HTTP Error 404: Not Found');
  assert.is((await run({ url: `${url}/nothing`, status_code: [200, 404] })).failed, undefined);
  assert.is((await run({ url: `${url}/made`, method: 'POST', status_code: '200,201' })).status, 201);
  assert.is(last(server).headers['content-length'], '0');

  const sent = { url: `${url}/echo`, headers: { 'X-Token': 'a "quoted" \\ one' }, return_content: true };
  await run({ ...sent, method: 'put', body: { b: [1, 'ü'] }, body_format: 'json' });
  assert.equal([last(server).method, last(server).body], ['PUT', '{"b": [1, "\\u00fc"]}']);
  assert.is(last(server).headers['content-type'], 'application/json');
  assert.is(last(server).headers['x-token'], 'a "quoted" \\ one');
  assert.is(last(server).headers['user-agent'], 'ansible-httpget');
  await run({ ...sent, method: 'POST', body: { name: 'a b', on: ['1', '2'] }, body_format: 'form-urlencoded' });
  assert.is(last(server).body, 'name=a+b&on=1&on=2');
  await run({ ...sent, method: 'POST', body: 'plain\ntext' });
  assert.is(last(server).body, 'plain\ntext');
  const form = { text: 'x', file: { filename: 'a.txt', content: 'inside', mime_type: 'text/plain' } };
  await run({ ...sent, method: 'POST', body: form, body_format: 'form-multipart' });
  assert.match(last(server).body, 'name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\ninside');
  await run({ ...sent, method: 'POST', body: 'x'.repeat(100_000) });
  assert.is(last(server).body.length, 100_000);
  await run({ ...sent, method: 'DELETE' });
  assert.is(last(server).method, 'DELETE');
  assert.is((await run({ ...sent, method: 'HEAD' })).status, 200);

  const away = await run({ url: `${url}/away` });
  assert.equal([away.redirected, away.url, away.status], [true, `${url}/json`, 200]);
  const stays = await run({ url: `${url}/away`, follow_redirects: 'none', status_code: 302 });
  assert.equal([stays.status, stays.location], [302, `${url}/json`]);
  assert.is((await run({ url: `${url}/away`, method: 'POST', status_code: 302 })).status, 302, 'safe is GET and HEAD');

  const auth = { url: `${url}/auth`, user: 'anna', password: 's e"c' };
  assert.is((await run({ ...auth, force_basic_auth: true })).status, 200);
  assert.is((await run({ ...auth, password: 'no', force_basic_auth: true })).status, 401);

  const nobody = await run({ url: 'http://127.0.0.1:1/' });
  assert.equal([nobody.failed, nobody.status], [true, -1]);
  assert.match(String(nobody.msg), /^Status code was -1 and not \[200\]: Request failed: /);
}

const local = suite('uri by curl');

local('asks, sends, follows and logs in', async () => {
  const server = await site();
  await asksWell(async (args, options) => (await runStep(uri, args, options)).result, server, 'curl');
  assert.is((await runStep(uri, { url: `${server.url}/auth`, user: 'anna', password: 's e"c' })).result.status, 200);
  await server.close();
});

local('writes what it got, and keeps to creates and removes', async () => {
  const { withSession } = await import('../helpers/step.ts');
  const server = await site();
  await withSession(async (bench) => {
    const run: Run = async (args, options) => (await runStep(uri, args, { bench, diff: true, ...options })).result;
    const dest = join(bench.dir, 'got');
    const dry = await run({ url: `${server.url}/json`, dest }, { check: true });
    assert.is(dry.changed, true);
    const got = await run({ url: `${server.url}/json`, dest, mode: '0600' });
    assert.equal([got.changed, got.path], [true, dest]);
    assert.is(await readFile(dest, 'utf8'), '{"lit": true, "name": "größe"}');
    const into = await run({ url: `${server.url}/json?x=1`, dest: bench.dir });
    assert.is(into.path, join(bench.dir, 'json'));
    const asked = server.seen.length;
    assert.is((await run({ url: server.url, creates: dest })).stdout, `skipped, since '${dest}' exists`);
    assert.match(String((await run({ url: server.url, removes: `${dest}x` })).stdout), 'does not exist');
    assert.is(server.seen.length, asked);
    await writeFile(join(bench.dir, 'body'), 'from a file');
    await run({ url: `${server.url}/echo`, method: 'POST', src: 'body' });
    assert.is(last(server).body, 'from a file');
    await run({ url: `${server.url}/echo`, method: 'POST', src: join(bench.dir, 'body'), remote_src: true });
    assert.is(last(server).body, 'from a file');
  });
  await server.close();
});

local('a dry run reads, and does not send', async () => {
  const server = await site();
  const check = async (args: object) => (await runStep(uri, { ...args }, { check: true })).result;
  assert.equal((await check({ url: `${server.url}/json` })).json, { lit: true, name: 'größe' });
  const asked = server.seen.length;
  assert.match(String((await check({ url: `${server.url}/made`, method: 'POST' })).unknown), 'would send POST');
  assert.is(server.seen.length, asked);
  assert.ok((await check({ url: 'http://127.0.0.1:1/' })).unknown);
  assert.ok((await check({ url: `${server.url}/nothing` })).unknown);
  await server.close();
});

local('arguments', () => {
  const ok = (args: object) => uri.args.safeParse({ url: 'http://x', ...args }).success;
  assert.not.ok(ok({ method: 'GET IT' }));
  assert.not.ok(ok({ body: 'a', src: 'b' }));
});

local.run();

if (able.ok) {
  const real = suite('uri from a host without curl');
  const on = labHost(real, 'uri1');
  real(
    'the controller asks for it',
    on(async ({ run, shell }) => {
      const server = await site();
      assert.is(await shell('command -v curl'), '');
      await asksWell((args, options) => run(uri, args, options), server, 'controller');
      const got = await run(uri, { url: `${server.url}/json`, dest: '/tmp/got', mode: '0600' });
      assert.equal([got.changed, got.path, got.by], [true, '/tmp/got', 'controller']);
      assert.is(await shell('cat /tmp/got; stat -c " %a" /tmp/got'), '{"lit": true, "name": "größe"} 600');
      await server.close();
    }),
  );
  real.run();
}
