import { lines, raw, type Sh, sh } from '../shell/script.ts';
import type { StepReply } from '../task.ts';
import { distribution } from './facts/distribution.ts';
import type { FactGroup } from './facts/group.ts';
import { devices, dmi, lvm, memory, mounts, processor, uptime } from './facts/hardware.ts';
import { HostView } from './facts/host-view.ts';
import { local } from './facts/local.ts';
import { network } from './facts/network.ts';
import { fqdn, platform } from './facts/platform.ts';
import { python } from './facts/python.ts';
import {
  apparmor,
  capabilities,
  chroot,
  cmdline,
  dateTime,
  dns,
  env,
  fips,
  loadAverage,
  lsb,
  pkgMgr,
  selinux,
  serviceMgr,
  sshKeys,
  storage,
  user,
} from './facts/system.ts';
import { virtual } from './facts/virtual.ts';

/*
 * Facts of a host under Ansible's names. The host gives raw files and outputs, read by a few processes; the controller
 * makes facts of them. Only groups with a wanted fact are asked for. `ansible_python` is the Python that a
 * host happens to have: nothing here runs it.
 */

/** Every group, in the order in which they are read. */
export const factGroups: readonly FactGroup[] = [
  ...[platform, fqdn, distribution, user, env, dateTime, serviceMgr, pkgMgr, cmdline, dns, lsb, local, sshKeys],
  ...[selinux, apparmor, capabilities, fips, python],
  ...[memory, processor, dmi, uptime, mounts, devices, lvm],
  ...[network, virtual, chroot, loadAverage, storage],
];

const HARDWARE = new Set(['memory', 'processor', 'dmi', 'uptime', 'mounts', 'devices', 'lvm']);

/** Variables that begin with `ansible_` and are no facts. */
const NO_FACTS =
  /^(host|port|user|password|connection|ssh_.*|become.*|sudo.*|su.*|shell_.*|python_interpreter|.*_interpreter|check_mode|diff_mode|verbosity|version|forks|inventory_sources|limit|loop.*|index_var|parent_role_.*|play_.*|role_name|role_names|dependent_role_names|run_tags|skip_tags|search_path|config_file|facts|managed|paramiko_.*|pipelining|remote_tmp|winrm_.*|async_dir|scp_.*|sftp_.*|private_key_file|timeout|collection_name|failed_.*|date|template_.*|job_id|playbook_python|delegated_vars)$/;

/** The groups that a name (`ansible_eth0` or `eth0`) may come from; none for a variable that is no fact. */
export function groupsOf(name: string): FactGroup[] {
  const short = name.replace(/^ansible_/, '');
  const exact = factGroups.filter((group) => group.names.some((each) => matches(each, short)));
  // "ssh_" and "user" are also how connection variables begin: an exact fact wins.
  if (exact.length > 0) return exact;
  // Anything else may be an interface.
  return NO_FACTS.test(short) || short.startsWith('python') ? [] : [network];
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

export interface FactOptions {
  /** Where `*.fact` files lie. */
  factPath?: string;
  /** Seconds that a file system may take to answer. */
  gatherTimeout?: number;
}

/** The step that reads what the wanted facts are made of. */
export function factStep(names: ReadonlySet<string> | 'all', options: FactOptions = {}): Sh {
  if (names === 'all') return factStepOf(factGroups, options);
  const groups = new Set([...names].flatMap(groupsOf));
  return factStepOf(
    factGroups.filter((group) => groups.has(group)),
    options,
  );
}

/** The same for whole groups. */
export function factStepOf(groups: readonly FactGroup[], options: FactOptions = {}): Sh {
  const files = words(groups.flatMap((group) => group.files ?? []));
  const links = words(groups.flatMap((group) => group.links ?? []));
  const scripts = new Set(groups.flatMap((group) => group.scripts ?? []));
  return lines(
    sh`m_fact_path=${options.factPath ?? '/etc/ansible/facts.d'} m_gather_timeout=${options.gatherTimeout ?? 10}`,
    raw(`fact_section() { printf '\\001%s\\n' "$1"; }`),
    raw(
      `fact_exists() { fact_section exists; for m_each; do if [ -e "$m_each" ]; then printf '%s\\n' "$m_each"; fi; done; }`,
    ),
    raw(`fact_section groups; printf '%s\\n' ${groups.map((group) => group.name).join(' ')}`),
    // All files by one process. /dev/null makes grep print names even for a single file.
    files !== '' && raw(`fact_section files; LC_ALL=C grep -s '' /dev/null ${files}`),
    links !== '' && raw(`fact_section links; LC_ALL=C ls -ld ${links} 2>/dev/null`),
    ...[...scripts].map(raw),
    raw('return 0'),
  );
}

/** Each word once. */
function words(texts: string[]): string {
  return [...new Set(texts.flatMap((text) => text.split(' ')))].join(' ');
}

/** Facts by their variables' names (`ansible_…`), from the reply to a facts step. */
export function factsFrom(reply: StepReply): Record<string, unknown> {
  const host = new HostView(reply.stdout);
  const asked = new Set(host.lines('groups'));
  const facts: Record<string, unknown> = {};
  for (const group of factGroups.filter((each) => asked.has(each.name)))
    for (const [name, value] of Object.entries(group.facts(host))) facts[`ansible_${name}`] = value;
  return facts;
}

/**
 * The groups of `gather_subset`, as Ansible reads it: `all`, `min`, `hardware`, `network`, `virtual`, names of collectors
 * and facts, each with `!` to leave it out.
 * @throws RangeError for a name that is none of these
 */
export function groupsOfSubset(subset: readonly string[]): FactGroup[] {
  const minimal = factGroups.filter((group) => group.minimal);
  const wanted = new Set<FactGroup>();
  const unwanted = new Set<FactGroup>();
  const said = (name: string) => subset.includes(name);
  for (const item of subset) {
    const name = item.replace(/^!/, '');
    const groups = subsetGroups(name, minimal);
    if (!item.startsWith('!')) for (const group of groups) wanted.add(group);
    // "!all" leaves the minimal subset, which only "!min" takes away.
    else for (const group of groups) if (name !== 'all' || !group.minimal) unwanted.add(group);
  }
  const onlyExclusions = subset.every((item) => item.startsWith('!'));
  if (onlyExclusions) for (const group of factGroups) wanted.add(group);
  if (!said('!min')) for (const group of minimal) if (!unwanted.has(group)) wanted.add(group);
  // What is named outright stays, whatever a wider word has excluded.
  for (const item of subset)
    if (!item.startsWith('!') && item !== 'all')
      for (const group of subsetGroups(item, minimal)) if (!said(`!${item}`)) unwanted.delete(group);
  return factGroups.filter((group) => wanted.has(group) && !unwanted.has(group));
}

function subsetGroups(name: string, minimal: FactGroup[]): FactGroup[] {
  if (name === 'all') return [...factGroups];
  if (name === 'min') return minimal;
  if (name === 'hardware') return factGroups.filter((group) => HARDWARE.has(group.name));
  // Collectors of programs that make facts of their own, and of Python, which is not there: nothing to ask.
  if (name === 'facter' || name === 'ohai' || name === 'python') return [];
  if (name === 'platform') return [platform, fqdn];
  const groups = factGroups.filter(
    (group) => group.name === name || group.names.some((each) => matches(each, name) || each === `${name}*`),
  );
  if (groups.length === 0)
    throw new RangeError(
      `Bad subset '${name}' given to Ansible. gather_subset options allowed: all, min, ${factGroups
        .map((group) => group.name)
        .concat('hardware')
        .join(', ')}`,
    );
  return groups;
}
