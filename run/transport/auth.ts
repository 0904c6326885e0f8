import ssh2, {
  type AnyAuthMethod,
  type BaseAgent,
  type ParsedKey,
  type Prompt,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { LamplighterError } from '../errors.ts';
import { describe } from './failures.ts';
import { type Identity, keyName, readIdentity } from './keys.ts';
import type { AuthMethod, ConnectionTarget } from './transport.ts';

interface Step {
  method: AuthMethod;
  label: string;
  attempt(): AnyAuthMethod;
}

const ALL_METHODS: AuthMethod[] = ['publickey', 'keyboard-interactive', 'password'];

/**
 * One log-in: what is tried, in OpenSSH's order (of the keys: those of the agent that a key file names, the agent's others,
 * key files that the agent has not; then keyboard-interactive, then the password), and what became of it.
 */
export class Authentication {
  readonly #target: ConnectionTarget;
  readonly #steps: Step[];
  /** Key files that could not be used. */
  readonly problems: string[];
  readonly #tried: string[] = [];
  #offered: readonly string[] | undefined;
  #answered = false;
  #askedNone = false;

  private constructor(target: ConnectionTarget, steps: Step[], problems: string[]) {
    this.#target = target;
    this.#steps = steps;
    this.problems = problems;
  }

  /** Reads keys and agent. Key files that cannot be used are remembered, not thrown. */
  static async prepare(target: ConnectionTarget): Promise<Authentication> {
    const methods = target.authMethods ?? ALL_METHODS;
    const steps: Step[] = [];
    const problems: string[] = [];
    const self = new Authentication(target, steps, problems);
    for (const method of methods) {
      if (method === 'publickey') steps.push(...(await keySteps(target, problems)));
      else if (target.password !== undefined) steps.push(self.#passwordStep(method, target.password));
    }
    return self;
  }

  /** A password must not be sent to a server whose key has changed. */
  forbidPasswords(): void {
    const kept = this.#steps.filter((step) => step.method === 'publickey');
    this.#steps.splice(0, this.#steps.length, ...kept);
  }

  /** ssh2's authHandler: the next thing to try, or false. */
  next(offered: readonly string[] | null, partial: boolean | null): AnyAuthMethod | false {
    if (offered !== null) {
      this.#offered = offered;
      const last = this.#tried.length - 1;
      if (last >= 0) this.#tried[last] += partial ? ': accepted, but it is not enough' : ': refused';
      if (this.#answered && !partial) this.#drop('password'); // the same password again would count as another failure
    }
    // The server's list comes with the first refusal; without a key at hand, ask for it by the method "none".
    if (this.#offered === undefined && !this.#askedNone && this.#steps[0]?.method !== 'publickey') {
      this.#askedNone = true;
      return { type: 'none', username: this.#target.user };
    }
    const index = this.#steps.findIndex((step) => this.#offered?.includes(step.method) ?? true);
    const [step] = index < 0 ? [] : this.#steps.splice(index, 1);
    if (step === undefined) return false;
    this.#tried.push(step.label);
    return step.attempt();
  }

  /** AUTH, with everything that was tried. */
  failure(reason?: string): LamplighterError {
    const tried = [...this.#tried, ...this.problems];
    const missing = this.problems.find((problem) => problem.startsWith(`key ${this.#target.keyFile}: there is no`));
    const why = reason ?? (missing && `there is no key file ${this.#target.keyFile}`);
    const outcome =
      tried.length > 0
        ? 'nothing of what was tried is accepted'
        : 'there was nothing to try: no key, agent or password';
    const offers = this.#offered ? [`the server takes ${this.#offered.join(', ') || 'nothing more'}`] : [];
    const lines = [
      `cannot log in to ${describe(this.#target)}: ${why ?? outcome}`,
      ...[...tried.map((each) => `tried ${each}`), ...offers].map((line) => `  ${line}`),
    ];
    return new LamplighterError('AUTH', lines.join('\n'), { hint: this.#hint(reason) });
  }

  #hint(reason: string | undefined): string {
    if (reason !== undefined && /too many/i.test(reason))
      return 'The agent holds more keys than the server lets try: set IdentitiesOnly=yes and name the key.';
    if (this.#offered && !this.#offered.includes('publickey') && this.#target.password === undefined)
      return 'The server wants a password: --ask-pass, or ansible_password from a vault.';
    const other =
      'Another key: --private-key or ansible_ssh_private_key_file. A password: --ask-pass. Certificates and hardware keys: ansible_connection: openssh.';
    return `Is the public key in ~${this.#target.user}/.ssh/authorized_keys there?\n${other}`;
  }

  #drop(method: AuthMethod): void {
    const at = this.#steps.findIndex((step) => step.method === method);
    if (at >= 0) this.#steps.splice(at, 1);
  }

  #passwordStep(method: AuthMethod, password: string): Step {
    const { user: username } = this.#target;
    if (method === 'password')
      return { method, label: 'the password', attempt: () => ({ type: 'password', username, password }) };
    const prompt = (_name: string, _text: string, _lang: string, prompts: Prompt[], finish: (a: string[]) => void) => {
      const [only, ...more] = prompts;
      if (only !== undefined && more.length === 0 && only.echo !== true && !this.#answered) {
        this.#answered = true;
        finish([password]);
        return;
      }
      const asked = prompts.map((each) => JSON.stringify(each.prompt.trim())).join(', ');
      this.#tried[this.#tried.length - 1] += ` (the server also asked ${asked}, which cannot be answered here)`;
      finish(prompts.map(() => ''));
    };
    return {
      method,
      label: 'keyboard-interactive with the password',
      attempt: () => ({ type: 'keyboard-interactive', username, prompt }),
    };
  }
}

async function keySteps(target: ConnectionTarget, problems: string[]): Promise<Step[]> {
  const explicit = target.keyFile === undefined ? [] : [target.keyFile];
  const paths = [...new Set([...explicit, ...(target.identityFiles ?? [])])];
  const identities: Identity[] = [];
  for (const path of paths) identities.push(await readIdentity(path, target.keyPassphrase));
  const agent = await agentKeys(target, problems);
  const has = (keys: ParsedKey[], blob: string | undefined) => keys.some((key) => blobOf(key) === blob);

  const named = identities.flatMap((identity) => agent.keys.filter((key) => blobOf(key) === identity.publicKey));
  const others = target.identitiesOnly ? [] : agent.keys.filter((key) => !has(named, blobOf(key)));
  const steps = [...named, ...others].map((key) => agentStep(target, agent.agent!, key, problems));
  for (const { path, publicKey, key, problem, missing } of identities) {
    if (has(agent.keys, publicKey)) continue;
    if (key !== undefined) steps.push(fileStep(target, path, key));
    else if (!missing || path === target.keyFile) problems.push(`key ${path}: ${problem}`);
  }
  return steps;
}

function fileStep(target: ConnectionTarget, path: string, key: ParsedKey): Step {
  return {
    method: 'publickey',
    label: `key ${path} (${keyName(key)})`,
    attempt: () => ({ type: 'publickey', username: target.user, key }),
  };
}

/** One key of the agent a step, so that the order among agent and files is ours. */
function agentStep(target: ConnectionTarget, agent: BaseAgent, key: ParsedKey, problems: string[]): Step {
  const label = `the agent's ${keyName(key)}${key.comment ? ` (${key.comment})` : ''}`;
  const sign = (wanted: ParsedKey, data: Buffer, options: SigningRequestOptions, callback: SignCallback) =>
    agent.sign(wanted, data, options, (error, signature) => {
      if (error) problems.push(`${label}: the agent would not sign (${error.message})`);
      callback(error, signature);
    });
  const getIdentities = (callback: (error: undefined, keys: ParsedKey[]) => void) => callback(undefined, [key]);
  // ssh2 takes for an agent what has this prototype.
  const one: BaseAgent = Object.assign(Object.create(ssh2.BaseAgent.prototype), { getIdentities, sign });
  return { method: 'publickey', label, attempt: () => ({ type: 'agent', username: target.user, agent: one }) };
}

async function agentKeys(
  target: ConnectionTarget,
  problems: string[],
): Promise<{ agent?: BaseAgent; keys: ParsedKey[] }> {
  if (target.agentSocket === undefined) return { keys: [] };
  const agent = ssh2.createAgent(target.agentSocket);
  return new Promise((resolve) => {
    agent.getIdentities((error, keys) => {
      if (error) problems.push(`agent ${target.agentSocket}: ${error.message}`);
      resolve({ agent, keys: (keys ?? []) as ParsedKey[] });
    });
  });
}

function blobOf(key: ParsedKey): string {
  return key.getPublicSSH().toString('base64');
}
