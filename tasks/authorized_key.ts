import { z } from 'zod';
import { bool, choice, path, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { pathFacts, replyFacts } from '../run/modules/file-arguments.ts';
import { fetchOnController } from '../run/modules/http-client.ts';
import { type PublicKey, publicKeys } from '../run/modules/public-keys.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, type Sh, sh } from '../run/shell/script.ts';
import { defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const args = z.strictObject({
  user: str(),
  key: str(),
  path: path().optional(),
  manage_dir: bool().default(true),
  state: choice('present', 'absent').default('present'),
  key_options: str().optional(),
  exclusive: bool().default(false),
  comment: str().optional(),
  validate_certs: bool().default(true),
  follow: bool().default(false),
});

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/latest/collections/ansible/posix/authorized_key_module.html (1.5) */
export default defineTask<Args>({
  name: 'ansible.posix.authorized_key',
  aliases: ['ansible.builtin.authorized_key'],
  summary: 'Lets SSH keys log in as a user, or no longer.',
  args: args as z.ZodType<Args>,
  checkMode: 'full',
  returns: {
    keyfile: 'The file of the keys.',
    key: 'The keys, as given.',
    user: 'The user.',
    state: 'present or absent.',
  },
  example: `
- ansible.posix.authorized_key:
    user: lamp
    key: "{{ lookup('file', 'keys/operator.pub') }}"
    exclusive: true`,
  step: (args) => (isUrl(args.key) ? undefined : keyStep(args, publicKeys(args.key, args))),
  result: keyResult,
  action: async (args, host) => {
    const response = await fetchOnController(args.key, { validateCerts: args.validate_certs, signal: host.signal });
    if (response.status !== 200) throw new LamplighterError('MODULE_FAILED', `Error getting key from: ${args.key}`);
    const reply = await host.run(keyStep(args, publicKeys(response.body.toString('utf8'), args)));
    return keyResult(reply, args, host);
  },
});

function isUrl(key: string): boolean {
  return /^https?:\/\//.test(key);
}

function keyStep(args: Args, keys: PublicKey[]): Sh {
  const records = keys.map(({ blob, type, options, comment }) => [blob, type, options, comment].join('\x1f'));
  return lines(
    shellFunctions(new URL('../run/modules/accounts.sh', import.meta.url)),
    shellFunctions(new URL('../run/modules/authorized-key.sh', import.meta.url)),
    sh`
m_user=${args.user} m_state=${args.state} m_exclusive=${args.exclusive ? '1' : ''} m_follow=${args.follow ? '1' : ''}
m_manage_dir=${args.manage_dir ? '1' : ''} m_keys=${records.join('\n')} m_path= m_local=
${args.path === undefined ? sh`` : sh`ll_home ${args.path}; m_path=$ll_path`}
k_main`,
  );
}

function keyResult(reply: StepReply, args: Args, context: { diff: boolean }): TaskResult {
  const result: TaskResult = replyFacts(reply);
  if (reply.status === 'failed' || reply.status === 'unknown') return result;
  const { keyfile, written } = reply.fields;
  const { path = null, key_options = null, comment = null } = args;
  const [diff] = reply.diffs.filter((each) => typeof each.after === 'string' || each.hidden !== undefined);
  return {
    ...result,
    ...args,
    path,
    key_options,
    comment,
    keyfile,
    ...pathFacts(reply),
    ...(context.diff && diff ? { diff: { ...diff, beforeHeader: keyfile!, afterHeader: written! } } : {}),
  };
}
