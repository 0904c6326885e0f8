import { aclAllows } from '../mqtt/acl.ts';
import type { Finding } from '../task.ts';
import { endpointsOf } from './bridge-args.ts';
import { isNamedByCertificate } from './broker-args.ts';
import { rightsOf } from './rights.ts';
import { mistake, type Site } from './tasks.ts';

/**
 * What the verification of a bridge's state needs: the bridge publishes `$SYS/broker/connection/ID/state` on the cloud, so
 * its notifications are on and the cloud's ACL lets it; else messages flow and the state never appears.
 */
export function stateRules({ bridges, brokers, verified }: Site): Finding[] {
  return verified.flatMap((check) => {
    const { device_id, remote_clientid, cloud } = check.args;
    const id = remote_clientid ?? (device_id === undefined ? undefined : `${device_id}_broker`);
    const bridge = bridges.find(({ host, args }) => host === check.host && args.remote_clientid === id);
    if (id === undefined || bridge === undefined) return [];
    const found: Finding[] = [];
    const off = (['notifications', 'notifications_local_only'] as const).find(
      (name) => bridge.args[name] === (name === 'notifications_local_only'),
    );
    if (off !== undefined)
      found.push(
        mistake(
          'notifications-off',
          [
            [bridge, off],
            [check, 'cloud'],
          ],
          `${bridge.host} does not tell ${cloud} the state of its bridge (${off}: ${bridge.args[off]}), and the verification asks for it`,
        ),
      );
    const broker = brokers.find(({ host }) => host === cloud);
    if (broker?.args.acl === undefined || endpointsOf(bridge.args).length === 0) return found;
    // Who comes with a certificate may be anybody by name.
    if (broker.args.listeners?.some(isNamedByCertificate)) return found;
    const { acl } = broker.args;
    const state = bridge.args.notification_topic ?? `$SYS/broker/connection/${id}/state`;
    const writer = { username: bridge.args.remote_username, clientId: id };
    if (
      !bridge.unknown.includes('remote_username') &&
      !aclAllows(rightsOf(acl, writer.username), writer, 'write', state)
    )
      found.push(
        mistake(
          'state-write',
          [
            [broker, 'acl'],
            [bridge, 'remote_clientid'],
          ],
          `the ACL of ${cloud} does not let ${shownUser(writer.username)} write ${state}, which the verification of ${bridge.host} reads`,
          bridge.args.notification_topic === undefined
            ? 'add to its patterns: write $SYS/broker/connection/%c/state'
            : `add the right: write ${state}`,
        ),
      );
    const reader = { username: check.args.cloud_username, clientId: 'lamplighter' };
    if (!check.unknown.includes('cloud_username') && !aclAllows(rightsOf(acl, reader.username), reader, 'read', state))
      found.push(
        mistake(
          'state-read',
          [
            [broker, 'acl'],
            [check, check.args.cloud_username === undefined ? 'cloud' : 'cloud_username'],
          ],
          `the ACL of ${cloud} does not let ${shownUser(reader.username)} read ${state}, which the verification of ${bridge.host} does ("#" does not include $SYS)`,
          `give ${shownUser(reader.username)} the right: read $SYS/#`,
        ),
      );
    return found;
  });
}

function shownUser(name: string | undefined): string {
  return name === undefined ? 'anonymous clients' : `the user ${name}`;
}
