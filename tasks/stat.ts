import { z } from 'zod';
import { bool, choice, path } from '../run/args.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { statFacts } from '../run/modules/stat-result.ts';
import { lines, looking, sh } from '../run/shell/script.ts';
import { defineTask } from '../run/task.ts';

const LIBRARY = new URL('../run/modules/stat.sh', import.meta.url);

const args = z.strictObject({
  path: path(),
  follow: bool().default(false),
  get_md5: bool().default(false),
  get_checksum: bool().default(true),
  get_mime: bool().default(true),
  get_attributes: bool().default(true),
  checksum_algorithm: choice('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512').default('sha1'),
});

type Args = z.infer<typeof args>;

export default defineTask<Args>({
  name: 'ansible.builtin.stat',
  summary: 'Tells what is known of a path: kind, mode, owner, times, checksum.',
  args: args as z.ZodType<Args>,
  argAliases: {
    path: ['dest', 'name'],
    get_mime: ['mime', 'mime_type', 'mime-type'],
    get_attributes: ['attr', 'attributes'],
    checksum_algorithm: ['checksum', 'checksum_algo'],
  },
  checkMode: 'full',
  returns: { stat: 'What is known of the path; only `exists: false` when it is not there.' },
  example: `- ansible.builtin.stat:
    path: /etc/mosquitto/conf.d/port.conf
  register: conf`,
  step: (args) =>
    lines(
      shellFunctions(LIBRARY),
      looking(args.path, args.get_checksum && args.checksum_algorithm === 'sha1' ? 'sum' : undefined),
      sh`
m_follow=${args.follow ? 'follow' : ''}; m_md5=${args.get_md5 ? '1' : ''}; m_checksum=${args.get_checksum ? '1' : ''}
m_algorithm=${args.checksum_algorithm}; m_mime=${args.get_mime ? '1' : ''}; m_attributes=${args.get_attributes ? '1' : ''}
s_look ${args.path}`,
    ),
  result: (reply, args) => {
    const result = replyFacts(reply);
    if (reply.status === 'failed' || reply.status === 'unknown') return result;
    const wanted = { mime: args.get_mime, attributes: args.get_attributes };
    return { ...result, stat: reply.fields.stat === undefined ? { exists: false } : statFacts(reply, wanted) };
  },
});
