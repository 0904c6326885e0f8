import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Benchmark, compare, type Row } from './lib/benchmark.ts';
import { withLoopback } from './lib/loopback.ts';
import { measured } from './lib/process.ts';
import { ansibleEnvironment, LAMPLIGHTER, sshTrue } from './lib/tools.ts';
import { playbook, stateOf } from './lib/work.ts';

const TASKS = 10;
const SIZES = [1, 10, 50, 100, 500, 2000];
/** Where the other tools end: they would take minutes, or more processes than a small machine holds. */
const MOST_FOR_ANSIBLE = 10;
const MOST_FOR_ANSIBLE_FULL = 50;
const MOST_FOR_SSH = 100;

export default {
  title: `Many hosts (names on one loopback sshd), ${TASKS} tasks each, nothing to change`,
  run: (options) =>
    withLoopback(async (loopback) => {
      const file = join(loopback.directory, 'play.yaml');
      await writeFile(file, playbook(TASKS));
      const rows: Row[] = [];
      const ours = await loopback.room();
      const theirs = await loopback.room();
      for (const count of SIZES) {
        const work = `${count} hosts`;
        const inventory = await loopback.inventory(count);
        const env = ansibleEnvironment(loopback.directory, count);
        const lamplighter = [...LAMPLIGHTER, '-i', inventory, '-e', `room=${ours}`, file];
        const ansible = ['ansible-playbook', '-i', inventory, '-e', `room=${theirs}`, file];
        const withAnsible = count <= (options.full ? MOST_FOR_ANSIBLE_FULL : MOST_FOR_ANSIBLE);

        options.tell(`${work}: first runs`);
        await measured(lamplighter);
        if (withAnsible) {
          await measured(ansible, { env });
          if ((await stateOf(ours)) !== (await stateOf(theirs)))
            throw new Error(`${work}: the tools left different states`);
        }
        const contestants = [{ tool: 'lamplighter', run: () => measured(lamplighter) }];
        if (withAnsible) contestants.push({ tool: 'ansible', run: () => measured(ansible, { env }) });
        if (count <= MOST_FOR_SSH)
          contestants.push({ tool: 'ssh true, all at once', run: () => measured(sshTrue(loopback, count)) });
        rows.push(...(await compare(work, contestants, options)));
      }
      return rows;
    }),
} satisfies Benchmark;
