import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RelayOptions, startRelay } from '../test/helpers/relay.ts';
import { tunedAnsible } from './lib/ansible.ts';
import { type Benchmark, type Contestant, compare, type Options, type Row, type Sample } from './lib/benchmark.ts';
import { type Loopback, withLoopback } from './lib/loopback.ts';
import { measured } from './lib/process.ts';
import { LAMPLIGHTER, packaged, sshTrue } from './lib/tools.ts';
import { playbook, stateOf } from './lib/work.ts';

/** Round trips in milliseconds. */
const DISTANCES = [0, 20, 100, 300];
/** What Ansible is compared at: milliseconds and tasks. */
const FAR = 100;
const TASKS = 100;
/** Lines that are bad in other ways, at 20 ms. */
const BAD_LINES = {
  's, 10% of chunks 200 ms late': { delayMs: 10, late: { share: 0.1, ms: 200 } },
  's at 256 kbit/s': { delayMs: 10, kbitPerSecond: 256 },
};

export default {
  title: 'One host at a distance, nothing to change (round trips: the slope of the time over the distance)',
  run: (options) =>
    withLoopback(async (loopback) => {
      const room = await loopback.room();
      const rows: Row[] = [];
      for (const [name, text] of plays()) {
        const file = join(loopback.directory, `${name.replaceAll(/\W/g, '-')}.yaml`);
        await writeFile(file, text);
        const command = (inventory: string) => [...LAMPLIGHTER, '-i', inventory, '-e', `room=${room}`, file];
        await measured(command(await loopback.inventory(1)));
        rows.push(...(await atDistances(name, loopback, command, options)));
      }
      rows.push(...(await againstAnsible(loopback, options)));
      return rows;
    }),
} satisfies Benchmark;

function plays(): [string, string][] {
  return [
    ['ping', '- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n'],
    ['100 tasks', playbook(100)],
    ['100 tasks, each tenth registered', playbook(100, { registered: true })],
  ];
}

async function atDistances(
  work: string,
  loopback: Loopback,
  command: (inventory: string) => string[],
  options: Options,
): Promise<Row[]> {
  const tools = {
    lamplighter: async (port: number) => measured(command(await loopback.inventory(1, port))),
    'lamplighter, ssh -C': async (port: number) =>
      measured([...command(await loopback.inventory(1, port)), '--ssh-extra-args=-C']),
    'ssh true': async (port: number) => measured(sshTrue(loopback, 1, port)),
  };
  const contestants = Object.entries(tools).map(([tool, run]) => ({
    tool,
    run: async (): Promise<Sample> => {
      const through = async (line: Omit<RelayOptions, 'port'>) => {
        const relay = await startRelay({ port: loopback.port, ...line });
        try {
          return { seconds: (await run(relay.port)).seconds, bytes: { ...relay.bytes } };
        } finally {
          await relay.stop();
        }
      };
      const sample: Sample = {};
      const seconds: number[] = [];
      let bytes = { up: 0, down: 0 };
      for (const distance of DISTANCES) {
        const result = await through({ delayMs: distance / 2 });
        seconds.push(result.seconds);
        sample[`s at ${distance} ms`] = result.seconds;
        bytes = result.bytes;
      }
      for (const [name, line] of Object.entries(BAD_LINES)) sample[name] = (await through(line)).seconds;
      return {
        ...sample,
        'round trips': slope(DISTANCES, seconds) * 1000,
        'KB up': bytes.up / 1000,
        'KB down': bytes.down / 1000,
      };
    },
  }));
  return compare(work, contestants, options);
}

/** Seconds alone, of a line of one length: Ansible would take minutes at each of the others. */
async function againstAnsible(loopback: Loopback, options: Options): Promise<Row[]> {
  const delayMs = FAR / 2;
  const relay = await startRelay({ port: loopback.port, delayMs });
  try {
    const file = join(loopback.directory, 'far.yaml');
    await writeFile(file, playbook(TASKS));
    const [ours, theirs] = [await loopback.room(), await loopback.room()];
    const [near, far] = [await loopback.inventory(1), await loopback.inventory(1, relay.port)];
    const env = tunedAnsible(loopback.directory, 1);
    const words = (inventory: string, room: string) => ['-i', inventory, '-e', `room=${room}`, file];
    options.tell(`${TASKS} tasks at ${FAR} ms: first runs`);
    await measured([...LAMPLIGHTER, ...words(near, ours)]);
    await measured(['ansible-playbook', ...words(near, theirs)], { env });
    if ((await stateOf(ours)) !== (await stateOf(theirs))) throw new Error('the tools left different states');
    const command = await packaged();
    const contestants: Contestant[] = [
      { tool: 'lamplighter', run: () => measured([...LAMPLIGHTER, ...words(far, ours)]) },
      { tool: 'lamplighter, packaged', run: () => measured([...command, ...words(far, ours)]) },
      { tool: 'ansible', run: () => measured(['ansible-playbook', ...words(far, theirs)], { env }), rounds: 1 },
      { tool: 'ssh true', run: () => measured(sshTrue(loopback, 1, relay.port)) },
    ];
    return await compare(`${TASKS} tasks at ${FAR} ms`, contestants, options);
  } finally {
    await relay.stop();
  }
}

/** Least squares. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const above = x.reduce((sum, each, i) => sum + (each - mx) * (y[i]! - my), 0);
  return above / x.reduce((sum, each) => sum + (each - mx) ** 2, 0);
}
