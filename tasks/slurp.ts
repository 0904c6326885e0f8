import { z } from 'zod';
import { path } from '../run/args.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

const args = z.strictObject({ src: path() });

type Args = z.infer<typeof args>;

export default defineTask<Args>({
  name: 'ansible.builtin.slurp',
  summary: "Reads a host's file into a variable, as base64.",
  args: args as z.ZodType<Args>,
  argAliases: { src: ['path'] },
  checkMode: 'full',
  returns: { content: 'The content, base64.', encoding: 'Always `base64`.', source: 'The path.' },
  example: `- ansible.builtin.slurp:
    src: /etc/machine-id
  register: id`,
  step: ({ src }) => sh`
ll_home ${src}; m_path=$ll_path
ll_read "$m_path"
case $? in
  0) ll_ret source "$m_path"; ll_ret_bytes content "$ll_at";;
  1) if ll_may_come "$m_path"; then ll_unknown "$m_path may come with a package that is not installed yet"; fi
    ll_fail "file not found: $m_path";;
  3) ll_fail "source is a directory and must be a file: $m_path";;
  *) ll_fail "file is not readable: $m_path";;
esac`,
  result: (reply) => {
    const { content, source } = reply.fields;
    const result = replyFacts(reply);
    return content === undefined ? result : { ...result, content, source, encoding: 'base64' };
  },
});
