import { join } from 'node:path';
import type { Lab } from '../../run/lab/lab.ts';
import { mitogenAnsible, plainAnsible, tunedAnsible } from './ansible.ts';
import { LAMPLIGHTER, ROOT } from './tools.ts';

const PLAYBOOK = join(ROOT, 'bench/plain/site.yaml');

/** A tool that runs the site of plain modules: its command, and what it finds in its environment. */
export interface PlainTool {
  tool: string;
  command: string[];
  env?: Record<string, string>;
}

/**
 * Everyone who can run the playbook that Lamplighter and Ansible share.
 * @param packaged the runner as the package has it
 * @param limit the hosts, by name
 */
export function plainTools(lab: Lab, directory: string, packaged: string[], limit: string[]): PlainTool[] {
  const words = ['-i', lab.paths.inventory, '-l', limit.join(','), PLAYBOOK];
  const ansible = (tool: string, env: Record<string, string>) => ({
    tool,
    command: ['ansible-playbook', ...words],
    env,
  });
  return [
    { tool: 'lamplighter', command: [...LAMPLIGHTER, ...words] },
    { tool: 'lamplighter, packaged', command: [...packaged, ...words] },
    ansible('ansible', tunedAnsible(directory, limit.length)),
    ansible('ansible as it comes', plainAnsible(directory)),
    ansible('ansible with mitogen', mitogenAnsible(directory, limit.length)),
  ];
}

const LOOK = `
find /etc/mosquitto | sort | while read -r path; do
  stat -c '%n %F %a %U %G' "$path"
  [ ! -f "$path" ] || sha256sum "$path"
done
dpkg-query -W 'mosquitto*' 'libmosquitto*'
systemctl is-enabled mosquitto
systemctl is-active mosquitto`;

/** What the playbook leaves on the hosts: files, packages and the service. */
export async function stateOfSite(lab: Lab, names: string[]): Promise<string> {
  const texts = await Promise.all(
    names.map(async (name) => {
      const { code, stdout, stderr } = await lab.run(name, LOOK);
      if (code !== 0) throw new Error(`${name} cannot be looked at: ${stderr}`);
      return `${name}\n${stdout}`;
    }),
  );
  return texts.join('\n');
}
