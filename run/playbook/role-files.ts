import { basename, join, relative } from 'node:path';
import type { Place } from '../errors.ts';
import { nearest } from '../errors.ts';
import { didYouMean, failure, kindOf } from './fail.ts';
import type { YamlFiles } from './files.ts';
import { isMapping, mappingOf } from './mapping.ts';
import type { Raw } from './model.ts';
import { copyPlaces, placeOf } from './places.ts';

/** A role's files under one of its directories, as `…_from` or `main` names them. */
export class RoleFiles {
  private readonly path: string;
  private readonly files: YamlFiles;
  private readonly place: Place;

  constructor(path: string, files: YamlFiles, place: Place) {
    this.path = path;
    this.files = files;
    this.place = place;
  }

  /** Variables of `vars/` or `defaults/`: one file, or all files of a directory `main/`. */
  variables(folder: 'vars' | 'defaults', from: string | undefined): Record<string, Raw> {
    const parts: Record<string, Raw>[] = [];
    for (const path of this.find(folder, from, true)) {
      const data = this.files.read(path, this.place);
      if (data === null) continue;
      const top = { file: path, line: 1, column: 1 };
      parts.push(mappingOf(data, "a role's file of variables", top));
    }
    if (parts.length === 1) return parts[0]!;
    const all = Object.assign({}, ...parts) as Record<string, Raw>;
    copyPlaces(all, ...parts);
    return all;
  }

  /** The file of tasks or handlers that is the entry point, if there is one. */
  entry(folder: 'tasks' | 'handlers', from: string | undefined): string | undefined {
    return this.find(folder, from, false)[0];
  }

  /** A mapping of `meta/`. */
  meta(name: 'main' | 'argument_specs'): Record<string, Raw> {
    const path = this.find('meta', name === 'main' ? undefined : name, false, name !== 'main')[0];
    if (path === undefined) return {};
    const data = this.files.read(path, this.place);
    if (data === null) return {};
    if (!isMapping(data))
      throw failure(
        'PLAYBOOK_SHAPE',
        `a role's meta file must be a mapping, not ${kindOf(data)}`,
        placeOf(data) ?? { file: path, line: 1, column: 1 },
      );
    return mappingOf(data, "a role's meta file", undefined);
  }

  private find(folder: string, from: string | undefined, directories: boolean, optional = false): string[] {
    const directory = join(this.path, folder);
    const name = from ?? 'main';
    if (this.files.kind(directory) === 'directory' && !relative(directory, join(directory, name)).startsWith('..')) {
      const found = this.files.find(directory, name, { bareFirst: from !== undefined, directories });
      if (found.length > 0) return found;
    }
    if (from === undefined || from === 'main' || optional) return [];
    const known = this.files.kind(directory) === 'directory' ? this.files.list(directory) : [];
    const bare = known.map((each) => each.replace(/\.(?:yml|yaml|json)$/, ''));
    const meant = didYouMean(nearest(name, [...known, ...bare]));
    throw failure('FILE_NOT_FOUND', `the role "${basename(this.path)}" has no ${folder}/${name}${meant}`, this.place, {
      hint: `looked in ${directory}`,
    });
  }
}
