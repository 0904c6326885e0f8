import path from 'node:path';
import { LamplighterError } from '../errors.ts';
import { allRoles } from '../plan/barriers.ts';
import { layer, VariableScope } from '../plan/scope.ts';
import { FileOfHost, type PlayVariables } from '../plan/task-scope.ts';
import type { Play } from '../playbook/model.ts';
import type { RunState } from './run-state.ts';
import { findFile } from './search-path.ts';

/**
 * What a play brings for all its hosts: `vars`, answers to `vars_prompt`, `vars_files`, the variables of its roles.
 * @throws LamplighterError FILE_NOT_FOUND, PLAYBOOK_SHAPE, those of reading YAML
 */
export async function playVariables(run: RunState, play: Play): Promise<PlayVariables> {
  const prompted: Record<string, unknown> = {};
  for (const each of play.varsPrompt)
    if (!Object.hasOwn(run.extra, each.name)) prompted[each.name] = await answer(run, play, each);
  const scope = new VariableScope(
    [layer(run.extra, true), layer(prompted, false), layer(play.vars ?? {}, true)],
    run.templar.evaluate,
  );
  const files = play.varsFiles.map(({ value, place }) => {
    const written = Array.isArray(value) ? value : [value];
    const where = { roles: [], taskDir: path.dirname(place.file), playbookDir: run.facts.playbookDir };
    const find = (names: VariableScope): Record<string, unknown> => {
      let missing: unknown;
      for (const each of written) {
        try {
          const file = findFile('vars', String(run.templar.value(each, names, place)), where, place);
          return mapping(run.load.files.read(file, place), file);
        } catch (error) {
          if (!(error instanceof LamplighterError) || error.code !== 'FILE_NOT_FOUND') throw error;
          missing ??= error;
        }
      }
      throw missing;
    };
    try {
      return find(scope);
    } catch (error) {
      // A name that the play alone does not know may take facts, or what the inventory says of a host.
      if (error instanceof LamplighterError && error.code === 'UNDEFINED_VARIABLE') return new FileOfHost(find);
      throw error;
    }
  });
  return { vars: play.vars ?? {}, prompted, files, roles: allRoles(play.roles) };
}

function mapping(value: unknown, file: string): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new LamplighterError('PLAYBOOK_SHAPE', `${file} must hold a mapping of variables`, {
    place: { file, line: 1, column: 1 },
  });
}

async function answer(run: RunState, play: Play, prompt: Play['varsPrompt'][number]): Promise<unknown> {
  const scope = new VariableScope([layer(run.extra, true)], run.templar.evaluate);
  const preset = prompt.default === undefined ? undefined : run.templar.value(prompt.default, scope, prompt.place);
  const shown = preset === undefined || prompt.private ? '' : ` [${String(preset)}]`;
  const text = await askedFor(`${prompt.prompt}${shown}: `, prompt, run.options.ask);
  if (prompt.private && text) run.secret(text);
  if (text !== undefined && text !== '') return text;
  if (preset !== undefined) return preset;
  if (text === '') return '';
  throw new LamplighterError('USAGE', `nobody can be asked for "${prompt.name}" here`, {
    place: prompt.place,
    hint: `give it by -e ${prompt.name}=… (play "${play.title}")`,
  });
}

/** What the person answers; with `confirm`, once they said the same twice. Undefined where nobody can be asked. */
export async function askedFor(
  text: string,
  { private: hidden, confirm }: Pick<Play['varsPrompt'][number], 'private' | 'confirm'>,
  ask: RunState['options']['ask'],
): Promise<string | undefined> {
  let complaint = '';
  for (;;) {
    const answer = await ask({ text: complaint + text, private: hidden });
    if (!confirm || answer === undefined) return answer;
    if ((await ask({ text: `confirm ${text}`, private: hidden })) === answer) return answer;
    complaint = '***** VALUES ENTERED DO NOT MATCH ****\n';
  }
}
