import { homedir } from 'node:os';

/** `~` and `~/x` in the home directory of whoever runs it; other paths as they are. */
export function expandHome(path: string): string {
  return path.replace(/^~(?=\/|$)/, homedir());
}
