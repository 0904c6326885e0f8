import { existsSync } from 'node:fs';
import { program } from './process.ts';

/** What the benchmarks compare with and measure by: a file of each, and its Debian package. */
const NEEDED: Record<string, string> = {
  '/usr/bin/ansible-playbook': 'ansible-core',
  '/usr/lib/python3/dist-packages/ansible_mitogen': 'ansible-mitogen',
  '/usr/lib/python3/dist-packages/jinja2': 'python3-jinja2',
  '/usr/bin/rsync': 'rsync',
  '/usr/bin/time': 'time',
  '/usr/sbin/sshd': 'openssh-server',
};

/** Installs what is missing. @throws Error where that cannot be done, with the command that does it */
export async function installTools(tell: (message: string) => void): Promise<void> {
  const missing = Object.entries(NEEDED).flatMap(([file, name]) => (existsSync(file) ? [] : [name]));
  if (missing.length === 0) return;
  tell(`installing ${missing.join(', ')}`);
  const command = ['apt-get', 'install', '-qy', '--no-install-recommends', ...missing];
  const { exitCode, all } = await program(command, { env: { DEBIAN_FRONTEND: 'noninteractive' } });
  if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with status ${exitCode}:\n${all}`);
}
