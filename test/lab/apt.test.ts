import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deb822Sources, fetchSettings, forSuite, oneLineSources, settingsBehind } from '../../run/lab/apt.ts';

const test = suite('the apt of the controller');

test('one-line sources lose comments and deb-src', () => {
  const text =
    '# deb http://x/debian a main\ndeb   http://m/debian bookworm main # ours\ndeb-src http://m/debian bookworm main\n';
  assert.equal(oneLineSources(text), ['deb http://m/debian bookworm main']);
});

test('a deb822 stanza becomes one line for each suite and address', () => {
  const text = `Types: deb deb-src
URIs: http://m/debian
Suites: bookworm bookworm-updates
# a comment
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
Enabled: no
URIs: http://off/debian
Suites: bookworm
Components: main
`;
  const key = 'signed-by=/usr/share/keyrings/debian-archive-keyring.gpg';
  assert.equal(deb822Sources(text), [
    `deb [${key}] http://m/debian bookworm main contrib`,
    `deb [${key}] http://m/debian bookworm-updates main contrib`,
  ]);
});

test('the sources of Debian are turned to the wanted release, others dropped', () => {
  assert.is(forSuite('deb http://m/debian bookworm-updates main', 'trixie'), 'deb http://m/debian trixie-updates main');
  assert.is(
    forSuite('deb [arch=amd64 signed-by=/k.gpg] http://m/debian-security stable-security main', 'bookworm'),
    'deb [signed-by=/k.gpg] http://m/debian-security bookworm-security main',
  );
  assert.is(forSuite('deb http://m/ubuntu noble main', 'bookworm'), undefined);
  assert.is(forSuite('deb https://download.docker.com/linux/debian bookworm stable', 'bookworm'), undefined);
});

test('what says how to fetch is kept, and the proxies of the environment with it', () => {
  const dump =
    'Acquire::http::Proxy "http://127.0.0.1:3142";\nAcquire::https "";\nAcquire::Languages "none";\nAPT::X "1";\n';
  assert.equal(fetchSettings(dump, { http_proxy: 'http://other', https_proxy: 'http://p:1' }), [
    'Acquire::http::Proxy "http://127.0.0.1:3142";',
    'Acquire::https::Proxy "http://p:1";',
  ]);
});

test('a proxy on the controller’s loopback is the gateway to a host', () => {
  assert.equal(
    settingsBehind('10.98.50.1', ['Acquire::http::Proxy "http://localhost:3142";', 'Acquire::Retries "3";']),
    ['Acquire::http::Proxy "http://10.98.50.1:3142";', 'Acquire::Retries "3";'],
  );
});

test.run();
