import type { StepReply } from '../task.ts';
import type { Sh } from './script.ts';

/** One step as it is sent to a host's shell. */
export interface StepRequest {
  body: Sh;
  /** Runs only when this test succeeds on the host; may use `ll_was ID changed|failed|skipped|ok`, see ShellSession. */
  guard?: Sh;
  /** A failure does not stop the steps behind it (`ignore_errors`, `failed_when: false`). */
  keepGoing: boolean;
  check: boolean;
  diff: boolean;
  /** Exported in the step's subshell. */
  environment: Record<string, string>;
  /** Nothing travels behind it until it has ended: restarts of the network, reboots. */
  solo: boolean;
  timeoutSeconds?: number;
  /** Where the task stands among the blocks of the run (digits and dashes); the journal keeps it. */
  place?: string | undefined;
}

/** What the shell said of itself and the host when it started. */
export interface HostHello {
  uid: number;
  pid: number;
  /** `uname -s`. */
  kernel: string;
}

/** A step under way. */
export interface SentStep {
  /** The number by which later guards name it (`ll_was 12 changed`). */
  id: number;
  reply: Promise<StepReply>;
}

/**
 * One persistent `sh` on a host for one user. Steps are sent without waiting (within the credit window) and answered in
 * order. After a failed step that does not keep going, the steps behind it answer `stopped` until `resume`.
 */
export interface ShellSession {
  readonly user: string;
  /** Resolves with the host's first answer; rejects with the error of `closed`. Steps can be sent before. */
  readonly hello: Promise<HostHello>;
  send(step: StepRequest): SentStep;
  /** Clears the stop flag; call when all sent steps have been answered. */
  resume(): void;
  /** Bytes sent to and received from the host. */
  readonly traffic: { sent: number; received: number };
  /** Ends the shell after the step under way; scratch on the host is removed by its own handlers. */
  close(): Promise<void>;
  /** Says the same, and does not wait for the shell to have gone; as `close` where a step is under way. */
  leave(): Promise<void>;
  /** Resolves when the shell is gone: undefined when it was closed, the error otherwise (CONNECTION_LOST, PROTOCOL). */
  readonly closed: Promise<Error | undefined>;
}

/** What a session is opened with. */
export interface SessionOptions {
  /** Names the run in the host's lock and journal; the same for all sessions of one run. */
  runId: string;
  host: string;
  user: string;
  /** Called with what the host says outside of steps: waiting for another run's lock, noise before the hello. */
  notice: (message: string) => void;
  helloTimeoutSeconds: number;
  /** Rejects when the user's shell cannot be had at all (LamplighterError BECOME). */
  ready?: Promise<void>;
  /** Resolves when the connection below the channel is gone, with the reason when it was not asked for. */
  connectionClosed?: Promise<Error | undefined>;
  /** A directory on the host, the session's user's own, in place of the usual one for scratch, lock and memory. */
  scratch?: string;
  /** The same for the journal. */
  journal?: string;
}
