import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { socketsIn } from './masters.ts';

const MITOGEN = '/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy';

/** Ansible as it comes, but for what keeps it to this benchmark's files. */
export function plainAnsible(directory: string): Record<string, string> {
  const config = join(directory, 'ansible.cfg');
  writeFileSync(config, '[defaults]\n');
  mkdirSync(socketsIn(directory), { recursive: true });
  return {
    ANSIBLE_CONFIG: config,
    ANSIBLE_HOST_KEY_CHECKING: 'False',
    ANSIBLE_SSH_CONTROL_PATH_DIR: socketsIn(directory),
    ANSIBLE_LOCAL_TEMP: join(directory, 'ansible-local'),
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    ANSIBLE_NOCOLOR: 'True',
    HOME: directory,
    LC_ALL: 'C.UTF-8',
  };
}

/** Ansible as a person who knows it sets it up: pipelining, one fork a host, connections kept from one round to the next. */
export function tunedAnsible(directory: string, forks: number): Record<string, string> {
  return {
    ...plainAnsible(directory),
    ANSIBLE_PIPELINING: 'True',
    ANSIBLE_FORKS: String(forks),
    ANSIBLE_SSH_ARGS: '-C -o ControlMaster=auto -o ControlPersist=600s',
  };
}

/** The same with Mitogen, whose connections end with each run. */
export function mitogenAnsible(directory: string, forks: number): Record<string, string> {
  return {
    ...tunedAnsible(directory, forks),
    ANSIBLE_STRATEGY: 'mitogen_linear',
    ANSIBLE_STRATEGY_PLUGINS: MITOGEN,
  };
}
