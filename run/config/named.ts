import type { SettingName } from './settings.ts';

/** Connections open at a time. */
export const DEFAULT_FORKS = 100;

/** Settings by the names that `lookup('config', NAME)` has in Ansible, with what holds where nobody says otherwise. */
const NAMED: Partial<Record<SettingName, [name: string, otherwise: unknown]>> = {
  inventory: ['DEFAULT_HOST_LIST', []],
  rolesPath: ['DEFAULT_ROLES_PATH', []],
  collectionsPath: ['COLLECTIONS_PATHS', []],
  forks: ['DEFAULT_FORKS', DEFAULT_FORKS],
  timeout: ['DEFAULT_TIMEOUT', 10],
  remoteUser: ['DEFAULT_REMOTE_USER', null],
  remotePort: ['DEFAULT_REMOTE_PORT', null],
  privateKeyFile: ['DEFAULT_PRIVATE_KEY_FILE', null],
  hostKeyChecking: ['HOST_KEY_CHECKING', true],
  vaultPasswordFile: ['DEFAULT_VAULT_PASSWORD_FILE', null],
  vaultIdentityList: ['DEFAULT_VAULT_IDENTITY_LIST', []],
  vaultEncryptIdentity: ['DEFAULT_VAULT_ENCRYPT_IDENTITY', null],
  become: ['DEFAULT_BECOME', false],
  becomeMethod: ['DEFAULT_BECOME_METHOD', 'sudo'],
  becomeUser: ['DEFAULT_BECOME_USER', 'root'],
  becomeAskPass: ['DEFAULT_BECOME_ASK_PASS', false],
  askPass: ['DEFAULT_ASK_PASS', false],
  gathering: ['DEFAULT_GATHERING', 'implicit'],
  stdoutCallback: ['DEFAULT_STDOUT_CALLBACK', 'default'],
  diff: ['DIFF_ALWAYS', false],
  forceHandlers: ['DEFAULT_FORCE_HANDLERS', false],
  anyErrorsFatal: ['ANY_ERRORS_FATAL', false],
  noLog: ['DEFAULT_NO_LOG', false],
  taskTimeout: ['TASK_TIMEOUT', 0],
  tags: ['TAGS_RUN', []],
  skipTags: ['TAGS_SKIP', []],
  forceColor: ['ANSIBLE_FORCE_COLOR', false],
  noColor: ['ANSIBLE_NOCOLOR', false],
  logPath: ['DEFAULT_LOG_PATH', null],
};

/** What ansible.cfg and the environment say, as `lookup('config', …)` names it. */
export function namedSettings(config: Readonly<Partial<Record<SettingName, unknown>>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(NAMED).map(([setting, [name, otherwise]]) => [name, config[setting as SettingName] ?? otherwise]),
  );
}
