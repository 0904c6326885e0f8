import { sh } from '../../run/shell/script.ts';
import type { TaskContext, TaskDefinition } from '../../run/task.ts';
import { localHost } from './local-host.ts';

/** What of the runtime these two steps use. */
const RUNTIME = sh`
  ll_ret() { printf 'ret %s %s\n' "$1" "$2"; }
  ll_fail() { printf 'fail %s\n' "$1"; exit 1; }
  ll_unknown() { printf 'unknown %s\n' "$1"; exit 0; }
  ll_temp() { ll_tmp=$(mktemp); }`;

/** Runs a module's step on this machine's sh. */
export async function bareStep<A>(
  module: TaskDefinition<A>,
  args: Record<string, unknown>,
  check = false,
): Promise<{ rc: number; out: string }> {
  const parsed = module.args.parse(args);
  const body = await module.step!(parsed, {} as TaskContext);
  const reply = await localHost('x').run(sh`${RUNTIME}
    ll_check=${check ? '1' : ''}
    ( ${body!} )`);
  return { rc: reply.rc, out: reply.stdout };
}
