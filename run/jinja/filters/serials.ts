import { type Builtins, builtin } from '../builtin.ts';
import { filterError, typeError } from '../errors.ts';
import { dumpJson, type JsonOptions } from '../python/json-dump.ts';
import { loadJson } from '../python/json-load.ts';
import { intArgument } from '../python/method.ts';
import { pyString } from '../python/repr.ts';
import { dumpYaml, type YamlOptions } from '../python/yaml-dump.ts';
import { loadYaml, loadYamlAll } from '../python/yaml-load.ts';
import { iterate } from '../values/iterate.ts';
import { isText, typeName } from '../values/kinds.ts';
import { truthy } from '../values/truth.ts';
import { type Keywords, Undefined } from '../values/types.ts';

/** `json.dumps` keywords that change nothing we do, or that Ansible sets for itself. */
const ignorable = new Set(['vault_to_text', 'preprocess_unsafe', 'check_circular', 'skipkeys', 'allow_nan']);

function jsonOptions(keywords: Keywords): JsonOptions {
  const options: { -readonly [Key in keyof JsonOptions]: JsonOptions[Key] } = {};
  for (const [name, value] of Object.entries(keywords)) {
    if (name === 'indent') {
      if (value !== null) options.indent = isText(value) ? String(value) : intArgument(value);
    } else if (name === 'sort_keys') options.sortKeys = truthy(value);
    else if (name === 'ensure_ascii') options.ensureAscii = truthy(value);
    else if (name === 'separators') {
      if (value === null) continue;
      const [item, key] = iterate(value).map(pyString);
      options.itemSeparator = item ?? ', ';
      options.keySeparator = key ?? ': ';
    } else if (!ignorable.has(name)) throw filterError(`to_json has no option '${name}'`);
  }
  return options;
}

function yamlOptions(keywords: Keywords): YamlOptions {
  const options: { -readonly [Key in keyof YamlOptions]: YamlOptions[Key] } = {};
  for (const [name, value] of Object.entries(keywords)) {
    if (name === 'indent') options.indent = intArgument(value, 2);
    else if (name === 'width') options.width = value === null ? 80 : Number(pyString(value));
    else if (name === 'sort_keys') options.sortKeys = truthy(value);
    else if (name === 'default_flow_style') options.flow = value === null ? 'leaves' : truthy(value) ? 'all' : 'none';
    else if (name === 'explicit_start') options.explicitStart = truthy(value);
    else if (name === 'explicit_end') options.explicitEnd = truthy(value);
    else if (name === 'allow_unicode') options.allowUnicode = truthy(value);
    else if (name === 'default_style') options.style = value === null ? undefined : pyString(value);
    else throw filterError(`to_yaml has no option '${name}'`);
  }
  return options;
}

function jsonText(value: unknown): string {
  if (value instanceof Undefined) throw value.error();
  if (isText(value)) return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  throw typeError(`the JSON object must be str, bytes or bytearray, not ${typeName(value)}`);
}

/** Filters between data and JSON or YAML. */
export const serialFilters: Builtins = {
  from_json: builtin('s', (_rt, value) => loadJson(jsonText(value))),
  from_yaml: builtin('data', (_rt, value) => (isText(value) ? loadYaml(String(value)) : value)),
  from_yaml_all: builtin('data', (_rt, value) => (isText(value) ? loadYamlAll(String(value)) : value)),
  to_json: builtin('a, **kw', (_rt, value, keywords: Keywords) => dumpJson(value, jsonOptions(keywords))),
  to_nice_json: builtin('a, indent?, sort_keys?, **kw', (_rt, value, indent, sortKeys, keywords: Keywords) =>
    dumpJson(value, {
      ...jsonOptions({
        indent: indent === undefined ? 4 : indent,
        sort_keys: sortKeys === undefined ? true : sortKeys,
        ...keywords,
      }),
      itemSeparator: ',',
      keySeparator: ': ',
    }),
  ),
  to_nice_yaml: builtin('a, indent?, **kw', (_rt, value, indent, keywords: Keywords) =>
    dumpYaml(value, { flow: 'none', ...yamlOptions({ indent: indent === undefined ? 4 : indent, ...keywords }) }),
  ),
  to_yaml: builtin('a, **kw', (_rt, value, keywords: Keywords) =>
    dumpYaml(value, { flow: 'leaves', ...yamlOptions(keywords) }),
  ),
};
