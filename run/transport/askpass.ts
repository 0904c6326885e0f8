import { constants } from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** ssh asks at most this often: keyboard-interactive and password, and once more for a jump host. */
const ANSWERS = 3;

/** Answers to what ssh(1) asks by SSH_ASKPASS. */
export interface Askpass {
  env: Record<string, string>;
  close(): Promise<void>;
}

/**
 * Makes a helper in a private directory that hands ssh the password or the key's passphrase. The secrets wait in named pipes:
 * they are never in an argument list, an environment or a file.
 */
export async function makeAskpass(
  directory: string,
  secrets: { password: string | undefined; passphrase: string | undefined },
): Promise<Askpass> {
  const handles: FileHandle[] = [];
  for (const [name, secret] of Object.entries(secrets)) {
    if (secret === undefined) continue;
    const pipe = join(directory, name);
    await execa('mkfifo', ['-m', '600', pipe]);
    // Open for reading as well: opening waits for nobody, and the lines stay in the pipe until the helper takes one.
    const handle = await open(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    handles.push(handle);
    await handle.write(`${secret}\n`.repeat(ANSWERS));
  }
  const helper = join(directory, 'askpass');
  await writeFile(helper, HELPER, { mode: 0o700 });
  return {
    env: { SSH_ASKPASS: helper, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env.DISPLAY ?? ':0' },
    async close() {
      await Promise.all(handles.map((handle) => handle.close()));
    },
  };
}

/** The prompt tells which is wanted; a question that nobody can answer is refused. */
const HELPER = `#!/bin/sh
case $1 in
*assphrase*) pipe=passphrase ;;
*) pipe=password ;;
esac
pipe=\${0%/*}/$pipe
[ -p "$pipe" ] || exit 1
IFS= read -r secret <"$pipe" && printf '%s\\n' "$secret"
`;
