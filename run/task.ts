import type { Duplex, Readable } from 'node:stream';
import type { ZodType } from 'zod';
import type { Sh } from './shell/script.ts';

/*
 * The contract between the runner and a module: one file in tasks/, one default export made by defineTask.
 * A module sees this file, run/args.ts, run/errors.ts and run/shell/script.ts, and nothing else of the runner.
 */

/** One change shown by `--diff`. Texts, or any data (shown as YAML); `unknown` when check mode cannot tell. */
export interface Diff {
  before?: unknown;
  after?: unknown;
  /** What the diff is of, usually a path on the host. */
  path?: string;
  beforeHeader?: string;
  afterHeader?: string;
  /** A ready text in place of before and after (apt's simulation, for example). */
  prepared?: string;
  /** The contents are secret or binary: say so instead of showing them. */
  hidden?: string;
}

/** What a task returns, in Ansible's names. Every other key is the module's own. */
export interface TaskResult {
  changed?: boolean;
  failed?: boolean;
  skipped?: boolean;
  /** Check mode could not know what would happen; the text says on what it depends. */
  unknown?: string;
  msg?: unknown;
  rc?: number;
  stdout?: string;
  stderr?: string;
  diff?: Diff | Diff[];
  warnings?: string[];
  /** Becomes facts of the host. */
  ansible_facts?: Record<string, unknown>;
  [key: string]: unknown;
}

/** What the shell runtime answers to one step. */
export interface StepReply {
  /** `stopped`: an earlier step of the batch failed. `guarded`: the step's own condition was false on the host. */
  status: 'ok' | 'changed' | 'skipped' | 'unknown' | 'failed' | 'stopped' | 'guarded';
  /** Exit status of the step's body. */
  rc: number;
  /** What the step returned by `ll_ret KEY VALUE`, in order of writing; bytes that are not UTF-8 become U+FFFD. */
  fields: Record<string, string>;
  diffs: Diff[];
  warnings: string[];
  /** What the body itself wrote to its stdout and stderr. */
  stdout: string;
  stderr: string;
  /** Seconds the step took on the host, by the controller's clock between frames. */
  seconds: number;
}

/** What every form of module is told. */
export interface TaskContext {
  /** Inventory name of the host the task acts on (the delegated one where there is one). */
  readonly host: string;
  readonly check: boolean;
  readonly diff: boolean;
  readonly become: boolean;
  /** The user that the step runs as: the become user, or the login user. */
  readonly user: string;
  /** The block whose `rescue` or `always` the task is in, as the host's journal names it. */
  readonly block?: string | undefined;
  /** A variable of the host, templated; undefined when it is not defined. */
  variable(name: string): unknown;
  /** Value of a bare Jinja expression (`assert: that`, `debug: var`). @throws LamplighterError UNDEFINED_VARIABLE, TEMPLATE_ERROR */
  evaluate(expression: string): unknown;
  /**
   * Path on the controller of a file named by a task, by Ansible's search path: the role's files/ (templates/, …), the
   * role, the directory of the task's file, the playbook's.
   * @throws LamplighterError FILE_NOT_FOUND with every place that was looked at
   */
  findFile(kind: 'files' | 'templates' | 'tasks' | 'vars', name: string): string;
  /** Contents of a file on the controller; vault files come decrypted unless `decrypt` is false; cached for the run. */
  readFile(path: string, options?: { decrypt?: boolean }): Promise<Buffer>;
  /** Renders the text of a template file with the host's variables (`template` module, `#jinja2:` header included). */
  renderTemplate(source: string, file: string, options?: TemplateFileOptions): string;
  /** Marks a text as secret for the whole run: it never reaches any output. */
  secret(text: string): void;
}

export interface TemplateFileOptions {
  trimBlocks?: boolean;
  lstripBlocks?: boolean;
  newlineSequence?: '\n' | '\r' | '\r\n';
  variableStart?: string;
  variableEnd?: string;
  blockStart?: string;
  blockEnd?: string;
  commentStart?: string;
  commentEnd?: string;
  /** More variables, nearest of all (`ansible_managed`, `template_path` …). */
  vars?: Record<string, unknown>;
}

/** A host as an `action` sees it: steps by round trip, streams, forwarded connections, other hosts of the inventory. */
export interface ActionHost extends TaskContext {
  /** Runs one step and waits for it. A failed body is a reply with status `failed`, not a throw. */
  run(body: Sh, options?: StepOptions): Promise<StepReply>;
  /** Streams a file or stream of the controller into a new file on the host, mode 0600, owned by the task's user. */
  upload(source: string | Readable, remotePath: string, onBytes?: (total: number) => void): Promise<void>;
  /** Streams a file of the host. */
  download(remotePath: string): Promise<Readable>;
  /** A TCP connection made from the host to `address:port` there, through the host's SSH connection.
   *  @throws LamplighterError CONNECT, hint says whether forwarding is forbidden or the port refused. */
  forward(address: string, port: number): Promise<Duplex>;
  /** Runs a command on a channel of its own, as the task's user, with live streams. */
  exec(command: Sh): Promise<ByteChannel>;
  /** Drops the connection (if it is still there); the next use connects again. */
  disconnect(): Promise<void>;
  /** Connects once, with this limit. @throws LamplighterError CONNECT, AUTH, HOST_KEY, BECOME */
  reconnect(timeoutSeconds: number): Promise<void>;
  /** The address at which the host is reached: its `ansible_host` after ssh_config, or where it was moved to. */
  address(): Promise<string>;
  /**
   * From the next connection on the host is reached at this address, for the rest of the run, and has to show the key by
   * which it is known now; undefined goes back to where the inventory has it.
   */
  moveTo(address: string | undefined): Promise<void>;
  /** What became of a task that `async` left running on the host; `cleanup` forgets it. */
  job(id: string, mode: 'status' | 'cleanup'): Promise<TaskResult>;
  /** Another host of the inventory, with its own connection and variables. @throws LamplighterError for an unknown name. */
  other(name: string): ActionHost;
  /** Shown while the action is under way. */
  progress(message: string): void;
  /** Aborts when the run is interrupted or the task's `timeout` is over. */
  readonly signal: AbortSignal;
}

