import { LamplighterError } from '../errors.ts';
import type { StepRequest } from './protocol.ts';
import { quote } from './script.ts';

/**
 * One call, one closing word: a stream that is cut anywhere runs nothing by half.
 * @throws LamplighterError BAD_ARGUMENT for an environment that no shell can hold
 */
export function stepCall(id: number, request: StepRequest): string {
  const flags = [
    request.keepGoing && 'k',
    request.check && 'c',
    request.diff && 'd',
    request.place !== undefined && `@${request.place}`,
    request.timeoutSeconds !== undefined && `:${request.timeoutSeconds}`,
  ]
    .filter((flag) => flag !== false)
    .join('');
  const body = exports(request.environment) + request.body.text;
  const words = [request.guard?.text ?? '', request.body.test, body].map(quote);
  return `ll_step ${id} ${flags === '' ? '-' : flags} ${words.join(' ')} .\n`;
}

function exports(environment: Record<string, string>): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        throw new LamplighterError('BAD_ARGUMENT', `"${name}" cannot be the name of an environment variable`);
      return `export ${name}=${quote(value)}\n`;
    })
    .join('');
}
