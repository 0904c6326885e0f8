import { LamplighterError } from '../errors.ts';
import { quote } from '../shell/script.ts';
import type { Become } from './transport.ts';

/** One way to start a program as another user. */
export interface Attempt {
  /** For the login shell, whichever it is: sh, bash, fish and csh read it alike. */
  command: string;
  /** Input may be sent at once: whatever asks for a password does not read it. */
  eager: boolean;
  /** Finds the question for a password at the end of what stderr said so far. */
  prompt: RegExp | undefined;
}

/**
 * The attempts in order; the second is made when the first ended before the program ran. `mark` is printed as a line of its
 * own when the program starts.
 * @throws LamplighterError BECOME for doas with a password
 */
export function attempts(become: Become, program: string, mark: string, fromRoot: boolean): Attempt[] {
  const started = `echo ${mark}; exec ${program}`;
  const user = quote(become.user);
  const exe = become.exe?.trim() || become.method;
  switch (become.method) {
    case 'sudo': {
      const flags = sudoFlags(become.flags);
      const tail = `-u ${user} sh -c ${quote(started)}`;
      const silent: Attempt = { command: `exec ${exe} -n ${flags}${tail}`, eager: true, prompt: undefined };
      if (become.password === undefined) return [silent];
      const question = `${mark}:password:`;
      const asking = `exec ${exe} -S -p ${question} ${flags}${tail}`;
      return [silent, { command: asking, eager: false, prompt: new RegExp(`${question}$`) }];
    }
    case 'su': {
      // -s: the user may have no login shell (system users have nologin). Only root may choose it; others get theirs.
      const shell = fromRoot ? '-s /bin/sh ' : '';
      const command = `exec ${exe} ${spaced(become.flags)}${shell}-c ${quote(started)} ${user}`;
      // su's question is translated, but always the last words before it waits, and ends in a colon.
      return [{ command, eager: fromRoot, prompt: /[:：][ \u00a0]?$/ }];
    }
    case 'doas':
      if (become.password !== undefined)
        throw new LamplighterError('BECOME', 'doas takes no password from a program', {
          hint: 'Allow the login user without one (`permit nopass` in doas.conf), or set ansible_become_method: sudo.',
        });
      return [
        {
          command: `exec ${exe} -n ${spaced(become.flags)}-u ${user} sh -c ${quote(started)}`,
          eager: true,
          prompt: undefined,
        },
      ];
  }
}

/** Ansible's default flags are `-H -S -n`; whether a password is read is decided here. */
function sudoFlags(flags: string | undefined): string {
  const words = (flags?.trim() || '-H').split(/\s+/);
  return spaced(words.filter((word) => !['-n', '-S', '--non-interactive', '--stdin'].includes(word)).join(' '));
}

function spaced(flags: string | undefined): string {
  return flags?.trim() ? `${flags.trim()} ` : '';
}

const CAUSES: [said: RegExp, text: string, hint: string][] = [
  [
    /must have a tty|no tty present|requiretty/i,
    'it wants a terminal',
    'Take `requiretty` out of its sudoers (Defaults:USER !requiretty).',
  ],
  [
    /not in the sudoers|not allowed to (execute|run)|may not run|not permitted|Operation not permitted/i,
    'the login user is not allowed to',
    'Add the login user to the sudoers (or doas.conf), or log in as a user who is there.',
  ],
  [
    /unknown user|user .* does not exist|no such user|No passwd entry/i,
    'there is no such user',
    'Check become_user, or create the user first.',
  ],
  [
    /effective uid is not 0|nosuid|setuid/i,
    'it is not setuid root there',
    'Mount without nosuid, allow new privileges.',
  ],
  [/account has expired|account is locked|expired/i, 'the account has expired', 'Renew it on the host.'],
];

/** What is wrong for good, from what the command said; undefined when a password may help. */
export function cause(become: Become, said: string, status: number): [text: string, hint: string] | undefined {
  if (status === 127 || status === 126 || /command not found|: not found|Unknown command/i.test(said))
    return [`${become.exe ?? become.method} is not installed on the host`, 'Install it, or set ansible_become_method.'];
  const known = CAUSES.find(([pattern]) => pattern.test(said));
  return known && [known[1], known[2]];
}

/** BECOME, with what the command itself said. */
export function becomeFailure(become: Become, text: string, hint: string | undefined, said: string): LamplighterError {
  const words = said
    .trim()
    .split(/\s*\n\s*/)
    .join('; ')
    .slice(-400);
  const quoted = words === '' ? '' : ` (${become.method} said: ${words})`;
  return new LamplighterError('BECOME', `cannot become ${become.user} by ${become.method}: ${text}${quoted}`, { hint });
}
