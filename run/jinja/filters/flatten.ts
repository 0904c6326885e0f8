import { iterate } from '../values/iterate.ts';
import { isSequence, isText } from '../values/kinds.ts';

/** Ansible's `flatten`: `levels` levels of nested lists dissolved (all of them by default), nulls left out. */
export function flatten(items: unknown, levels?: number, skipNulls = true): unknown[] {
  const flat: unknown[] = [];
  for (const item of iterate(items)) {
    const isNull = item === null || (isText(item) && ['None', 'null'].includes(String(item)));
    if (skipNulls && isNull) continue;
    if (isSequence(item) && (levels === undefined || levels >= 1)) {
      flat.push(...flatten(item, levels === undefined ? undefined : levels - 1, skipNulls));
    } else flat.push(item);
  }
  return flat;
}
