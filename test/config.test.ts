import { chmodSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { namedSettings } from '../run/config/named.ts';
import { readConfig } from '../run/config.ts';
import { LamplighterError } from '../run/errors.ts';
import { withTree } from './playbook/tree.ts';

const config = suite('config');

const CFG = `# comment
[defaults]
inventory = hosts.yml, more
roles_path = roles:~/shared:/abs
forks: 20 ; inline
host_key_checking = False
interpreter_python = /usr/bin/python3
vault_identity_list = dev@~/dev, prod@prompt
gathering = smart
stdout_callback = yaml
unknown_thing = 1
[ssh_connection]
pipelining = True
ssh_args = -C
    -o ControlMaster=auto
[privilege_escalation]
become = yes
become_user = admin
[colors]
ok = green
`;

config('reads what means something, notes what does not', () =>
  withTree({ 'ansible.cfg': CFG }, (directory) => {
    const { notes, warnings, ...rest } = readConfig({ cwd: directory, env: { HOME: '/home/u' } });
    assert.equal(rest, {
      file: `${directory}/ansible.cfg`,
      inventory: [`${directory}/hosts.yml`, `${directory}/more`],
      rolesPath: [`${directory}/roles`, '/home/u/shared', '/abs'],
      forks: 20,
      hostKeyChecking: false,
      vaultIdentityList: ['dev@/home/u/dev', 'prod@prompt'],
      gathering: 'smart',
      stdoutCallback: 'yaml',
      sshArgs: '-C\n-o ControlMaster=auto',
      become: true,
      becomeUser: 'admin',
    });
    assert.equal(warnings, []);
    assert.equal(
      notes.map((note) => note.split(':')[0]),
      ['[defaults] interpreter_python', '[defaults] unknown_thing', '[ssh_connection] pipelining', '[colors] ok'],
    );
  }),
);

config('a variable wins over the file; ANSIBLE_CONFIG names it', () =>
  withTree({ 'x/my.cfg': '[defaults]\nforks = 1\nremote_user = file\n' }, (directory) => {
    const env = {
      ANSIBLE_CONFIG: `${directory}/x/my.cfg`,
      ANSIBLE_FORKS: '7',
      ANSIBLE_ROLES_PATH: 'r',
      ANSIBLE_PIPELINING: '1',
      HOME: '/h',
    };
    const read = readConfig({ cwd: directory, env });
    assert.equal([read.forks, read.remoteUser, read.rolesPath], [7, 'file', [`${directory}/r`]]);
    assert.is(read.notes.length, 1);
    const named = namedSettings(read);
    assert.is(named.DEFAULT_FORKS, 7);
    assert.is(named.DEFAULT_BECOME_METHOD, 'sudo', 'what nobody set');
  }),
);

config('the home directory comes last; a directory open to all is refused', () =>
  withTree({ 'h/.ansible.cfg': '[defaults]\nforks = 3\n', 'w/ansible.cfg': '[defaults]\nforks = 4\n' }, (directory) => {
    const env = { HOME: `${directory}/h` };
    assert.is(readConfig({ cwd: `${directory}/w`, env }).forks, 4);
    chmodSync(`${directory}/w`, 0o777);
    const open = readConfig({ cwd: `${directory}/w`, env });
    assert.equal([open.forks, open.warnings.length], [3, 1]);
  }),
);

const WRONG: [text: string, code: string, said: RegExp][] = [
  ['[defaults]\nforks = many\n', 'USAGE', /integer/],
  ['[defaults]\nhost_key_checking = perhaps\n', 'USAGE', /true or false/],
  ['[defaults]\nhash_behaviour = merge\n', 'USAGE', /combine/],
  ['[defaults]\ngathering = never\n', 'USAGE', /explicit/],
  ['forks = 1\n', 'USAGE', /section/],
  ['[defaults]\nnonsense\n', 'USAGE', /key = value/],
];

for (const [text, code, said] of WRONG)
  config(`refuses ${JSON.stringify(text)}`, () =>
    withTree({ 'ansible.cfg': text }, (directory) => {
      try {
        readConfig({ cwd: directory, env: { HOME: '/h' } });
      } catch (error) {
        assert.instance(error, LamplighterError);
        assert.is((error as LamplighterError).code, code);
        assert.match(`${(error as Error).message} ${(error as LamplighterError).hint}`, said);
        return;
      }
      assert.unreachable();
    }),
  );

config('a file that ANSIBLE_CONFIG names must be there', () => {
  assert.throws(
    () => readConfig({ cwd: '/', env: { ANSIBLE_CONFIG: '/nowhere.cfg' } }),
    (error: LamplighterError) => error.code === 'FILE_NOT_FOUND',
  );
});

config.run();
