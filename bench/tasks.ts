import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tunedAnsible } from './lib/ansible.ts';
import { type Benchmark, compare, type Row } from './lib/benchmark.ts';
import { withLoopback } from './lib/loopback.ts';
import { measured } from './lib/process.ts';
import { LAMPLIGHTER, packaged, sshTrue } from './lib/tools.ts';
import { playbook, stateOf } from './lib/work.ts';

/** Ansible needs about half a second a task: more of them only with --full. */
const MOST_FOR_ANSIBLE = 100;

export default {
  title: 'Many tasks on one host, nothing to change',
  run: (options) =>
    withLoopback(async (loopback) => {
      const rows: Row[] = [];
      const command = await packaged();
      const inventory = await loopback.inventory(1);
      for (const [count, registered] of [[10], [100], [100, true], [1000]] as [number, boolean?][]) {
        const work = `${count} tasks${registered ? ', each tenth registered' : ''}`;
        const file = join(loopback.directory, `tasks-${count}-${registered ?? false}.yaml`);
        await writeFile(file, playbook(count, { registered: registered ?? false }));
        const ours = await loopback.room();
        const theirs = await loopback.room();
        const env = tunedAnsible(loopback.directory, 1);
        const lamplighter = [...LAMPLIGHTER, '-i', inventory, '-e', `room=${ours}`, file];
        const ansible = ['ansible-playbook', '-i', inventory, '-e', `room=${theirs}`, file];
        const withAnsible = options.full || count <= MOST_FOR_ANSIBLE;

        options.tell(`${work}: first runs`);
        await measured(lamplighter);
        if (withAnsible) {
          await measured(ansible, { env });
          if ((await stateOf(ours)) !== (await stateOf(theirs)))
            throw new Error(`${work}: the tools left different states`);
        }
        const words = lamplighter.slice(LAMPLIGHTER.length);
        const contestants = [
          { tool: 'lamplighter', run: () => measured(lamplighter) },
          { tool: 'lamplighter, packaged', run: () => measured([...command, ...words]) },
        ];
        if (withAnsible) contestants.push({ tool: 'ansible', run: () => measured(ansible, { env }) });
        contestants.push({ tool: 'ssh true', run: () => measured(sshTrue(loopback, 1)) });
        rows.push(...(await compare(work, contestants, options)));
      }
      return rows;
    }),
} satisfies Benchmark;
