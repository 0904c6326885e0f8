import { LamplighterError } from '../errors.ts';
import { shellFunctions } from '../modules/shell-file.ts';
import { LISTENER_FUNCTIONS, parseListeners } from '../mqtt/listeners.ts';
import { lines, raw, type Sh, sh } from '../shell/script.ts';
import type { Finding, StepReply, TaskContext, TaskResult } from '../task.ts';
import type { Variant } from './lines.ts';
import { parseVersion, type Version } from './version.ts';

/** A file of Mosquitto's, as it is to be on the host. */
export interface ManagedFile {
  /** Data (passwords, rights) is taken by a reload; a configuration by a restart. */
  kind: 'config' | 'data';
  path: string;
  mode: string;
  owner: string;
  group: string;
  /** The text, or that of each version; undefined for a file that is to go. */
  content: string | readonly Variant[] | undefined;
}

export interface Place {
  /** The main configuration file. */
  config: string;
  service: string;
  /** Seconds that the broker may take to come up. */
  timeout: number;
}

const LIBRARY = new URL('./apply.sh', import.meta.url);
const BRIDGE_LIBRARY = new URL('./bridge.sh', import.meta.url);

/** Puts the files in place and applies them, in one visit; a configuration that the broker does not run on never stays. */
export function applyStep(place: Place, files: readonly ManagedFile[]): Sh {
  return lines(
    functions(place),
    raw('mq_bridge='),
    raw('mq_find_version'),
    ...files.flatMap(fileCalls),
    raw('mq_apply'),
  );
}

/** Takes a configuration away, with the files that it alone names: `option PATH` of each. */
export function removeStep(place: Place, path: string, named: Readonly<Record<string, string>>): Sh {
  return lines(
    functions(place),
    raw('mq_bridge='),
    raw('mq_find_version_if_any'),
    ...Object.entries(named).map(([option, file]) => sh`mq_absent_with ${path} ${option} ${file}`),
    sh`mq_absent config ${path}`,
    raw('mq_apply'),
  );
}

/** As `applyStep` for the one file of a bridge, with what its change leaves on the other broker in mind. */
export function applyBridgeStep(place: Place, file: ManagedFile): Sh {
  return lines(
    functions(place),
    shellFunctions(BRIDGE_LIBRARY),
    raw('mq_bridge=1 mq_left='),
    raw(file.content === undefined ? 'mq_find_version_if_any' : 'mq_find_version'),
    ...fileCalls(file),
    raw('mq_apply'),
  );
}

function fileCalls({ kind, path, mode, owner, group, content }: ManagedFile): Sh[] {
  if (content === undefined) return [sh`mq_absent ${kind} ${path}`];
  return [
    sh`mq_file ${kind} ${path} ${mode} ${owner} ${group}`,
    ...(typeof content === 'string' ? [sh`mq_variant 0.0 '' ${content}`] : content.map(variantCall)),
  ];
}

/** Asks for the version (field `version`) and a file's present content (field `content`, if there is one). */
export function askStep(place: Place, path: string): Sh {
  return lines(
    functions(place),
    raw('mq_find_version'),
    raw('ll_ret version "$mq_version"'),
    sh`if ll_read ${path}; then ll_ret_file content "$ll_at"; fi`,
  );
}

/** The version that a step found. @throws LamplighterError PROTOCOL when it is none */
export function versionIn(reply: StepReply): Version {
  const version = parseVersion(reply.fields.version ?? '');
  if (version === undefined)
    throw new LamplighterError('PROTOCOL', `this is no version of Mosquitto: ${reply.fields.version}`);
  return version;
}

/** What the step said, in return values. */
export function applyResult(reply: StepReply, context: Pick<TaskContext, 'diff'>): TaskResult {
  const { version, applied, said, stale, stays, msg } = reply.fields;
  return {
    changed: reply.status === 'changed',
    ...(reply.status === 'failed' ? { failed: true } : {}),
    ...(reply.status === 'unknown' ? { unknown: msg ?? '' } : {}),
    ...(msg === undefined ? {} : { msg }),
    ...(version === undefined ? {} : { version }),
    ...(applied === undefined ? {} : { applied }),
    ...(said === undefined ? {} : { said }),
    stale: parseListeners(stale ?? ''),
    ...(stays === undefined ? {} : { stays: stays.split('\n') }),
    ...(context.diff && reply.diffs.length > 0 ? { diff: reply.diffs } : {}),
    ...(reply.warnings.length > 0 ? { warnings: reply.warnings } : {}),
  };
}

/**
 * Refuses a task that breaks rules; doubts become warnings of its step.
 * @throws LamplighterError BAD_ARGUMENT with every mistake
 */
export function judged(findings: readonly Finding[]): Sh {
  const mistakes = findings.filter(({ level }) => level === 'error');
  const [first] = mistakes;
  if (first !== undefined)
    throw new LamplighterError('BAD_ARGUMENT', mistakes.map(({ message }) => message).join('; '), { hint: first.hint });
  return lines(...findings.map(({ message }) => sh`ll_warn ${message}`));
}

function functions({ config, service, timeout }: Place): Sh {
  return lines(
    shellFunctions(LIBRARY),
    LISTENER_FUNCTIONS,
    sh`mq_main=${config} mq_service=${service} mq_timeout=${timeout} mq_count=0 mq_keeps=`,
  );
}

function variantCall({ from, refused, text }: Variant): Sh {
  return sh`mq_variant ${from} ${refused} ${text}`;
}
