import { type Builtins, builtin } from '../builtin.ts';
import { filterError } from '../errors.ts';
import { compileRegex, searchRegex } from '../python/regex.ts';
import { pyString } from '../python/repr.ts';
import { splitUrl } from '../python/url.ts';
import { compareVersions, type VersionType } from '../python/version.ts';
import { contains } from '../values/compare.ts';
import { isText } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { Undefined } from '../values/types.ts';

const isSet = (value: unknown): boolean => value !== undefined && value !== null && truthy(value);

function matches(value: unknown, pattern: unknown, ignoreCase: unknown, multiline: unknown, at: unknown): boolean {
  const how = at === undefined ? 'search' : pyString(at);
  if (how !== 'search' && how !== 'match' && how !== 'fullmatch') throw filterError(`'${how}' is no way to match`);
  const regex = compileRegex(pyString(pattern ?? ''), { ignoreCase: isSet(ignoreCase), multiline: isSet(multiline) });
  return searchRegex(regex, pyString(value), how) !== undefined;
}

const parameters = 'value, pattern?, ignorecase?, multiline?';

const operators: Record<string, (order: number) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};
const spellings: Record<string, string> = {
  '==': 'eq',
  '=': 'eq',
  '!=': 'ne',
  '<>': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};
const versionTypes: Record<string, VersionType> = {
  loose: 'loose',
  strict: 'strict',
  semver: 'semver',
  semantic: 'semver',
  pep440: 'pep440',
};

function compare(value: unknown, version: unknown, operator: unknown, strict: unknown, type: unknown): boolean {
  if (strict !== undefined && strict !== null && type !== undefined && type !== null) {
    throw filterError("Cannot specify both 'strict' and 'version_type'");
  }
  if (!truthy(value)) throw filterError('Input version value cannot be empty');
  if (!truthy(version)) throw filterError('Version parameter to compare against cannot be empty');
  const kind = isSet(strict) ? 'strict' : isSet(type) ? versionTypes[pyString(type)] : 'loose';
  if (!kind) {
    throw filterError(
      `Invalid version type (${pyString(type)}). Must be one of 'loose', 'strict', 'semver', 'semantic', 'pep440'`,
    );
  }
  const name = operator === undefined ? 'eq' : pyString(operator);
  const holds = operators[Object.hasOwn(spellings, name) ? spellings[name]! : name];
  if (!holds) throw filterError(`Invalid operator type (${name}). Must be one of ${Object.keys(spellings).join(', ')}`);
  return holds(compareVersions(pyString(value), pyString(version), kind));
}

function isUri(value: unknown, schemes: unknown): boolean {
  if (value instanceof Undefined) throw value.error();
  if (!isText(value)) return false;
  const { scheme } = splitUrl(String(value));
  return !isSet(schemes) || contains(schemes, scheme);
}

function isUrl(value: unknown, schemes: unknown): boolean {
  if (!isUri(value, schemes)) return false;
  const { netloc, scheme } = splitUrl(String(value));
  return netloc !== '' || scheme === 'file';
}

const version = builtin(
  'value, version, operator?, strict?, version_type?',
  (_rt, value, other, operator, strict, type) => compare(value, other, operator, strict, type),
);

/** Ansible's tests of text. */
export const textTests: Builtins = {
  match: builtin(parameters, (_rt, value, pattern, ignoreCase, multiline) =>
    matches(value, pattern, ignoreCase, multiline, 'match'),
  ),
  regex: builtin(`${parameters}, match_type?`, (_rt, value, pattern, ignoreCase, multiline, at) =>
    matches(value, pattern, ignoreCase, multiline, at),
  ),
  search: builtin(parameters, (_rt, value, pattern, ignoreCase, multiline) =>
    matches(value, pattern, ignoreCase, multiline, 'search'),
  ),
  uri: builtin('value, schemes?', (_rt, value, schemes) => isUri(value, schemes)),
  url: builtin('value, schemes?', (_rt, value, schemes) => isUrl(value, schemes)),
  urn: builtin('value', (_rt, value) => isUri(value, ['urn'])),
  vault_encrypted: builtin('value', (_rt, value) => isText(value) && String(value).startsWith('$ANSIBLE_VAULT;')),
  version,
  version_compare: version,
};
