import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/*
 * The work that tools are compared by: files, lines and commands, mixed, in a directory of each host's own below the
 * variable `room`. A second run changes nothing.
 */

/** A play of `count` tasks. With `registered`, each tenth task's result decides whether the next one runs. */
export function playbook(count: number, { registered = false } = {}): string {
  const tasks = Array.from({ length: count }, (_, i) => (registered ? (asking(i) ?? task(i)) : task(i)));
  return `- hosts: all
  gather_facts: false
  vars:
    base: "{{ room }}/{{ inventory_hostname }}"
  tasks:
${tasks.join('')}`;
}

function task(index: number): string {
  const [group, kind] = [Math.floor(index / 5), index % 5];
  switch (kind) {
    case 0:
      return text(`directory ${group}`, `file: { path: "{{ base }}/d${group}", state: directory, mode: "0750" }`);
    case 1:
      return text(
        `settings ${group}`,
        `copy: { dest: "{{ base }}/d${group}/listener.conf", mode: "0640", content: "listener ${1883 + group}\\nuser {{ inventory_hostname }}\\n" }`,
      );
    case 2:
      return text(
        `line ${group}`,
        `lineinfile: { path: "{{ base }}/lines", create: true, mode: "0600", regexp: "^log_${group} ", line: "log_${group} error" }`,
      );
    case 3:
      return text(
        `mark ${group}`,
        `command: { cmd: "touch {{ base }}/d${group}/mark", creates: "{{ base }}/d${group}/mark" }`,
      );
    default:
      return text(`mode ${group}`, `file: { path: "{{ base }}/d${group}/mark", mode: "0600" }`);
  }
}

function asking(index: number): string | undefined {
  if (index % 10 === 8)
    return text(`look ${index}`, `stat: { path: "{{ base }}/d0" }`, `      register: found${index}\n`);
  if (index % 10 === 9)
    return text(
      `use ${index}`,
      `file: { path: "{{ base }}/u${index}", state: directory, mode: "0{{ '7' + found${index - 1}.stat.mode[-2:] }}" }`,
    );
  return undefined;
}

function text(name: string, module: string, more = ''): string {
  return `    - name: ${name}\n      ${module}\n${more}`;
}

/** What stands in a directory: every path with its mode and content, as one hash. */
export async function stateOf(room: string): Promise<string> {
  const entries = await readdir(room, { recursive: true, withFileTypes: true });
  const lines: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const mode = ((await stat(path)).mode & 0o7777).toString(8);
    const content = entry.isFile() ? hash(await readFile(path)) : '';
    lines.push(`${relative(room, path)} ${mode} ${content}`);
  }
  return hash(lines.sort().join('\n'));
}

function hash(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
