import type { RunOptions } from '../options.ts';
import type { Effective } from './effective.ts';
import type { Layer } from './scope.ts';

type ConnectionOptions = Pick<Partial<RunOptions>, 'connection' | 'remoteUser' | 'defaults' | 'timeout' | 'privateKey'>;

/** Seconds; Ansible's DEFAULT_TIMEOUT. */
const DEFAULT_TIMEOUT = 10;

/** How a task reaches its host, as its keywords and the command line say: templates or values, undefined where nobody says. */
export interface ConnectionWords {
  /** The host's name, or that of the one it is delegated to. */
  address: string;
  connection: unknown;
  user: unknown;
  port: unknown;
  timeout: unknown;
  keyFile: unknown;
}

/** Two names each for one thing. */
const TWINS: readonly (readonly [keyof ConnectionWords, string, string])[] = [
  ['address', 'ansible_host', 'ansible_ssh_host'],
  ['user', 'ansible_user', 'ansible_ssh_user'],
  ['port', 'ansible_port', 'ansible_ssh_port'],
  ['timeout', 'ansible_timeout', 'ansible_ssh_timeout'],
  ['keyFile', 'ansible_private_key_file', 'ansible_ssh_private_key_file'],
];

const WORD_OF = new Map<string, [word: keyof ConnectionWords, twin: string | undefined]>([
  ...TWINS.flatMap(([word, a, b]): [string, [keyof ConnectionWords, string]][] => [
    [a, [word, b]],
    [b, [word, a]],
  ]),
  ['ansible_connection', ['connection', undefined]],
]);

/** What a task's keywords say, and where they say nothing the options of the command line and ansible.cfg. */
export function connectionWords(
  address: string,
  keywords: Pick<Effective, 'connection' | 'remoteUser'>,
  options: ConnectionOptions = {},
): ConnectionWords {
  return {
    address,
    connection: keywords.connection ?? options.connection ?? 'ssh',
    user: keywords.remoteUser ?? options.remoteUser,
    port: options.defaults?.port,
    timeout: options.timeout ?? DEFAULT_TIMEOUT,
    keyFile: options.privateKey,
  };
}

/** The names that a `ConnectionLayer` defines. */
export const CONNECTION_MAGIC: readonly string[] = [...WORD_OF.keys()];

/**
 * Connection variables that nobody defined, weaker than all others: `{{ ansible_host }}` is a host's name where the
 * inventory says nothing else. They are not in `vars` and `hostvars`.
 * Source: PlayContext.update_vars of ansible/playbook/play_context.py
 */
export class ConnectionLayer implements Layer {
  readonly raw = true;
  private readonly words: () => ConnectionWords;
  private readonly others: readonly Layer[];

  /** @param others all other layers, in which one of the two names may stand */
  constructor(words: () => ConnectionWords, others: readonly Layer[]) {
    this.words = words;
    this.others = others;
  }

  get(name: string): unknown {
    const known = WORD_OF.get(name);
    if (!known) return name === 'ansible_shell_executable' ? '/bin/sh' : undefined;
    const [word, twin] = known;
    if (twin !== undefined && this.others.some((each) => each.get(twin) !== undefined)) return `{{ ${twin} }}`;
    const value = this.words()[word];
    // A keyword made of the variable cannot define it.
    if (typeof value === 'string' && (value.includes(name) || (twin !== undefined && value.includes(twin))))
      return undefined;
    return value;
  }

  names(): Iterable<string> {
    return [];
  }
}