/** One command's streams. `done` resolves with its exit status (128 + n for a signal, 255 for a lost connection). */
export interface ByteChannel {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly done: Promise<number>;
  /** Ends the channel at once. */
  close(): void;
}

export interface StepOptions {
  /** Also outside check mode's simulation: a step that only reads. */
  readOnly?: boolean;
  timeoutSeconds?: number;
  /** A failed body does not set the batch's stop flag. Always so for `ActionHost.run`. */
  become?: { user: string } | false;
}

/** How a module behaves under `--check`. */
export type CheckSupport =
  /** Predicts through the runtime's memory. */
  | 'full'
  /** Changes nothing by its nature. */
  | 'reads'
  /** Cannot be predicted: skipped, and its result is unknown to what depends on it. */
  | 'none';

/**
 * A task on one host as far as it is known before any host is touched. A text that only the host can tell is one that
 * `isStandIn` knows, different for each host and variable; an argument that cannot be known at all is left out.
 */
export interface InspectedTask<A = Record<string, unknown>> {
  /** The module's short name. */
  readonly module: string;
  readonly host: string;
  /** Where the inventory reaches the host: its `ansible_host`, or its name. */
  readonly address: string;
  readonly args: A;
  /** Arguments that are written and left out of `args`. */
  readonly unknown: readonly string[];
}

/** What is wrong, or doubtful, with tasks that were looked at together. */
export interface Finding {
  level: 'error' | 'warning';
  /** A word for programs: "duplicate-clientid". */
  rule: string;
  message: string;
  /** One sentence: what to do about it. */
  hint?: string;
  /** The tasks that it is about, the first the one to change, each with the way to the argument. */
  at: readonly { task: InspectedTask; path: readonly (string | number)[] }[];
}

const STAND_IN = 'unknown--';

/** The text that stands for a variable of a host whose value only the host knows. */
export function standIn(host: string, variable: string): string {
  return `${STAND_IN}${host.replace(/[^A-Za-z0-9.-]/g, '-')}--${variable}--`;
}

export function isStandIn(text: string): boolean {
  return text.includes(STAND_IN);
}

export interface TaskDefinition<A = Record<string, unknown>> {
  /** Fully qualified, e.g. `ansible.builtin.file`; the short name is the file's name. */
  name: string;
  /** Further names it answers to, short or full. */
  aliases?: string[];
  /** One sentence for the reference. */
  summary: string;
  /** A strict zod object over the templated arguments; build it with run/args.ts, whose types read strings as Ansible does. */
  args: ZodType<A>;
  /** argument -> its other names, as in Ansible (`path: ['dest', 'name']`). */
  argAliases?: Record<string, string[]>;
  /** Arguments Ansible has and this module has not -> why, or what to use instead. Refused by name. */
  unsupported?: Record<string, string>;
  /** What Ansible says where an argument that it needs is missing, when that is a text of the module's own. */
  missing?: string;
  /** The argument that takes a task's bare string (`command: echo hi`). `k=v` words are split off unless `rawText`. */
  freeForm?: { argument: string; keyValues: 'known-only' | 'none' };
  /** Arguments whose values are secrets: hidden in every output. */
  secrets?: string[];
  checkMode: CheckSupport;
  /** What it returns beyond the common keys: key -> one sentence. For the reference. */
  returns?: Record<string, string>;
  /** A playbook excerpt for the reference. */
  example?: string;

  /**
   * One POSIX sh step that reads the state, compares and (unless in check mode) changes it. `undefined` sends this case
   * to `action` (contents too big for a script).
   */
  step?: (args: A, context: TaskContext) => Sh | undefined | Promise<Sh | undefined>;
  /** The step's reply in Ansible's return values. Default: the fields, `changed` and `msg`. Must not throw. */
  result?: (reply: StepReply, args: A, context: TaskContext) => TaskResult;
  /** What talks: several trips, the controller, MQTT. */
  action?: (args: A, host: ActionHost) => Promise<TaskResult>;
  /** What needs no host at all (debug, set_fact, assert, fail). */
  evaluate?: (args: A, context: TaskContext) => TaskResult;
  /**
   * Judges all tasks of a run, on all their hosts, before any host is touched. Modules that give the same function are
   * judged together. Pure: it looks at nothing but its arguments. `hosts`: the names of the inventory, and localhost.
   */
  inspect?: (tasks: readonly InspectedTask[], hosts?: readonly string[]) => Finding[];
  /** A statement of the language that the executor carries out (meta, include_tasks …); the module gives only its arguments. */
  control?: true;
  /** Its results carry `ansible_facts`: what comes behind it waits for them. */
  facts?: true;
  /** The connection may be lost or the network change: the step travels alone, with nothing behind it. */
  solo?: boolean;
}

/** A module; the identity function that gives its arguments their types. */
export function defineTask<A>(definition: TaskDefinition<A>): TaskDefinition<A> {
  return definition;
}
