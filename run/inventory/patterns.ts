import { existsSync, readFileSync, statSync } from 'node:fs';
import { LamplighterError, nearest, type Place } from '../errors.ts';
import type { WarningCode } from '../playbook/context.ts';
import { failure } from '../playbook/fail.ts';
import { parseAddress } from './address.ts';
import { globExpression, pythonRegex } from './fnmatch.ts';
import { hostsBelow } from './graph.ts';
import type { Group, Host } from './model.ts';

/** What patterns are matched against. */
export interface PatternScope {
  hosts: ReadonlyMap<string, Host>;
  groups: ReadonlyMap<string, Group>;
  /** The host for `localhost`, `127.0.0.1` or `::1` when the inventory has none of that name. */
  implicit(name: string): Host | undefined;
  warn: (message: string, place?: Place, code?: WarningCode) => void;
}

const SUBSCRIPT = /^(.+)\[(?:(-?[0-9]+)|([0-9]+)([:-])([0-9]*))\]$/s;

/**
 * Hosts that match a pattern, in Ansible's order and with its rules (ansible/inventory/manager.py):
 * https://docs.ansible.com/ansible/latest/inventory_guide/intro_patterns.html
 * @throws LamplighterError HOST_PATTERN
 */
export function matchPattern(pattern: string | string[], scope: PatternScope, place?: Place): Host[] {
  const parts = splitPattern(pattern).flatMap((part) =>
    part.startsWith('@') ? patternsInFile(part.slice(1)) : [part],
  );
  const plain = parts.filter((part) => !/^[!&]/.test(part));
  const intersections = parts.filter((part) => part.startsWith('&'));
  const exclusions = parts.filter((part) => part.startsWith('!'));
  let found = new Set<Host>();
  for (const part of plain.length ? plain : ['all']) for (const host of matchOne(part, scope, place)) found.add(host);
  for (const part of intersections) {
    const those = new Set(matchOne(part.slice(1), scope, place));
    found = new Set([...found].filter((host) => those.has(host)));
  }
  for (const part of exclusions) for (const host of matchOne(part.slice(1), scope, place)) found.delete(host);
  return [...found];
}

/** Single patterns of a list, a comma list or (where it is no address or range) a colon list. */
function splitPattern(pattern: string | string[]): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(splitPattern);
  let parts: string[];
  if (pattern.includes(',')) parts = pattern.split(',');
  else if (parseAddress(pattern, true) || pattern.startsWith('@')) parts = [pattern];
  else parts = pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function patternsInFile(path: string): string[] {
  if (!existsSync(path)) throw new LamplighterError('HOST_PATTERN', `there is no file of hosts ${path}`);
  if (statSync(path).isDirectory())
    throw new LamplighterError('HOST_PATTERN', `a limit that begins with "@" names a file, and ${path} is a directory`);
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

function matchOne(pattern: string, scope: PatternScope, place: Place | undefined): Host[] {
  const exact = scope.hosts.get(pattern);
  if (exact) return [exact];
  const subscript = pattern.startsWith('~') ? null : SUBSCRIPT.exec(pattern);
  const hosts = matchExpression(subscript ? subscript[1]! : pattern, scope, place);
  return subscript && hosts.length ? applySubscript(hosts, subscript, pattern, place) : hosts;
}

function applySubscript(hosts: Host[], match: RegExpExecArray, pattern: string, place: Place | undefined): Host[] {
  const [, , single, start, separator, end] = match;
  if (single !== undefined) {
    const host = hosts.at(Number(single));
    if (!host)
      throw failure('HOST_PATTERN', `"${pattern}" matches no host: there are ${hosts.length} to choose from`, place);
    return [host];
  }
  if (separator === '-') throw failure('HOST_PATTERN', `"${pattern}": a range of hosts is written [first:last]`, place);
  const last = end ? Number(end) : hosts.length - 1;
  // Ansible takes an end of 0 for "no end given": [0:0] is the first host either way.
  return last === 0 && Number(start) > 0
    ? [hosts[Number(start)]!].filter(Boolean)
    : hosts.slice(Number(start), last + 1);
}

function matchExpression(pattern: string, scope: PatternScope, place: Place | undefined): Host[] {
  const matches = matcher(pattern, place);
  const results = new Set<Host>();
  let groupMatched = false;
  for (const [name, group] of scope.groups)
    if (matches(name)) {
      groupMatched = true;
      for (const host of hostsBelow(group)) results.add(host);
    }
  if (!groupMatched || /^~|[.?*[]/.test(pattern))
    for (const [name, host] of scope.hosts) if (matches(name)) results.add(host);
  if (results.size === 0) {
    const implicit = scope.implicit(pattern);
    if (implicit) return [implicit];
    if (!groupMatched && pattern !== 'all') warnNoMatch(pattern, scope, place);
  }
  return [...results];
}

/** A plain word needs no regular expression: it matches itself. */
function matcher(pattern: string, place: Place | undefined): (name: string) => boolean {
  if (!/^~|[?*[]/.test(pattern)) return (name) => name === pattern;
  try {
    const expression = pattern.startsWith('~') ? pythonRegex(pattern.slice(1)) : globExpression(pattern);
    return (name) => expression.test(name);
  } catch (error) {
    throw failure('HOST_PATTERN', `"${pattern}" is not a host pattern: ${(error as Error).message}`, place);
  }
}

function warnNoMatch(pattern: string, scope: PatternScope, place: Place | undefined): void {
  const known = /^~|[?*[]/.test(pattern)
    ? undefined
    : nearest(pattern, [...scope.groups.keys(), ...scope.hosts.keys()]);
  const hint = known === undefined ? '' : ` (did you mean "${known}"?)`;
  scope.warn(`Could not match supplied host pattern, ignoring: ${pattern}${hint}`, place, 'HOST_PATTERN');
}
