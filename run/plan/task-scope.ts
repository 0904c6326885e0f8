import type { Role } from '../playbook/model.ts';
import type { Effective } from './effective.ts';
import type { HostVariables } from './host-variables.ts';
import { MagicLayer, type PlayFacts, type RunFacts, roleLayer, ScopeMapping } from './magic.ts';
import { type Evaluate, type Layer, layer, VariableScope } from './scope.ts';

/** Variables that are the play's, the same for all its hosts. */
export interface PlayVariables {
  vars: Record<string, unknown>;
  prompted: Record<string, unknown>;
  /** `vars_files`, later ones stronger. */
  files: readonly Record<string, unknown>[];
  /** Roles whose variables all tasks see; grows by `include_role` with `public`. */
  roles: Role[];
}

export interface ScopeInputs {
  run: RunFacts;
  extra: Record<string, unknown>;
  host: HostVariables;
  evaluate: Evaluate;
  play?: { facts: PlayFacts; variables: PlayVariables };
  task?: { keywords: Effective; layers: readonly Layer[] };
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
    ...(play?.variables.files.toReversed().map(raw) ?? []),
    ...(play ? [layer(play.variables.prompted, false), raw(play.variables.vars)] : []),
    host.factLayer(),
    raw(run.inventory.variables(host.host, run.playbookDir)),
    ...roles.toReversed().flatMap((role) => withDependencies(role).map((each) => raw(each.defaults))),
    ...playRoles.toReversed().map((role) => raw(role.defaults)),
  ];
  const whole = new Whole();
  whole.scope = new VariableScope([whole, ...layers], inputs.evaluate);
  return whole.scope;
}

/** A role before those that it depends on, the last of them first: its tasks see their variables too. */
function withDependencies(role: Role): Role[] {
  return [role, ...role.dependencies.toReversed().flatMap(withDependencies)];
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
