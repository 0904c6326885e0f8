import { lookupError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { pyString } from '../python/repr.ts';
import { checkOptions, contextOf, type Lookup, textOption } from './plugin.ts';

/** Settings of ansible.cfg and the environment, as far as they mean something here. */
export const config: Lookup = (terms, options, rt) => {
  checkOptions('config', options, ['on_missing']);
  const missing = textOption(options, 'on_missing', 'error');
  if (!['error', 'warn', 'skip'].includes(missing))
    throw lookupError(`"on_missing" must be a string and one of "error", "warn" or "skip", not ${missing}`);
  const { settings = {}, warn } = contextOf(rt);
  return terms.flatMap((term) => {
    const name = pyString(term);
    if (Object.hasOwn(settings, name)) return [settings[name]];
    const near = nearest(name, Object.keys(settings));
    const message = `there is no setting ${name} here${near === undefined ? '' : `; did you mean ${near}?`}`;
    if (missing === 'error') throw lookupError(message);
    if (missing === 'warn') warn?.(message);
    return [];
  });
};
