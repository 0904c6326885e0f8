import { LamplighterError } from '../errors.ts';
import type { Role } from '../playbook/model.ts';
import { ConnectionLayer, type ConnectionWords } from './connection-magic.ts';
import type { Effective } from './effective.ts';
import type { HostVariables } from './host-variables.ts';
import { MagicLayer, type PlayFacts, type RunFacts, roleLayer, ScopeMapping } from './magic.ts';
import { type Evaluate, type Layer, layer, VariableScope } from './scope.ts';

/** Variables that are the play's, the same for all its hosts. */
export interface PlayVariables {
  vars: Record<string, unknown>;
  prompted: Record<string, unknown>;
  /** `vars_files`, later ones stronger; those whose names take a host's own variables are found for each host. */
  files: readonly (Record<string, unknown> | FileOfHost)[];
  /** Roles whose variables all tasks see; grows by `include_role` with `public`. */
  roles: Role[];
}

/** A file of variables that each host may have another of. */
export class FileOfHost {
  private readonly find: (names: VariableScope) => Record<string, unknown>;
  private readonly found = new WeakMap<HostVariables, Record<string, unknown>>();

  /** @param find reads the file that a host's variables name. @throws LamplighterError UNDEFINED_VARIABLE and others; signals */
  constructor(find: FileOfHost['find']) {
    this.find = find;
  }

  /** The host's variables; none as long as its facts, which the name may take, have not been asked for, as in Ansible. */
  of(host: HostVariables, names: VariableScope): Record<string, unknown> {
    let values = this.found.get(host);
    if (values) return values;
    try {
      values = this.find(names);
    } catch (error) {
      const isUndefined = error instanceof LamplighterError && error.code === 'UNDEFINED_VARIABLE';
      if (isUndefined && host.demandFact === undefined) return {};
      throw error;
    }
    this.found.set(host, values);
    return values;
  }

  /** What has been found for a host so far. */
  known(host: HostVariables): Record<string, unknown> {
    return this.found.get(host) ?? {};
  }
}

export interface ScopeInputs {
  run: RunFacts;
  extra: Record<string, unknown>;
  host: HostVariables;
  evaluate: Evaluate;
  play?: { facts: PlayFacts; variables: PlayVariables };
  task?: { keywords: Effective; layers: readonly Layer[]; connection: () => ConnectionWords };
}

/**
 * The 22 levels of Ansible's precedence as the layers of one scope, strongest first.
 * Source: https://docs.ansible.com/ansible/2.14/user_guide/playbooks_variables.html#understanding-variable-precedence
 */
export function taskScope(inputs: ScopeInputs): VariableScope {
  const { run, host, play, task } = inputs;
  const roles = task?.keywords.roles ?? [];
  const playRoles = play?.variables.roles ?? [];
  const layers: Layer[] = [
    new MagicLayer(run, play?.facts, host),
    roleLayer(roles),
    raw(inputs.extra),
    ...(task?.layers ?? []),
    ...(task?.keywords.params.toReversed().map(raw) ?? []),
    ...roles.toReversed().map((role) => raw(role.params)),
    layer(host.assigned, false),
    raw(host.included),
    ...(task?.keywords.vars.toReversed().map(raw) ?? []),
    ...roles.toReversed().flatMap((role) => withDependencies(role).map((each) => raw(each.vars))),
    ...playRoles.toReversed().map((role) => raw(role.vars)),
    ...(play?.variables.files.toReversed().map((file) => fileLayer(file, inputs)) ?? []),
    ...(play ? [layer(play.variables.prompted, false), raw(play.variables.vars)] : []),
    host.factLayer(),
    raw(run.inventory.variables(host.host, run.playbookDir)),
    ...roles.toReversed().flatMap((role) => withDependencies(role).map((each) => raw(each.defaults))),
    ...playRoles.toReversed().map((role) => raw(role.defaults)),
  ];
  if (task) layers.push(new ConnectionLayer(task.connection, [...layers]));
  const whole = new Whole();
  whole.scope = new VariableScope([whole, ...layers], inputs.evaluate);
  return whole.scope;
}

/** A role before those that it depends on, the last of them first: its tasks see their variables too. */
function withDependencies(role: Role): Role[] {
  return [role, ...role.dependencies.toReversed().flatMap(withDependencies)];
}

function fileLayer(file: PlayVariables['files'][number], inputs: ScopeInputs): Layer {
  if (!(file instanceof FileOfHost)) return raw(file);
  const { run, host, play } = inputs;
  // The file's name sees all but the files themselves and what is the task's.
  const names = (): VariableScope =>
    new VariableScope(
      [
        new MagicLayer(run, play?.facts, host),
        raw(inputs.extra),
        layer(host.assigned, false),
        ...(play ? [layer(play.variables.prompted, false), raw(play.variables.vars)] : []),
        host.factLayer(),
        raw(run.inventory.variables(host.host, run.playbookDir)),
      ],
      inputs.evaluate,
    );
  return {
    raw: true,
    get: (name) => {
      const values = file.of(host, names());
      return Object.hasOwn(values, name) ? values[name] : undefined;
    },
    names: () => Object.keys(file.known(host)),
  };
}

/** A layer whose values may hold templates. */
function raw(values: Record<string, unknown>): Layer {
  return layer(values, true);
}

/** `vars`: the scope itself. */
class Whole implements Layer {
  readonly raw = false;
  scope!: VariableScope;

  get(name: string): unknown {
    return name === 'vars' ? new ScopeMapping(this.scope) : undefined;
  }

  names(): Iterable<string> {
    return [];
  }
}
