import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Benchmark, type Contestant, compare, type Options, type Row } from './lib/benchmark.ts';
import { type Loopback, withLoopback } from './lib/loopback.ts';
import { measured } from './lib/process.ts';
import { LAMPLIGHTER, packaged, sshWords } from './lib/tools.ts';
import { stateOf } from './lib/work.ts';

const SMALL_FILES = 2000;
const DIRECTORIES = 40;
const MB = 1024 * 1024;

export default {
  title: 'Files: one large one against scp, and a tree of small ones against rsync -a',
  run: (options) =>
    withLoopback(async (loopback) => {
      const command = await packaged();
      return [...(await largeFiles(loopback, command, options)), ...(await smallFiles(loopback, command, options))];
    }),
} satisfies Benchmark;

/** A file that each tool brings to a host that lacks it; the second size shows what of the memory grows with it. */
async function largeFiles(loopback: Loopback, command: string[], options: Options): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of [64, 1024]) {
    const source = await loopback.room();
    const file = join(source, 'large');
    await writeLarge(file, size);
    const [ours, theirs] = [await loopback.room(), await loopback.room()];
    const play = await playOf(loopback, { src: file, dest: `${ours}/large`, mode: '0644' });
    const anew = async (room: string, command: string[]) => {
      await rm(join(room, 'large'), { force: true });
      return measured(command);
    };
    const contestants: Contestant[] = [
      { tool: 'lamplighter', run: () => anew(ours, [...LAMPLIGHTER, ...play]) },
      { tool: 'lamplighter, packaged', run: () => anew(ours, [...command, ...play]) },
      { tool: 'scp', run: () => anew(theirs, scp(loopback, file, `${theirs}/large`)) },
    ];
    rows.push(...(await compare(`a file of ${size} MB`, contestants, options)));
    await sameState(ours, theirs);
    for (const room of [source, ours, theirs]) await rm(room, { recursive: true });
  }
  return rows;
}

async function smallFiles(loopback: Loopback, command: string[], options: Options): Promise<Row[]> {
  const source = join(await loopback.room(), 'tree');
  await mkdir(source, { mode: 0o755 });
  await writeTree(source);
  const [ours, theirs] = [await loopback.room(), await loopback.room()];
  const play = await playOf(loopback, { src: `${source}/`, dest: `${ours}/tree/`, mode: 'preserve' });
  const rsync = ['rsync', '-a', '-e', sshWords(loopback).join(' '), `${source}/`, `127.0.0.1:${theirs}/tree/`];
  const work = async (name: string, before: (room: string) => Promise<void>) => {
    const each = (room: string, words: string[]) => async () => {
      await before(room);
      return measured(words);
    };
    const rows = await compare(
      `${SMALL_FILES} small files, ${name}`,
      [
        { tool: 'lamplighter', run: each(ours, [...LAMPLIGHTER, ...play]) },
        { tool: 'lamplighter, packaged', run: each(ours, [...command, ...play]) },
        { tool: 'rsync -a', run: each(theirs, rsync) },
      ],
      options,
    );
    await sameState(ours, theirs);
    return rows;
  };
  let edition = 0;
  return [
    ...(await work('none there', (room) => rm(join(room, 'tree'), { recursive: true, force: true }))),
    ...(await work('unchanged', async () => {})),
    ...(await work('one changed', (room) => writeFile(join(room, 'tree/part7/file7'), `edition ${++edition}\n`))),
  ];
}

/** The words behind the runner's. */
async function playOf(loopback: Loopback, copy: Record<string, string>): Promise<string[]> {
  const inventory = await loopback.inventory(1);
  const file = join(await loopback.room(), 'play.yaml');
  await writeFile(file, JSON.stringify([{ hosts: 'all', gather_facts: false, tasks: [{ copy }] }]));
  return ['-i', inventory, file];
}

function scp(loopback: Loopback, from: string, to: string): string[] {
  const [, ...words] = sshWords(loopback);
  return ['scp', '-q', ...words.map((word) => (word === '-p' ? '-P' : word)), from, `127.0.0.1:${to}`];
}

async function writeLarge(file: string, megabytes: number): Promise<void> {
  // Not zeros, which a file system may keep as holes; not random either, which would take longer than the copy.
  const block = Buffer.from(Array.from({ length: MB }, (_, i) => (i * 31) % 251));
  const blocks = function* () {
    for (let i = 0; i < megabytes; i++) {
      block.writeUInt32LE(i);
      yield Buffer.from(block);
    }
  };
  await pipeline(Readable.from(blocks()), createWriteStream(file));
  await chmod(file, 0o644);
}

async function writeTree(room: string): Promise<void> {
  for (let i = 0; i < DIRECTORIES; i++) {
    const directory = join(room, `part${i}`);
    await mkdir(directory);
    for (let j = 0; j < SMALL_FILES / DIRECTORIES; j++) {
      const file = join(directory, `file${j}`);
      await writeFile(file, `# file ${i} ${j}\n${'setting value\n'.repeat((i * j) % 90)}`, { mode: 0o644 });
      await utimes(file, 1e9, 1e9);
    }
  }
}

async function sameState(ours: string, theirs: string): Promise<void> {
  if ((await stateOf(ours)) !== (await stateOf(theirs))) throw new Error('the tools left different states');
}
