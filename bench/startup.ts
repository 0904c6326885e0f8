import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tunedAnsible } from './lib/ansible.ts';
import { type Benchmark, compare, type Row } from './lib/benchmark.ts';
import { withDirectory } from './lib/directory.ts';
import { measured } from './lib/process.ts';
import { packaged, ROOT } from './lib/tools.ts';
import { playbook } from './lib/work.ts';

const FILES = 200;
const TASKS_A_FILE = 5;

export default {
  title: 'Starting, and reading without running',
  run: (options) =>
    withDirectory(async (directory) => {
      const rows: Row[] = [];
      const empty = join(directory, 'empty.ts');
      await writeFile(empty, 'export {};\n');
      const env = tunedAnsible(directory, 1);
      // What a person types: npx is in both.
      const command = await packaged();
      const npx = (...words: string[]) => ({ run: () => measured(['npx', 'tsx', ...words], { cwd: ROOT }) });
      rows.push(
        ...(await compare(
          '--version',
          [
            { tool: 'an empty tsx program', ...npx(empty) },
            { tool: 'lamplighter', ...npx('run', '--version') },
            { tool: 'lamplighter, packaged', run: () => measured([...command, '--version']) },
            { tool: 'ansible', run: () => measured(['ansible-playbook', '--version'], { env }) },
          ],
          options,
        )),
      );
      const site = await repository(directory);
      rows.push(
        ...(await compare(
          `--syntax-check, ${FILES} files`,
          [
            { tool: 'lamplighter', ...npx('run', '-i', 'localhost,', '--syntax-check', site) },
            {
              tool: 'lamplighter, packaged',
              run: () => measured([...command, '-i', 'localhost,', '--syntax-check', site]),
            },
            {
              tool: 'ansible',
              run: () => measured(['ansible-playbook', '-i', 'localhost,', '--syntax-check', site], { env }),
            },
          ],
          options,
        )),
      );
      return rows;
    }),
} satisfies Benchmark;

/** A playbook whose tasks stand in many files. */
async function repository(directory: string): Promise<string> {
  const folder = join(directory, 'tasks');
  await mkdir(folder);
  const text = playbook(TASKS_A_FILE).split('  tasks:\n')[1]!.replaceAll(/^ {4}/gm, '');
  for (let i = 1; i < FILES; i++) await writeFile(join(folder, `part${i}.yaml`), text);
  const imports = Array.from({ length: FILES - 1 }, (_, i) => `    - import_tasks: tasks/part${i + 1}.yaml\n`);
  const file = join(directory, 'site.yaml');
  await writeFile(file, `- hosts: all\n  vars: { room: /r, base: /r/b }\n  tasks:\n${imports.join('')}`);
  return file;
}
