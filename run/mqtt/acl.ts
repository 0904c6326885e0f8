import { matches } from './topics.ts';

/** Who asks: no username means an anonymous client. */
export interface AclClient {
  username?: string | undefined;
  clientId: string;
}

/**
 * Whether an ACL file lets a client read or write a topic. `topic` lines hold for the user above them (anonymous clients
 * before the first), `pattern` lines for everybody; `deny` wins. Source: acl_file in mosquitto.conf(5).
 */
export function aclAllows(lines: string[], client: AclClient, access: 'read' | 'write', topic: string): boolean {
  let user: string | undefined;
  let allowed = false;
  for (const line of lines) {
    const [keyword, ...rest] = line.trim().split(/\s+/);
    if (keyword === 'user') user = rest.join(' ');
    if (keyword !== 'topic' && keyword !== 'pattern') continue;
    if (keyword === 'topic' && user !== client.username) continue;
    const [right, ...words] = /^(read|write|readwrite|deny)$/.test(rest[0] ?? '') ? rest : ['readwrite', ...rest];
    const filter = keyword === 'pattern' ? substituted(words.join(' '), client) : words.join(' ');
    if (filter === undefined || !matches(filter, topic)) continue;
    if (right === 'deny') return false;
    if (right === 'readwrite' || right === access) allowed = true;
  }
  return allowed;
}

/** `%c` and `%u` of a pattern; a pattern with `%u` is not for anonymous clients. */
function substituted(pattern: string, { username, clientId }: AclClient): string | undefined {
  if (pattern.includes('%u') && username === undefined) return undefined;
  return pattern.replaceAll('%c', clientId).replaceAll('%u', username ?? '');
}
