import { nearest } from '../errors.ts';
import { type Finding, isStandIn } from '../task.ts';
import { mistake, type VerifyTask } from './tasks.ts';

/** The rules of one verification: the cloud that it asks has to be a host, of which `hosts` are those that there are. */
export function verifyRules(task: VerifyTask, hosts: readonly string[]): Finding[] {
  const { cloud } = task.args;
  if (hosts.length === 0 || cloud === undefined || isStandIn(cloud) || hosts.includes(cloud)) return [];
  const near = nearest(cloud, hosts);
  return [
    mistake(
      'unknown-cloud',
      [task, 'cloud'],
      `the cloud of ${task.host}, "${cloud}", is no host of the inventory`,
      near === undefined ? 'name the host that the bridge leads to' : `did you mean "${near}"?`,
    ),
  ];
}
