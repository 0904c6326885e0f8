/*
 * What an evaluation throws when it reaches a value that is not there. These are signals, not errors: templates let them
 * pass untouched, and the executor catches them around the evaluation of one task.
 */

/** The value will be known once something under way has ended; wait, then evaluate again. */
export class Pending {
  readonly what: string;
  readonly wait: () => Promise<void>;
  constructor(what: string, wait: () => Promise<void>) {
    this.what = what;
    this.wait = wait;
  }
}

/** Check mode: the value depends on a change that was not made, so it cannot be known at all. */
export class Unknown {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** Stands where the value of a variable will be: reading it throws its signal. */
export class Placeholder {
  readonly signal: Pending | Unknown;
  /** The step of the host's shell that brings the value, where the host's own status says all of it. */
  readonly stepId: number | undefined;
  constructor(signal: Pending | Unknown, stepId?: number) {
    this.signal = signal;
    this.stepId = stepId;
  }
}
