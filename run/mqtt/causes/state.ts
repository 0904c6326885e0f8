import { aclAllows } from '../acl.ts';
import { stateTopic } from '../bridge.ts';
import { settingOf, shownLine } from '../config.ts';
import { bridgeIn, bridgeUser, type Cause, type Evidence } from './cause.ts';

/** Data may flow; the state topic is not published on the cloud. */
export function notificationsOff({ bridge, observation, lamp }: Evidence): Cause | undefined {
  const found = lamp && bridgeIn(lamp, bridge);
  // The cloud may still have a retained 0 from before they were switched off.
  if (found === undefined || observation?.states.cloud === '1') return undefined;
  if (found.notifications && !found.notificationsLocalOnly) return undefined;
  const option = found.notifications ? 'notifications_local_only' : 'notifications';
  return {
    code: 'notifications-off',
    text: `the bridge does not publish its state on the cloud: ${option} ${found.notifications ? 'true' : 'false'}`,
    evidence: lamp!.config.filter((line) => line.option === option).map(shownLine),
    hint: `Remove that line from ${bridge.lampName}'s bridge and restart mosquitto.`,
  };
}

/** Connected by the lamp's word, and no state on the cloud: its ACL does not let it be written, or not be read. */
export function aclOfState({ bridge, observation, lamp, cloud }: Evidence): Cause | undefined {
  if (cloud?.acl === undefined || observation?.states.lamp !== '1' || observation.states.cloud === '1')
    return undefined;
  const topic = stateTopic(bridge);
  const username = bridgeUser({ bridge, lamp, cloud });
  const file = settingOf(cloud.config, 'acl_file');
  const evidence = file ? [shownLine(file)] : [];
  const who = username === undefined ? 'anonymous clients' : `user ${username}`;
  if (!aclAllows(cloud.acl, { username, clientId: bridge.clientId }, 'write', topic))
    return {
      code: 'acl-state-write',
      text: `${bridge.cloudName}'s ACL does not let the bridge (${who}) write its state ${topic}`,
      evidence,
      hint: `Add "${bridge.notificationTopic === undefined ? 'pattern write $SYS/broker/connection/%c/state' : `topic write ${topic}`}" to the ACL file and reload mosquitto.`,
    };
  const check = { username: bridge.cloudUsername, clientId: 'lamplighter' };
  if (!aclAllows(cloud.acl, check, 'read', topic))
    return {
      code: 'acl-sys-read',
      text: `${bridge.cloudName}'s ACL does not let ${check.username === undefined ? 'anonymous clients' : `user ${check.username}`} read $SYS, so that the state of bridges cannot be seen ("#" does not include it)`,
      evidence,
      hint: 'Add "topic read $SYS/#" for that user to the ACL file and reload mosquitto.',
    };
  return undefined;
}
