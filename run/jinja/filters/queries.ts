import { type JSONValue, search } from '@jmespath-community/jmespath';
import { type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { pyString } from '../python/repr.ts';
import { toPlain } from '../values/plain.ts';

/** community.general's `json_query`: JMESPath. */
export const queryFilters: Builtins = {
  json_query: builtin('data, expr', (_rt, data, expression) => {
    const plain = toPlain(data) as JSONValue;
    try {
      return search(plain, pyString(expression));
    } catch (error) {
      throw filterError(`JMESPathError in json_query filter plugin: ${(error as Error).message}`, error);
    }
  }),
};
