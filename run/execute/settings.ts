import { bool, float, str } from '../args.ts';
import { LamplighterError, type Place } from '../errors.ts';
import type { Effective } from '../plan/effective.ts';
import { OMIT } from '../plan/magic.ts';
import type { VariableScope } from '../plan/scope.ts';
import type { Templar } from '../plan/templar.ts';
import type { Raw } from '../playbook/model.ts';
import type { Become } from '../transport/transport.ts';
import type { JobLimits } from './async-job.ts';
import type { RunState } from './run-state.ts';

/** Made once: a schema costs more to make than to ask. */
const BOOL = bool();
const FLOAT = float();
const STR = str();

/** A task's keywords on one host, evaluated. */
export interface Settings {
  become: Become | undefined;
  check: boolean;
  /** `check_mode: true` in a run that acts. */
  checkAlone: boolean;
  diff: boolean;
  noLog: boolean;
  ignoreErrors: boolean;
  ignoreUnreachable: boolean;
  environment: Record<string, string>;
  timeoutSeconds: number | undefined;
  delegateFacts: boolean;
  /** `async` above 0. */
  job?: JobLimits;
}

/**
 * @param acting the variables of the host that the task acts on, which decide about `become`: the delegated host's
 * @throws LamplighterError PLAYBOOK_SHAPE for a value of the wrong type; those of templates; signals
 */
export function settingsOf(
  run: RunState,
  keywords: Effective,
  scope: VariableScope,
  acting: VariableScope,
  place: Place,
): Settings {
  const { templar, options } = run;
  const flag = (value: Raw, keyword: string, otherwise: boolean): boolean =>
    value === undefined ? otherwise : keywordValue(BOOL, templar.value(value, scope, place), keyword, place);
  const limit = keywords.timeout === undefined ? undefined : templar.value(keywords.timeout, scope, place);
  const timeout =
    limit === undefined ? (options.defaults?.taskTimeout ?? 0) : keywordValue<number>(FLOAT, limit, 'timeout', place);
  const check = flag(keywords.checkMode, 'check_mode', options.check);
  return {
    become: becomeOf(run, keywords, scope, acting, place),
    check,
    checkAlone: check && !options.check,
    diff: flag(keywords.diff, 'diff', options.diff),
    noLog: flag(keywords.noLog, 'no_log', options.defaults?.noLog ?? false),
    ignoreErrors: flag(keywords.ignoreErrors, 'ignore_errors', false),
    ignoreUnreachable: flag(keywords.ignoreUnreachable, 'ignore_unreachable', false),
    environment: environmentOf(templar, keywords, scope, place),
    timeoutSeconds: timeout > 0 ? timeout : undefined,
    delegateFacts: flag(keywords.delegateFacts, 'delegate_facts', false),
  };
}

/** Reads an evaluated keyword by one of the argument types. */
export function keywordValue<T>(
  type: ReturnType<typeof bool> | ReturnType<typeof float> | ReturnType<typeof str>,
  value: unknown,
  keyword: string,
  place: Place,
): T {
  const read = type.safeParse(value);
  if (read.success) return read.data as T;
  throw new LamplighterError('PLAYBOOK_SHAPE', `"${keyword}": ${read.error.issues[0]?.message}`, { place });
}

/**
 * Variables (`ansible_become…`) win over keywords, and those over the command line, as in Ansible. Nobody becomes the user
 * that the connection logs in as.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/become.html
 */
function becomeOf(
  run: RunState,
  keywords: Effective,
  scope: VariableScope,
  acting: VariableScope,
  place: Place,
): Become | undefined {
  const { templar, options } = run;
  const pick = (variables: string[], keyword: Raw): unknown => {
    for (const name of variables) {
      const value = acting.value(name);
      if (value !== undefined) return value;
    }
    return keyword === undefined ? undefined : templar.value(keyword, scope, place);
  };
  const wanted = pick(['ansible_become'], keywords.become) ?? options.become.enabled;
  if (!keywordValue<boolean>(BOOL, wanted, 'become', place)) return undefined;

  const method = String(
    pick(['ansible_become_method'], keywords.becomeMethod) ?? options.become.method ?? 'sudo',
  ).replace(/^.*\./, '');
  if (method !== 'sudo' && method !== 'su' && method !== 'doas')
    throw new LamplighterError('UNSUPPORTED_KEYWORD', `become_method "${method}" is not supported`, {
      place,
      hint: 'use sudo, su or doas',
    });
  const user =
    pick(['ansible_become_user', `ansible_${method}_user`], keywords.becomeUser) ?? options.become.user ?? 'root';
  const password =
    pick(
      ['ansible_become_password', 'ansible_become_pass', `ansible_${method}_password`, `ansible_${method}_pass`],
      undefined,
    ) ?? options.passwords.become;
  const flags = pick(['ansible_become_flags', `ansible_${method}_flags`], keywords.becomeFlags);
  const exe = pick(['ansible_become_exe', `ansible_${method}_exe`], keywords.becomeExe);
  const become: Become = { user: String(user), method };
  if (password !== undefined) {
    become.password = String(password);
    run.secret(become.password);
  }
  if (flags !== undefined) become.flags = String(flags);
  if (exe !== undefined) become.exe = String(exe);
  return become;
}

function environmentOf(
  templar: Templar,
  keywords: Effective,
  scope: VariableScope,
  place: Place,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const written of keywords.environment) {
    const value = templar.value(written, scope, place);
    for (const part of Array.isArray(value) ? value : [value]) {
      if (part === null || part === '' || part === OMIT) continue;
      if (typeof part !== 'object')
        throw new LamplighterError('PLAYBOOK_SHAPE', '"environment" must be a mapping of names to values', { place });
      for (const [name, each] of part instanceof Map ? part : Object.entries(part)) {
        if (each !== OMIT)
          environment[String(name)] =
            each === null ? '' : keywordValue<string>(STR, each, `environment: ${name}`, place);
      }
    }
  }
  return environment;
}
