import { z } from 'zod';
import { bool, choice, fileMode, int, str } from '../run/args.ts';
import { LamplighterError } from '../run/errors.ts';
import { replyFacts } from '../run/modules/file-arguments.ts';
import { LAUNCHPAD, type Launchpad, type Ppa, ppaKey, ppaOf } from '../run/modules/ppa.ts';
import { shellFunctions } from '../run/modules/shell-file.ts';
import { lines, type Sh, sh } from '../run/shell/script.ts';
import { type ActionHost, defineTask, type StepReply, type TaskResult } from '../run/task.ts';

const args = z.strictObject({
  repo: str().refine((text) => text.trim() !== '', "Please set argument 'repo' to a non-empty value"),
  state: choice('present', 'absent').default('present'),
  filename: str()
    .refine((name) => !/[\n]/.test(name), 'cannot hold line feeds')
    .optional(),
  mode: fileMode().optional(),
  codename: str().optional(),
  update_cache: bool().default(true),
  update_cache_retries: int({ min: 1 }).default(5),
  update_cache_retry_max_delay: int({ min: 0 }).default(12),
  validate_certs: bool().default(true),
  install_python_apt: bool().default(true),
});

export type Args = z.infer<typeof args>;

/** Source: https://docs.ansible.com/ansible/2.14/collections/ansible/builtin/apt_repository_module.html */
export default defineTask<Args>({
  name: 'ansible.builtin.apt_repository',
  summary: "Adds and removes lines of apt's sources.list, PPAs among them.",
  args: args as unknown as z.ZodType<Args>,
  argAliases: { update_cache: ['update-cache'] },
  checkMode: 'full',
  returns: { repo: 'The repository, as given.', state: 'present or absent.' },
  example: `
- ansible.builtin.apt_repository:
    repo: deb [signed-by=/etc/apt/keyrings/mosquitto.gpg] https://repo.mosquitto.org/debian bookworm main
    filename: mosquitto`,
  step: (args) => (args.repo.startsWith('ppa:') ? undefined : repositoryStep(args, sourceOf(args.repo))),
  result: repositoryResult,
  action: (args, host) => addPpa(args, host, LAUNCHPAD),
});

export async function addPpa(args: Args, host: ActionHost, launchpad: Launchpad): Promise<TaskResult> {
  const ppa = ppaOf(args.repo);
  const codename = args.codename ?? (await codenameOf(host));
  const source = `deb http://ppa.launchpad.net/${ppa.owner}/${ppa.name}/ubuntu ${codename} main`;
  const file = fileOf(args, `${args.repo}_${codename}`);
  if (args.state === 'present' && !(await isThere(host, source))) await trustPpa(args, host, ppa, launchpad);
  return repositoryResult(await host.run(repositoryStep(args, source, file)), args, host);
}

/** The line with single blanks. @throws LamplighterError BAD_ARGUMENT when it is no source */
function sourceOf(repo: string): string {
  const hash = repo.indexOf('#');
  const words = (hash > 0 ? repo.slice(0, hash) : repo).trim().split(/\s+/);
  if (words[0] !== 'deb' && words[0] !== 'deb-src')
    throw new LamplighterError('BAD_ARGUMENT', `Invalid repository string: ${repo}`);
  return words.join(' ');
}

/** The file that a new line goes to: named by the task, or after the address. */
function fileOf(args: Args, line: string): string {
  const short = line
    .replace(/\[[^\]]+\]/g, '')
    .replace(/\w+:\/\//g, '')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== 'deb' && word !== 'deb-src')[0]!
    .replace(/^[^@]*@/, '');
  const name =
    args.filename ??
    short
      .replace(/[^a-zA-Z0-9]/g, ' ')
      .trim()
      .split(/\s+/)
      .join('_');
  return name.includes('/') ? `${name}.list` : `/etc/apt/sources.list.d/${name}.list`;
}

function repositoryStep(args: Args, source: string, file = fileOf(args, source)): Sh {
  return lines(
    shellFunctions(new URL('../run/modules/apt.sh', import.meta.url)),
    shellFunctions(new URL('../run/modules/apt-repository.sh', import.meta.url)),
    sh`
m_source=${source} m_state=${args.state} m_file=${file} m_mode=${args.mode ?? ''} m_update=${args.update_cache ? '1' : ''}
m_retries=${args.update_cache_retries} m_max_delay=${args.update_cache_retry_max_delay} m_lock_timeout=60 m_policy= m_options=
r_main`,
  );
}

async function codenameOf(host: ActionHost): Promise<string> {
  const reply = await host.run(sh`. /etc/os-release; ll_ret codename "$VERSION_CODENAME"`, { readOnly: true });
  if (reply.fields.codename) return reply.fields.codename;
  throw new LamplighterError('MODULE_FAILED', 'the host does not say the code name of its release: set codename');
}

async function isThere(host: ActionHost, source: string): Promise<boolean> {
  const reply = await host.run(
    sh`
ll_ret there "$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | grep -cxF ${source})"`,
    { readOnly: true },
  );
  return Number(reply.fields.there) > 0;
}

/** The host trusts the PPA's key for apt. */
async function trustPpa(args: Args, host: ActionHost, ppa: Ppa, launchpad: Launchpad): Promise<void> {
  const key = await ppaKey(ppa, launchpad, { validateCerts: args.validate_certs, signal: host.signal });
  await host.run(sh`
m_key=${`/etc/apt/trusted.gpg.d/${ppa.owner}-${ppa.name}.asc`}
ll_temp; printf '%s' ${key} >"$ll_tmp"
if ll_read "$m_key" && ll_same "$ll_at" "$ll_tmp"; then return 0; fi
ll_write "$ll_tmp" "$m_key" 0644`);
}

function repositoryResult(reply: StepReply, args: Args, context: { diff: boolean }): TaskResult {
  const result: TaskResult = replyFacts(reply);
  if (reply.status === 'failed') {
    if (result.msg === undefined) result.msg = reply.stderr.trim();
    return result;
  }
  Object.assign(result, { repo: args.repo, state: args.state });
  if (context.diff) result.diff = reply.diffs.filter((diff) => typeof diff.after === 'string');
  return result;
}
