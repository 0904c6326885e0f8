import path from 'node:path';
import type { Place } from '../errors.ts';
import { JinjaError } from '../jinja/errors.ts';
import type { TemplateOptions } from '../jinja/options.ts';
import { compileTemplate } from '../jinja/template.ts';
import type { PlanTask } from '../plan/program.ts';
import { layer, VariableScope } from '../plan/scope.ts';
import { templateError } from '../plan/templar.ts';
import type { TaskContext, TemplateFileOptions } from '../task.ts';
import type { RunState } from './run-state.ts';
import { findFile, type SearchPath } from './search-path.ts';
import type { Settings } from './settings.ts';

/** Where a task's files are looked for. */
export function searchPathOf(run: RunState, task: PlanTask): SearchPath {
  return {
    roles: task.keywords.roles.toReversed().map((role) => role.path),
    taskDir: path.dirname(task.node.place.file),
    playbookDir: run.facts.playbookDir,
  };
}

/** What a module is told about the task and the host it runs for. */
export class Context implements TaskContext {
  readonly host: string;
  readonly check: boolean;
  readonly diff: boolean;
  readonly become: boolean;
  readonly user: string;
  readonly block: string | undefined;
  protected readonly state: RunState;
  protected readonly scope: VariableScope;
  protected readonly task: PlanTask;

  constructor(
    run: RunState,
    task: PlanTask,
    scope: VariableScope,
    settings: Settings,
    host: { name: string; user: string; block?: string | undefined },
  ) {
    this.state = run;
    this.task = task;
    this.scope = scope;
    this.host = host.name;
    this.user = settings.become?.user ?? host.user;
    this.block = host.block;
    this.check = settings.check;
    this.diff = settings.diff;
    this.become = settings.become !== undefined;
  }

  variable(name: string): unknown {
    return this.scope.value(name);
  }

  evaluate(expression: string): unknown {
    return this.state.templar.expression(expression, this.scope, this.place);
  }

  findFile(kind: 'files' | 'templates' | 'tasks' | 'vars', name: string): string {
    return findFile(kind, name, searchPathOf(this.state, this.task), this.place);
  }

  readFile(file: string, options: { decrypt?: boolean } = {}): Promise<Buffer> {
    return this.state.readFile(file, options.decrypt ?? true);
  }

  renderTemplate(source: string, file: string, options: TemplateFileOptions = {}): string {
    const { vars, ...syntax } = options;
    const scope = vars
      ? new VariableScope([layer(vars, false), ...this.scope.layers], this.state.templar.evaluate)
      : this.scope;
    const compileOptions: TemplateOptions = { file, line: 1, column: 1, ...syntax };
    try {
      return compileTemplate(source, compileOptions).renderString(
        scope,
        this.state.templar.environmentOf(scope, path.dirname(file)),
      );
    } catch (error) {
      throw error instanceof JinjaError ? templateError(error, this.place, scope) : error;
    }
  }

  secret(text: string): void {
    this.state.secret(text);
  }

  private get place(): Place {
    return this.task.node.place;
  }
}
