import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { choice, path, str } from '../run/args.ts';
import { pathFacts, replyFacts } from '../run/modules/file-arguments.ts';
import { raw, sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_';

/** A part of a name: it cannot lead to another directory. */
const namePart = () =>
  str().refine((text) => !text.includes('/'), 'cannot hold a slash') as unknown as z.ZodType<string>;

const args = z.strictObject({
  state: choice('file', 'directory').default('file'),
  path: path().optional(),
  prefix: namePart().default('ansible.'),
  suffix: namePart().default(''),
});

type Args = z.infer<typeof args>;

/**
 * Check mode makes a name too and remembers it, so that what is put there can be predicted.
 * Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/tempfile_module.html
 */
export default defineTask<Args>({
  name: 'ansible.builtin.tempfile',
  summary: 'Makes a file or directory with a new name, for its owner alone.',
  args: args as z.ZodType<Args>,
  checkMode: 'full',
  returns: { path: 'The path that was made.' },
  example: `- ansible.builtin.tempfile:
    state: directory
    suffix: .build
  register: build`,
  // Where Python's tempfile looks: the environment, then the usual places.
  step: (args) => sh`
m_dir=${args.path ?? ''}
if [ "$m_dir" ]; then ll_home "$m_dir"; m_dir=$ll_path; else
  for m_dir in "$TMPDIR" "$TEMP" "$TMP" /tmp /var/tmp /usr/tmp .; do
    if [ "$m_dir" ] && [ -d "$m_dir" ] && [ -w "$m_dir" ]; then break; fi
  done
fi
case $m_dir in /*) ;; *) m_dir=$PWD/$m_dir ;; esac
m_path=${raw('"${m_dir%/}"')}/${randomName(args)}
ll_stat "$m_dir" follow
case $ll_kind in
directory) ;;
absent) ll_may_come "$m_dir" || ll_fail "[Errno 2] No such file or directory: '$m_path'" ;;
*) ll_fail "[Errno 20] Not a directory: '$m_path'" ;;
esac
ll_stat "$m_path"
[ "$ll_kind" = absent ] || ll_fail "$m_path is there already"
if [ ${args.state} = file ]; then
  ll_temp
  ll_write "$ll_tmp" "$m_path" 0600
else
  umask 077
  ll_mkdir "$m_path" 0700
fi
ll_stat "$m_path"
ll_ret path "$m_path"
ll_ret_stat`,
  result: (reply) => {
    const { path } = reply.fields;
    return { ...replyFacts(reply), ...(path === undefined ? {} : { path, ...pathFacts(reply) }) };
  },
});

function randomName({ prefix, suffix }: Args): string {
  return prefix + Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('') + suffix;
}
