import { LamplighterError, type Place } from '../errors.ts';
import type { LoadContext } from './context.ts';
import { failure } from './fail.ts';
import type { Raw } from './model.ts';

/**
 * The text of a templated name that is needed while playbooks are read: of an import or a role.
 * @throws LamplighterError UNDEFINED_VARIABLE, which says what such a name may be made of; those of templates
 */
export function renderName(text: string, vars: Record<string, Raw>, place: Place, context: LoadContext): string {
  try {
    return context.render(text, vars, place);
  } catch (error) {
    if (!(error instanceof LamplighterError) || error.code !== 'UNDEFINED_VARIABLE') throw error;
    const hint = [
      ...(error.hint === undefined ? [] : [error.hint]),
      'this name is needed before any host is known: only -e and the vars of the play and of the import can give it',
    ].join('; ');
    throw failure('UNDEFINED_VARIABLE', error.message, error.place ?? place, { hint, cause: error });
  }
}
