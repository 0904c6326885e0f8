import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addUser, startSshd, type TestSshd } from '../../test/helpers/sshd.ts';
import { withDirectory } from './directory.ts';

/** An sshd on loopback that stands for any number of hosts: names in an inventory, each with a directory of its own. */
export interface Loopback {
  port: number;
  user: string;
  keyFile: string;
  /** For inventories, playbooks and what the tools keep. */
  directory: string;
  /** Writes an inventory of `count` names that are reached through `port`, and gives its path. */
  inventory(count: number, port?: number): Promise<string>;
  /** An empty directory for the hosts' files. */
  room(): Promise<string>;
}

export async function withLoopback<T>(use: (loopback: Loopback) => Promise<T>): Promise<T> {
  return withDirectory((directory) => inDirectory(directory, use));
}

async function inDirectory<T>(directory: string, use: (loopback: Loopback) => Promise<T>): Promise<T> {
  await chmod(directory, 0o755);
  // A user whose shell is plain: root's own may run a profile that costs more than the work.
  const user = await addUser({ shell: '/bin/sh' });
  try {
    const sshd = await startSshd();
    try {
      return await use(loopback(directory, sshd, user.name));
    } finally {
      await sshd.stop();
    }
  } finally {
    await user.remove();
  }
}

function loopback(directory: string, { port: own, keyFile }: TestSshd, user: string): Loopback {
  return {
    port: own,
    user,
    keyFile,
    directory,
    async inventory(count, port = own) {
      const file = join(directory, `hosts-${count}-${port}.yaml`);
      const names = Array.from({ length: count }, (_, i) => `    host${String(i + 1).padStart(4, '0')}:`);
      const vars = {
        ansible_host: '127.0.0.1',
        ansible_port: port,
        ansible_user: user,
        ansible_ssh_private_key_file: keyFile,
        ansible_ssh_common_args: `-F /dev/null -o UserKnownHostsFile=${join(directory, 'known_hosts')} -o StrictHostKeyChecking=no`,
      };
      await writeFile(file, `all:\n  vars: ${JSON.stringify(vars)}\n  hosts:\n${names.join('\n')}\n`);
      return file;
    },
    async room() {
      const room = await mkdtemp(join(directory, 'room-'));
      await chmod(room, 0o777);
      return room;
    },
  };
}
