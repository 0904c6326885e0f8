import { LamplighterError } from '../errors.ts';

/** Options as ssh_config(5) names them, in lower case; the first value counts, of IdentityFile all. */
export type SshOptions = Map<string, string[]>;

/** Options whose value is several files. */
export const FILE_LISTS = new Set(['userknownhostsfile', 'globalknownhostsfile']);

/** Read by the ssh transport. */
const USED = new Set(
  `addressfamily bindaddress ciphers compression connectionattempts connecttimeout forwardagent globalknownhostsfile
  hashknownhosts hostkeyalgorithms hostkeyalias hostname identitiesonly identityagent identityfile
  kbdinteractiveauthentication kexalgorithms macs passwordauthentication port preferredauthentications proxycommand
  proxyjump pubkeyauthentication serveralivecountmax serveraliveinterval stricthostkeychecking user userknownhostsfile`.split(
    /\s+/,
  ),
);

/** Without meaning here: one connection a host is kept and shared anyhow, there is no terminal and nobody to ask. */
const MEANINGLESS = new Set(
  `batchmode checkhostip clearallforwardings controlmaster controlpath controlpersist escapechar exitonforwardfailure
  fingerprinthash ipqos loglevel logverbose numberofpasswordprompts rekeylimit sendenv syslogfacility tcpkeepalive
  updatehostkeys visualhostkey enableescapecommandline`.split(/\s+/),
);

/** Refused unless they are set to what this transport does anyhow. */
const ONLY: Record<string, string[]> = {
  canonicalizehostname: ['no', 'false', 'none'],
  forwardx11: ['no', 'false'],
  forwardx11trusted: ['no', 'false', 'yes', 'true'],
  gssapiauthentication: ['no', 'false'],
  hostbasedauthentication: ['no', 'false'],
  permitlocalcommand: ['no', 'false'],
  requesttty: ['no', 'false', 'auto'],
  stdinnull: ['no', 'false'],
  tunnel: ['no', 'false'],
  verifyhostkeydns: ['no', 'false'],
};

const ALIASES: Record<string, string> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  keepalive: 'tcpkeepalive',
  skeyauthentication: 'kbdinteractiveauthentication',
  tisauthentication: 'kbdinteractiveauthentication',
};

const FLAGS_WITH_VALUE: Record<string, string> = {
  c: 'ciphers',
  b: 'bindaddress',
  i: 'identityfile',
  J: 'proxyjump',
  l: 'user',
  m: 'macs',
  p: 'port',
};
const FLAGS: Record<string, [option: string, value: string]> = {
  '4': ['addressfamily', 'inet'],
  '6': ['addressfamily', 'inet6'],
  A: ['forwardagent', 'yes'],
  a: ['forwardagent', 'no'],
  C: ['compression', 'yes'],
};
const MEANINGLESS_FLAGS = new Set(['q', 'v', 'T', 'x', 'k', 'M']);

/**
 * Reads words as ssh(1) would, and refuses by name what the ssh transport cannot honour.
 * @throws LamplighterError USAGE
 */
export function parseSshWords(words: readonly string[]): { options: SshOptions } {
  const options: SshOptions = new Map();
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!/^-./.test(word)) throw unsupported(`the word "${word}"`);
    for (let at = 1; at < word.length; at++) {
      const flag = word[at]!;
      const simple = FLAGS[flag];
      if (simple) put(options, simple[0], simple[1]);
      else if (!MEANINGLESS_FLAGS.has(flag)) {
        const takesValue = flag === 'o' || flag === 'F' || flag === 'S' || flag in FLAGS_WITH_VALUE;
        if (!takesValue) throw unsupported(`-${flag}`);
        const value = word.slice(at + 1) || words[++i];
        if (value === undefined) throw new LamplighterError('USAGE', `ssh's -${flag} lacks its value`);
        if (flag === 'o') putAssignment(options, value);
        else if (flag !== 'S' && flag !== 'F') put(options, FLAGS_WITH_VALUE[flag]!, value);
        break;
      }
    }
  }
  return { options };
}

function putAssignment(options: SshOptions, text: string): void {
  const match = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)([\s\S]*)$/.exec(text);
  if (!match) throw new LamplighterError('USAGE', `ssh's -o ${text} is not NAME=VALUE`);
  const given = match[1]!;
  const name = ALIASES[given.toLowerCase()] ?? given.toLowerCase();
  const value = match[2]!.trim();
  if (MEANINGLESS.has(name) || ONLY[name]?.includes(value.toLowerCase())) return;
  if (!USED.has(name)) throw unsupported(`-o ${given}=${value}`);
  if (FILE_LISTS.has(name)) {
    if (!options.has(name)) options.set(name, splitWords(value));
  } else put(options, name, name === 'proxycommand' ? value : value.replace(/^"(.*)"$/, '$1'));
}

/** The file that `-F` names, also among words this transport does not know. */
export function configFileOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word, i) => word.startsWith('-F') && words[i - 1] !== '-o');
  return at < 0 ? undefined : words[at]!.slice(2) || words[at + 1];
}

/** The first value wins, as in ssh; key files add up. */
function put(options: SshOptions, name: string, value: string): void {
  const values = options.get(name);
  if (values === undefined) options.set(name, [value]);
  else if (name === 'identityfile') values.push(value);
}

function unsupported(what: string): LamplighterError {
  return new LamplighterError('USAGE', `the ssh transport has no ${what}`, {
    hint: "Set ansible_connection: openssh to use the system's own ssh, which has it.",
  });
}

/** Splits a string into words by the shell's quotes, as Ansible does (shlex). @throws LamplighterError USAGE */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && /["\\]/.test(text[i + 1] ?? '')) word += text[++i]!;
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      const next = char === '\\' && i + 1 < text.length ? text[++i]! : char;
      word = (word ?? '') + next;
    }
  }
  if (quote !== '') throw new LamplighterError('USAGE', `a quote is not closed in: ${text}`);
  if (word !== undefined) words.push(word);
  return words;
}
