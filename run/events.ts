import type { ErrorCode, Place } from './errors.ts';
import type { Diff, TaskResult } from './task.ts';

/*
 * What the executor says while it runs. Every output (text, JSON lines, recap) is a fold over these; nothing else of a
 * run reaches a report. Texts may hold secrets until they pass the redactor of run/report.
 */

export type Status = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable';

/** Ansible's columns of the recap. */
export interface HostStats {
  ok: number;
  changed: number;
  unreachable: number;
  failed: number;
  skipped: number;
  rescued: number;
  ignored: number;
}

/** Which task a result belongs to; `id` is the same for all hosts that run it and grows in the play's order. */
export interface TaskRef {
  id: number;
  /** As shown: role and templated name, or the module's name. */
  name: string;
  module: string;
  place: Place;
  handler: boolean;
}

export type RunEvent =
  | { event: 'run-start'; playbooks: string[]; check: boolean; diff: boolean }
  | { event: 'play-start'; play: string; place: Place; hosts: string[]; matched: boolean }
  | { event: 'play-end'; play: string }
  /** The first host comes to a task. */
  | { event: 'task-start'; play: string; task: TaskRef }
  /** One item of a loop is done. */
  | {
      event: 'item';
      play: string;
      task: TaskRef;
      host: string;
      status: Status;
      label: string;
      ignored: boolean;
      result: TaskResult;
      diffs: Diff[];
      noLog: boolean;
    }
  /** A task is done on a host (after its last item). */
  | {
      event: 'task';
      play: string;
      task: TaskRef;
      host: string;
      /** The host the task acted on, where it was delegated. */
      delegatedTo?: string;
      status: Status;
      ignored: boolean;
      rescued: boolean;
      /** Check mode could not know. */
      unknown?: string;
      result: TaskResult;
      diffs: Diff[];
      noLog: boolean;
      loop: boolean;
      seconds: number;
    }
  | {
      event: 'retry';
      play: string;
      task: TaskRef;
      host: string;
      left: number;
      retries: number;
      result: TaskResult;
      noLog: boolean;
    }
  /** A host has left the play (done, failed, unreachable, or ended by meta): nothing more of it comes in this play. */
  | { event: 'host-end'; play: string; host: string; reason: 'done' | 'failed' | 'unreachable' | 'ended' }
  | { event: 'progress'; host: string; task?: TaskRef; message: string }
  | { event: 'warning'; message: string; place?: Place; code?: ErrorCode }
  | { event: 'log'; level: 1 | 2 | 3 | 4; host?: string; message: string }
  | { event: 'recap'; hosts: Record<string, HostStats>; interrupted: boolean; seconds: number };

export type Emit = (event: RunEvent) => void;
