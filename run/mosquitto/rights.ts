import type { Acl } from './broker-args.ts';
import { aclFile } from './render.ts';

/** The lines of an ACL that a client is judged by: its own and the patterns; with a user a lamp all of them would be many. */
export function rightsOf({ anonymous, users, patterns }: Acl, username: string | undefined): string[] {
  const own =
    username === undefined
      ? { anonymous, users: [] }
      : { anonymous: [], users: users.filter(({ name }) => name === username) };
  return aclFile({ ...own, patterns }).split('\n');
}
