import { z } from 'zod';
import { bool, choice, float, int, list, path, str } from '../run/args.ts';
import { accountDiff, accountField, accountName, accountResult } from '../run/modules/accounts.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, type Sh, sh } from '../run/shell/script.ts';
import { defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const DAY = 86_400;

const args = z
  .strictObject({
    name: accountName(),
    state: choice('present', 'absent').default('present'),
    uid: int({ min: 0 }).optional(),
    non_unique: bool().default(false),
    group: str().optional(),
    groups: list(str()).optional(),
    append: bool().default(false),
    comment: accountField().optional(),
    home: path().optional(),
    shell: accountField().optional(),
    password: accountField().optional(),
    update_password: choice('always', 'on_create').default('always'),
    password_lock: bool().optional(),
    password_expire_max: int().optional(),
    password_expire_min: int().optional(),
    expires: float().optional(),
    create_home: bool().default(true),
    move_home: bool().default(false),
    skeleton: str().optional(),
    umask: str().optional(),
    system: bool().default(false),
    local: bool().default(false),
    force: bool().default(false),
    remove: bool().default(false),
    generate_ssh_key: bool().default(false),
    ssh_key_bits: int({ min: 0 }).default(0),
    ssh_key_type: str().default('rsa'),
    ssh_key_file: path().optional(),
    ssh_key_comment: str().optional(),
    ssh_key_passphrase: str().optional(),
  })
  .superRefine((value, context) => {
    if (value.umask !== undefined && value.local)
      context.addIssue({ code: 'custom', message: "'umask' can not be used with 'local'" });
  });

type Args = z.infer<typeof args>;

const BSD = 'of other systems than Linux';

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/user_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.user',
  summary: 'Makes, changes and removes users.',
  args: args as unknown as z.ZodType<Args>,
  argAliases: { name: ['user'], create_home: ['createhome'] },
  unsupported: {
    seuser: 'SELinux users are not set',
    hidden: BSD,
    profile: BSD,
    authorization: BSD,
    role: BSD,
    login_class: BSD,
  },
  secrets: ['password', 'ssh_key_passphrase'],
  checkMode: 'full',
  returns: {
    name: 'The user.',
    state: 'present or absent.',
    uid: 'The number of the user.',
    group: 'The number of the primary group.',
    groups: 'The further groups asked for, commas between.',
    comment: 'The comment, often a full name.',
    home: 'The home directory.',
    shell: 'The login shell.',
    create_home: 'As asked, when the user was made.',
    system: 'As asked, when the user was made.',
    append: 'As asked, when the user was there.',
    move_home: 'As asked, when the user was there.',
    ssh_key_file: 'Where the key is, with generate_ssh_key.',
    ssh_public_key: 'Its public half.',
    ssh_fingerprint: 'Its fingerprint.',
  },
  example: `
- ansible.builtin.user:
    name: lamp
    system: true
    shell: /usr/sbin/nologin
    groups: [dialout, gpio]
    append: true`,
  step: (args) =>
    lines(
      shellFunctions(new URL('../run/modules/accounts.sh', import.meta.url)),
      shellFunctions(new URL('../run/modules/user.sh', import.meta.url)),
      settings(args),
      sh`u_main`,
    ),
  result: userResult,
});

