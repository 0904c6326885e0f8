import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { int } from '../run/args.ts';
import { sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/wait_for_connection_module.html */
export default defineTask({
  name: 'ansible.builtin.wait_for_connection',
  summary: 'Waits until the host can be reached.',
  args: z.strictObject({
    connect_timeout: int({ min: 1 }).default(5),
    delay: int({ min: 0 }).default(0),
    sleep: int({ min: 0 }).default(1),
    timeout: int({ min: 0 }).default(600),
  }),
  checkMode: 'full',
  returns: { elapsed: 'Whole seconds it took.' },
  example: `
- ansible.builtin.wait_for_connection:
    timeout: 120`,

  action: async (args, host) => {
    if (host.check) return { changed: false, skipped: true };
    const start = Date.now();
    const elapsed = () => Math.floor((Date.now() - start) / 1000);
    if (args.delay > 0) await sleep(args.delay * 1000, undefined, { signal: host.signal });
    const end = Date.now() + args.timeout * 1000;
    let last = '';
    do {
      try {
        await host.disconnect();
        await host.reconnect(args.connect_timeout);
        await host.run(sh`:`, { readOnly: true });
        return { changed: false, elapsed: elapsed() };
      } catch (error) {
        host.signal.throwIfAborted();
        last = (error as Error).message;
        host.progress(`waiting for a connection, ${elapsed()} s (${last})`);
        await sleep(args.sleep * 1000, undefined, { signal: host.signal });
      }
    } while (Date.now() < end);
    return { changed: false, failed: true, elapsed: elapsed(), msg: `timed out waiting for ping module test: ${last}` };
  },
});
