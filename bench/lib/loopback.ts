import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSshd } from '../../test/helpers/sshd.ts';

/** An sshd on loopback that stands for any number of hosts: names in an inventory, each with a directory of its own. */
export interface Loopback {
  port: number;
  keyFile: string;
  /** For inventories, playbooks and what the tools keep. */
  directory: string;
  /** Writes an inventory of `count` names that are reached through `port`, and gives its path. */
  inventory(count: number, port?: number): Promise<string>;
  /** An empty directory for the hosts' files. */
  room(): Promise<string>;
}

export async function withLoopback<T>(use: (loopback: Loopback) => Promise<T>): Promise<T> {
  // A short path: it holds the sockets of ssh's control masters.
  const directory = await mkdtemp('/tmp/bench-');
  const sshd = await startSshd();
  try {
    return await use({
      port: sshd.port,
      keyFile: sshd.keyFile,
      directory,
      async inventory(count, port = sshd.port) {
        const file = join(directory, `hosts-${count}-${port}.yaml`);
        const names = Array.from({ length: count }, (_, i) => `    host${String(i + 1).padStart(4, '0')}:`);
        const vars = {
          ansible_host: '127.0.0.1',
          ansible_port: port,
          ansible_ssh_private_key_file: sshd.keyFile,
          ansible_ssh_common_args: `-F /dev/null -o UserKnownHostsFile=${join(directory, 'known_hosts')} -o StrictHostKeyChecking=no`,
        };
        await writeFile(file, `all:\n  vars: ${JSON.stringify(vars)}\n  hosts:\n${names.join('\n')}\n`);
        return file;
      },
      async room() {
        const room = await mkdtemp(join(directory, 'room-'));
        await mkdir(room, { recursive: true });
        return room;
      },
    });
  } finally {
    await sshd.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
