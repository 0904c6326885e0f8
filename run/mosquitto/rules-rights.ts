import { correction } from '../errors.ts';
import type { Finding } from '../task.ts';
import { isNamedByCertificate } from './broker-args.ts';
import { wrongFilter } from './filters.ts';
import { wrongUser } from './names.ts';
import { type BrokerTask, doubt, mistake } from './tasks.ts';

/** The rules of an ACL. */
export function rightRules(task: BrokerTask): Finding[] {
  const { acl, users, password_file } = task.args;
  if (acl === undefined) return [];
  const lists = [
    ...acl.anonymous.map((right, i) => [right, ['acl', 'anonymous', i]] as const),
    ...acl.users.flatMap(({ topics }, u) =>
      topics.map((right, i) => [right, ['acl', 'users', u, 'topics', i]] as const),
    ),
    ...acl.patterns.map((right, i) => [right, ['acl', 'patterns', i]] as const),
  ];
  const found = lists.flatMap(([{ topic }, path]) => {
    const meant = misspeltAccess(topic);
    if (meant !== undefined)
      return [
        mistake(
          'access',
          [task, ...path],
          `the ACL's topic "${topic}" begins with a word that is no access`,
          `read, write, readwrite or deny; did you mean "${meant}"?`,
        ),
      ];
    const isPattern = path[1] === 'patterns';
    if (!isPattern && /(^|\/)%[uc](\/|$)/.test(topic))
      return [
        mistake(
          'acl-placeholder',
          [task, ...path],
          `the ACL's topic ${topic} is taken as it stands: %u and %c mean something in patterns alone`,
        ),
      ];
    const wrong = wrongFilter(topic);
    return wrong === undefined ? [] : [mistake('filter', [task, ...path], `the ACL's topic ${topic}: ${wrong}`)];
  });
  const known = users && new Set(users.map(({ name }) => name));
  for (const [i, { name }] of acl.users.entries()) {
    const wrong = wrongUser(name);
    if (wrong !== undefined)
      found.push(mistake('value', [task, 'acl', 'users', i, 'name'], `the user ${JSON.stringify(name)} ${wrong}`));
    else if (
      known &&
      password_file === undefined &&
      !known.has(name) &&
      !task.args.listeners?.some(isNamedByCertificate)
    )
      found.push(
        doubt('unknown-user', [task, 'acl', 'users', i, 'name'], `the ACL has rights for ${name}, who is no user`),
      );
  }
  return found;
}

/** The access that is meant by the first word of a right that begins with none; a topic may hold spaces, too. */
function misspeltAccess(topic: string): string | undefined {
  const first = /^([A-Za-z_-]+) +\S/.exec(topic)?.[1]?.toLowerCase();
  if (first === undefined) return undefined;
  return ACCESS_HABITS.get(first) ?? correction(first, ['read', 'write', 'readwrite', 'deny'])?.right;
}

/** Words of other brokers and of people. */
const ACCESS_HABITS = new Map([
  ['rw', 'readwrite'],
  ['ro', 'read'],
  ['wo', 'write'],
  ['sub', 'read'],
  ['subscribe', 'read'],
  ['pub', 'write'],
  ['publish', 'write'],
  ['pubsub', 'readwrite'],
  ['all', 'readwrite'],
  ['none', 'deny'],
]);
