import { z } from 'zod';
import { bool, choice, fileMode, int, list, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { pathFacts, replyFacts } from '../run/modules/file-arguments.ts';
import { fetchOnController } from '../run/modules/http-client.ts';
import { lines, type Sh, sh } from '../run/shell/script.ts';
import { defineTask, type StepReply, type TaskResult } from '../run/task.ts';

/** The arguments that are fields of the file. */
const fields = {
  name: str(),
  allow_downgrade_to_insecure: bool().optional(),
  allow_insecure: bool().optional(),
  allow_weak: bool().optional(),
  architectures: list(str()).optional(),
  by_hash: bool().optional(),
  check_date: bool().optional(),
  check_valid_until: bool().optional(),
  components: list(str()).optional(),
  date_max_future: int().optional(),
  enabled: bool().optional(),
  exclude: list(str()).optional(),
  include: list(str()).optional(),
  inrelease_path: str().optional(),
  languages: list(str()).optional(),
  pdiffs: bool().optional(),
  signed_by: str().optional(),
  suites: list(str()).optional(),
  targets: list(str()).optional(),
  trusted: bool().optional(),
  types: list(choice('deb', 'deb-src')).default(['deb']),
  uris: list(str()).optional(),
};

const args = z
  .strictObject({
    ...fields,
    mode: fileMode().default('0644'),
    state: choice('present', 'absent').default('present'),
    install_python_debian: bool().default(false),
  })
  .superRefine((value, context) => {
    if (slug(value.name) === '') context.addIssue({ code: 'custom', message: 'name has no letters or digits' });
    if (value.state === 'present' && (!value.uris?.length || !value.suites?.length))
      context.addIssue({
        code: 'custom',
        message: 'state is present but all of the following are missing: suites, uris',
      });
  });

type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/latest/collections/ansible/builtin/deb822_repository_module.html (2.15) */
export default defineTask<Args>({
  name: 'ansible.builtin.deb822_repository',
  summary: 'Adds and removes repositories of apt in the deb822 format, with their keys.',
  args: args as unknown as z.ZodType<Args>,
  checkMode: 'full',
  returns: {
    repo: 'What the file says.',
    dest: 'The file.',
    key_filename: 'Where the key is, when it was downloaded.',
  },
  example: `
- ansible.builtin.deb822_repository:
    name: mosquitto
    uris: https://repo.mosquitto.org/debian
    suites: "{{ ansible_distribution_release }}"
    components: main
    signed_by: https://repo.mosquitto.org/debian/mosquitto-repo.gpg`,
  step: (args) =>
    args.state === 'present' && isUrl(args.signed_by) ? undefined : repositoryStep(args, args.signed_by),
  result: repositoryResult,
  action: async (args, host) => {
    const url = args.signed_by!;
    const connect = (address: string, port: number) => host.forward(address, port);
    const { status, body } = await fetchOnController(url, { follow: 'all', signal: host.signal, connect });
    if (status !== 200) throw new LamplighterError('MODULE_FAILED', `Could not fetch signed_by key: ${url}: ${status}`);
    const armoured = body.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----');
    const file = `/etc/apt/keyrings/${slug(args.name)}.${armoured ? 'asc' : 'gpg'}`;
    const reply = await host.run(
      sh`
${keyStep(file, body)}
${repositoryStep(args, file)}`,
    );
    const result = repositoryResult(reply, args, host);
    return reply.status === 'failed' ? result : { ...result, key_filename: file };
  },
});

function isUrl(text: string | undefined): boolean {
  return text !== undefined && /^(https?):\/\//.test(text);
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[_\s]+/g, '-')
    .replace(/[^a-z0-9-]+/g, '');
}

/** The fields in the order of their arguments' names. */
function content(args: Args, signedBy: string | undefined): string {
  const all: Record<string, unknown> = { ...args, signed_by: signedBy };
  return Object.keys(fields)
    .sort()
    .flatMap((key) => {
      const value = all[key];
      if (value === undefined) return [];
      const text = formatted(value);
      return [`${fieldName(key)}: ${text.includes('\n') ? multiline(text) : text}`];
    })
    .map((line) => `${line.replace(/: \n/, ':\n')}\n`)
    .join('');
}

function formatted(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

function multiline(text: string): string {
  const indented = text
    .trim()
    .split(/\r?\n/)
    .map((line) => `    ${line.trim() || '.'}`);
  return `\n${indented.join('\n')}`;
}

function fieldName(key: string): string {
  if (key === 'name') return 'X-Repolib-Name';
  if (key === 'uris') return 'URIs';
  return key.replace(/(^|_)([a-z])/g, (_, start: string, letter: string) => `${start && '-'}${letter.toUpperCase()}`);
}

/** A key may be bytes: it goes as octal text. */
function keyStep(file: string, key: Buffer): Sh {
  const octal = Array.from(key, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return sh`
ll_temp; m_key=$ll_tmp; printf ${octal} >"$m_key"
ll_mkdir /etc/apt/keyrings 0755
if ll_read ${file} && ll_same "$ll_at" "$m_key"; then ll_attributes ${file} 0644; else ll_write "$m_key" ${file} 0644; fi`;
}

function repositoryStep(args: Args, signedBy: string | undefined): Sh {
  const base = slug(args.name);
  const dest = `/etc/apt/sources.list.d/${base}.sources`;
  if (args.state === 'absent')
    return sh`
m_dest=${dest}; ll_ret dest "$m_dest"
if ll_read "$m_dest"; then ll_diff "$m_dest" "$ll_at" /dev/null; fi
for m_each in "$m_dest" ${`/etc/apt/keyrings/${base}.asc`} ${`/etc/apt/keyrings/${base}.gpg`}; do ll_remove "$m_each"; done`;
  const text = content(args, signedBy);
  return lines(
    sh`
m_dest=${dest} m_text=${text}; ll_ret dest "$m_dest"; ll_ret repo "$m_text"
ll_temp; m_new=$ll_tmp; printf '%s' "$m_text" >"$m_new"
m_old=/dev/null
if ll_read "$m_dest"; then m_old=$ll_at; fi
if [ "$m_old" != /dev/null ] && ll_same "$m_old" "$m_new"; then
  ll_attributes "$m_dest" ${args.mode}; ll_stat "$m_dest"; ll_ret_stat; return 0
fi
ll_diff "$m_dest" "$m_old" "$m_new"
ll_mkdir /etc/apt/sources.list.d
ll_write "$m_new" "$m_dest" ${args.mode}
ll_stat "$m_dest"; ll_ret_stat`,
  );
}

function repositoryResult(reply: StepReply, args: Args, context: { diff: boolean }): TaskResult {
  const result: TaskResult = replyFacts(reply);
  if (reply.status === 'failed') return result;
  const { dest, repo } = reply.fields;
  Object.assign(result, pathFacts(reply), { dest, repo: args.state === 'absent' ? null : repo, key_filename: null });
  if (context.diff) result.diff = reply.diffs;
  return result;
}