function settings(args: Args): Sh {
  const days = args.expires === undefined ? undefined : Math.floor(args.expires / DAY);
  const flag = (value: boolean | undefined) => (value ? '1' : '');
  const has = (value: unknown) => flag(value !== undefined);
  return sh`
m_name=${args.name} m_state=${args.state} m_uid=${args.uid ?? ''} m_non_unique=${flag(args.non_unique)}
m_group=${args.group ?? ''} m_primary= m_groups=${wantedGroups(args).join(',')} m_has_groups=${has(args.groups)}
m_append=${flag(args.append)} m_comment=${args.comment ?? ''} m_has_comment=${has(args.comment)}
m_home= m_shell=${args.shell ?? ''} m_has_shell=${has(args.shell)}
m_password=${args.password ?? ''} m_has_password=${has(args.password)} m_always=${flag(args.update_password === 'always')}
m_lock=${flag(args.password_lock)} m_unlock=${flag(args.password_lock === false)}
m_max=${args.password_expire_max ?? ''} m_min=${args.password_expire_min ?? ''}
m_has_expires=${has(days)} m_expires=${days === undefined || days < 0 ? '' : days} m_expires_date=${date(days)}
m_create_home=${flag(args.create_home)} m_no_home=${flag(!args.create_home)} m_move_home=${flag(args.move_home)}
m_skeleton=${args.skeleton ?? ''} m_umask=${args.umask ?? ''} m_system=${flag(args.system)}
m_local=${flag(args.local)} m_plain=${flag(!args.local)} m_l=${args.local ? 'l' : ''}
m_force=${flag(args.force)} m_remove=${flag(args.remove)}
m_ssh=${flag(args.generate_ssh_key)} m_ssh_bits=${args.ssh_key_bits || ''} m_ssh_type=${args.ssh_key_type}
m_ssh_file=${args.ssh_key_file ?? `.ssh/id_${args.ssh_key_type}`} m_ssh_comment=${args.ssh_key_comment ?? ''}
m_passphrase=${args.ssh_key_passphrase ?? ''} m_has_passphrase=${has(args.ssh_key_passphrase)}
${args.home === undefined ? sh`` : sh`ll_home ${args.home}; m_home=$ll_path`}`;
}

function wantedGroups(args: Args): string[] {
  return (args.groups ?? []).map((name) => name.trim()).filter((name) => name !== '');
}

/** A day since 1970 as useradd takes it; empty for never. */
function date(days: number | undefined): string {
  return days === undefined || days < 0 ? '' : new Date(days * DAY * 1000).toISOString().slice(0, 10);
}

function userResult(reply: StepReply, args: Args, context: { diff: boolean }): TaskResult {
  const result: TaskResult = { ...accountResult(reply), name: args.name };
  const warnings = [...(result.warnings ?? []), ...advice(args)];
  if (warnings.length > 0) result.warnings = warnings;
  if (reply.status === 'failed') return result;
  const { fields } = reply;
  result.state = args.state;
  if (args.state === 'absent') {
    if (fields.removed !== undefined) Object.assign(result, { force: args.force, remove: args.remove });
    return { ...result, ...accountDiff(reply, context, args.name) };
  }
  if (fields.created === '1') Object.assign(result, { system: args.system, create_home: args.create_home });
  else Object.assign(result, { append: args.append, move_home: args.move_home });
  if (args.password !== undefined) result.password = 'NOT_LOGGING_PASSWORD';
  if (fields.uid) result.uid = Number(fields.uid);
  if (fields.gid) result.group = Number(fields.gid);
  for (const key of ['comment', 'home', 'shell', 'ssh_key_file', 'ssh_fingerprint'] as const)
    if (fields[key] !== undefined) result[key] = fields[key];
  if (args.groups !== undefined) result.groups = args.groups.join(',');
  if (fields.ssh_public_key !== undefined) result.ssh_public_key = fields.ssh_public_key.trim();
  return { ...result, ...accountDiff(reply, context, args.name) };
}

/** What Ansible warns of before it asks the host. */
function advice(args: Args): string[] {
  const out: string[] = [];
  if (args.groups === undefined && args.append)
    out.push(
      "'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups.This will change to an error in Ansible 2.14.",
    );
  if (args.password && !looksHashed(args.password))
    out.push(
      "The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to work properly.",
    );
  return out;
}

/** Lengths of the hashes of crypt(3) by their method. */
const HASH_LENGTHS: Record<string, number> = { '1': 22, '5': 43, '6': 86 };

function looksHashed(password: string): boolean {
  if (['*', '!', '*************'].includes(password)) return true;
  const fields = password.split('$');
  const hash = fields.at(-1)!;
  if (/[:*!]/.test(password) || fields.length < 3 || /[^a-zA-Z0-9./=]/.test(hash)) return false;
  const length = HASH_LENGTHS[fields[1]!];
  return length === undefined || hash.length === length;
}
