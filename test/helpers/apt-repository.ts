import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { serve, type TestServer } from './http-server.ts';

/** An OpenPGP key of a test's own; only gpg ever sees its secret half. */
export interface SigningKey {
  home: string;
  /** Armoured. */
  public: string;
}

export function signingKey(home: string): SigningKey {
  mkdirSync(home, { mode: 0o700 });
  gpg(home, ['--passphrase', '', '--quick-generate-key', 'Lamps <lamps@example.org>', 'ed25519', 'sign', 'never']);
  return { home, public: gpg(home, ['--armor', '--export']) };
}

/** Ends the agent that gpg has left behind. */
export function forget({ home }: SigningKey): void {
  execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
}

function gpg(home: string, args: string[], input = ''): string {
  return execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', ...args], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

/**
 * Serves packages as a repository of apt, suite `lamps`, component `main`, signed by a key, with the key at /key.asc.
 * Source: https://wiki.debian.org/DebianRepository/Format
 */
export function serveRepository(debs: readonly string[], key: SigningKey, address: string): Promise<TestServer> {
  const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
  const list = debs.map((deb) => stanza(deb)).join('\n');
  const path = `main/binary-${architecture}/Packages`;
  const release = [
    'Origin: Lamps',
    'Suite: lamps',
    'Codename: lamps',
    `Architectures: ${architecture}`,
    'Components: main',
    `Date: ${new Date().toUTCString().replace('GMT', 'UTC')}`,
    'SHA256:',
    ` ${sha256(list)} ${Buffer.byteLength(list)} ${path}`,
  ].join('\n');
  const files = new Map<string, string | Buffer>([
    ['/key.asc', key.public],
    ['/dists/lamps/InRelease', gpg(key.home, ['--clearsign'], `${release}\n`)],
    [`/dists/lamps/${path}`, list],
    ...debs.map((deb) => [`/pool/${basename(deb)}`, readFileSync(deb)] as const),
  ]);
  return serve(({ url }, response) => {
    const content = files.get(url);
    if (content === undefined) response.writeHead(404);
    response.end(content);
  }, address);
}

function stanza(deb: string): string {
  const control = execFileSync('dpkg-deb', ['-f', deb], { encoding: 'utf8' });
  const content = readFileSync(deb);
  return `${control.trimEnd()}\nFilename: pool/${basename(deb)}\nSize: ${content.length}\nSHA256: ${sha256(content)}\n`;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The same package under another version. */
export function asVersion(deb: string, version: string, directory: string): string {
  const tree = join(directory, `${basename(deb)}.tree`);
  execFileSync('dpkg-deb', ['-R', deb, tree]);
  execFileSync('sed', [
    '-i',
    '-E',
    `s/^Version: .*/Version: ${version}/; s/\\(= [^)]*\\)/(= ${version})/g`,
    join(tree, 'DEBIAN/control'),
  ]);
  const made = join(directory, basename(deb).replace(/_[^_]*_/, `_${version}_`));
  execFileSync('dpkg-deb', ['-b', '--root-owner-group', tree, made], { stdio: 'ignore' });
  return made;
}
