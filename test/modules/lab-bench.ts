import { sshOptions } from '../../run/lab/inventory.ts';
import { type Lab, type LabHost, openLab } from '../../run/lab/lab.ts';
import { type Bench, withSession } from '../helpers/step.ts';

/** One lab host for the tests of system modules; undefined, with the reason printed, where labs cannot run. */
export async function bootHost(name: string, options: { python?: boolean } = {}): Promise<LabMachine | undefined> {
  if (process.env.LAMPLIGHTER_NO_LAB) {
    console.log(`  skipped: ${name} needs a lab, and LAMPLIGHTER_NO_LAB is set`);
    return undefined;
  }
  try {
    const lab = await openLab({ instance: `sys${process.pid}` });
    const host = (await lab.up([name], { python: options.python ?? false })).find((each) => each.name === name)!;
    return { lab, host };
  } catch (error) {
    console.log(`  skipped: no lab host ${name} (${(error as Error).message})`);
    return undefined;
  }
}

export interface LabMachine {
  lab: Lab;
  host: LabHost;
}

/** A root shell on a lab host, by the system's ssh and sudo. */
export function onHost<T>({ lab, host }: LabMachine, use: (bench: Bench) => Promise<T>): Promise<T> {
  const options = ['-F', '/dev/null', '-o', 'BatchMode=yes', '-i', host.keyFile, ...sshOptions(lab.paths)];
  return withSession(use, {
    command: ['ssh', [...options, `${host.user}@${host.address}`, 'sudo -n sh']],
    session: { scratch: '/run/lamplighter', journal: '/var/lib/lamplighter/journal', host: host.name, user: 'root' },
  });
}
