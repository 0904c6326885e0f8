import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Where the sockets of the ssh connections stand that Ansible keeps open behind a run. */
export function socketsIn(directory: string): string {
  return join(directory, 'cp');
}

/** Ends the ssh processes that Ansible left waiting for its next run. Also after an interruption: they outlive it. */
export async function endMasters(directory: string): Promise<void> {
  const sockets = await readdir(socketsIn(directory)).catch(() => []);
  await Promise.all(
    sockets.map((name) =>
      execa('ssh', ['-F', '/dev/null', '-o', `ControlPath=${join(socketsIn(directory), name)}`, '-O', 'exit', 'any'], {
        reject: false,
        timeout: 5000,
      }),
    ),
  );
}
