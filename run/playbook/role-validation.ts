import type { LoadContext } from './context.ts';
import type { Mapping } from './mapping.ts';
import type { Role, TaskNode } from './model.ts';

/**
 * The task that a role begins with when it specifies the arguments of its entry point: it checks them on each host, whatever
 * the tags. Nothing when there is no specification, or the use says `rolespec_validate: false`.
 */
export function validationTask(role: Role, context: LoadContext): TaskNode | undefined {
  const spec = role.argumentSpecs[role.entryPoint];
  if (!role.validate || typeof spec !== 'object' || spec === null) return undefined;
  const { options, short_description: about } = spec as Mapping;
  const name = `Validating arguments against arg spec '${role.entryPoint}'`;
  return {
    kind: 'task',
    id: context.ids.next++,
    place: role.place,
    name: typeof about === 'string' ? `${name} - ${about}` : name,
    tags: ['always'],
    moduleName: 'ansible.builtin.validate_argument_spec',
    module: 'validate_argument_spec',
    args: {
      argument_spec: options ?? {},
      provided_arguments: role.params,
      validate_args_context: {
        type: 'role',
        name: role.name,
        argument_spec_name: role.entryPoint,
        path: role.path,
      },
    },
    role,
  };
}
