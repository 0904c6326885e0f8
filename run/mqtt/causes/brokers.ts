import { listenersOf, settingOf, shownLine } from '../config.ts';
import type { HostEvidence } from '../evidence.ts';
import { sinceStart } from '../log.ts';
import { type Cause, changedSinceStart, type Evidence, lastMatching, shownListener } from './cause.ts';

/** Another process than the service's own holds the port: Mosquitto's restart left it behind. */
export function staleProcess({ bridge, lamp, cloud }: Evidence): Cause | undefined {
  for (const [name, host, ports] of [
    [bridge.cloudName, cloud, [bridge.cloudPort]],
    [bridge.lampName, lamp, [bridge.localPort]],
  ] as const) {
    const stale = host?.listeners.filter(
      ({ port, pid }) => ports.some((each) => each === port) && pid !== undefined && pid !== host.mainPid,
    );
    const first = stale?.[0];
    if (host === undefined || first === undefined) continue;
    const own =
      host.mainPid === undefined ? 'the service itself is not running' : `the service's own is ${host.mainPid}`;
    return {
      code: 'stale-process',
      text: `on ${name} another process than the service's own holds port ${first.port}: ${first.name}, pid ${first.pid} (${own})`,
      evidence: stale!.map(shownListener),
      hint: `A restart left it behind: reboot ${name}, or end process ${first.pid} and restart mosquitto.`,
    };
  }
  return undefined;
}

export function stoppedBroker({ bridge, lamp, cloud }: Evidence): Cause | undefined {
  for (const [name, host] of [
    [bridge.cloudName, cloud],
    [bridge.lampName, lamp],
  ] as const) {
    if (host === undefined || host.mainPid !== undefined) continue;
    const broken = [...host.journal, ...sinceStart(host.log)].filter((line) => /Error(:| found at) /.test(line));
    if (broken.length > 0 && /failed|activating/.test(host.serviceState)) {
      const error = broken.findLast((line) => line.includes('Error: '))?.replace(/^.*Error: /, '');
      // The file comes first, then the line of mosquitto.conf that includes it.
      const place = broken.find((line) => line.includes('Error found at '))?.replace(/^.*Error found at |\.$/g, '');
      return {
        code: 'config-error',
        text: `mosquitto does not start on ${name}: ${[error, place].filter(Boolean).join(' ')}`,
        evidence: [...new Set(broken)].slice(-4),
        hint: `Correct that and restart mosquitto on ${name}.`,
      };
    }
    return {
      code: 'broker-stopped',
      text: `mosquitto is not running on ${name} (${host.serviceState})`,
      evidence: [...host.journal, ...host.log].slice(-4),
      hint: `Start it: service mosquitto start.`,
    };
  }
  return undefined;
}

/** The broker runs and does not listen where it should. */
export function wrongListener({ bridge, lamp, cloud }: Evidence): Cause | undefined {
  for (const [name, host, port] of [
    [bridge.cloudName, cloud, bridge.cloudPort],
    [bridge.lampName, lamp, bridge.localPort],
  ] as const) {
    if (host === undefined || host.listeners.some((listener) => listener.port === port)) continue;
    const own = host.listeners.filter(({ pid }) => pid !== undefined && pid === host.mainPid);
    const line = listenersOf(host.config).find((listener) => listener.port === port);
    const evidence = [...own.map(shownListener), ...listenersOf(host.config).map(({ at }) => shownLine(at))];
    const ports = [...new Set(own.map((listener) => listener.port))].join(', ') || 'no port';
    const changed = changedSinceStart(host);
    if (line !== undefined && changed.length > 0)
      return {
        code: 'config-not-loaded',
        text: `${name}'s broker listens on ${ports}: port ${port} is in a file that was changed after it started`,
        evidence: [...evidence, ...changed],
        hint: `Restart mosquitto on ${name}; a reload does not open listeners.`,
      };
    return {
      code: 'wrong-listener',
      text: `${name}'s broker listens on ${ports}, not on ${port}`,
      evidence,
      hint: `Put "listener ${port}" into /etc/mosquitto/conf.d and restart, or correct the port in the inventory.`,
    };
  }
  return undefined;
}

/** The check's own client was not admitted. */
export function refusedCheck({ bridge, problems, lamp, cloud }: Evidence): Cause | undefined {
  for (const side of ['cloud', 'lamp'] as const) {
    const host = side === 'cloud' ? cloud : lamp;
    const name = side === 'cloud' ? bridge.cloudName : bridge.lampName;
    if (problems[side]?.code !== 'AUTH') continue;
    const anonymous = side === 'cloud' && bridge.cloudUsername === undefined;
    const setting = host && settingOf(host.config, 'allow_anonymous');
    if (anonymous && setting?.value !== 'true') return anonymousRefused(name, host, [problems[side]!.message]);
    return {
      code: 'login-refused',
      text: `${name}'s broker refused the login of the check itself: ${problems[side]!.message}`,
      evidence: setting ? [shownLine(setting)] : [],
      hint: `Give the verification a user of ${name}'s broker (username, password).`,
    };
  }
  return undefined;
}

/** Bridges are read at the start only; an edited file does nothing until a restart. */
export function configNotLoaded({ bridge, lamp, cloud }: Evidence): Cause | undefined {
  for (const [name, host] of [
    [bridge.lampName, lamp],
    [bridge.cloudName, cloud],
  ] as const) {
    const changed = host === undefined ? [] : changedSinceStart(host);
    if (changed.length === 0) continue;
    return {
      code: 'config-not-loaded',
      text: `the configuration of ${name} was changed after its broker started and is not in effect`,
      evidence: changed,
      hint: `Restart mosquitto on ${name}; a reload does not read bridges and listeners.`,
    };
  }
  return undefined;
}

export function anonymousRefused(name: string, host: HostEvidence | undefined, said: string[]): Cause {
  const setting = host && settingOf(host.config, 'allow_anonymous');
  const version = host?.version ?? '2.0';
  return {
    code: 'anonymous-refused',
    text: setting
      ? `${name}'s broker refuses clients without a user name`
      : `${name}'s broker (Mosquitto ${version}) refuses clients without a user name: from 2.0 on that is so unless allow_anonymous is set`,
    evidence: [...said, ...(setting ? [shownLine(setting)] : []), ...lastMatching(host, /not authori[sz]ed/i, name)],
    hint: 'Say "allow_anonymous true" beside the listener, or give the bridge a remote_username and a remote_password.',
  };
}
