import type { HostEvidence } from '../evidence.ts';
import type { Listener } from '../listeners.ts';
import { sinceStart } from '../log.ts';
import { type Cause, type Evidence, shownListener } from './cause.ts';

/** Without a listener of its own 2.0 listens on loopback only. */
export function loopbackOnly({ bridge, cloud, reach }: Evidence): Cause | undefined {
  const sockets = cloud?.listeners.filter(({ port }) => port === bridge.cloudPort) ?? [];
  const isLoopback = ({ address }: Listener) => /^127\.|^\[::1\]$/.test(address);
  if (reach === 'open' || sockets.length === 0 || !sockets.every(isLoopback)) return undefined;
  return {
    code: 'loopback-only',
    text: `${bridge.cloudName}'s broker listens on port ${bridge.cloudPort} of the loopback address only`,
    evidence: sockets.map(shownListener),
    hint: `Say "listener ${bridge.cloudPort}" without an address in /etc/mosquitto/conf.d.`,
  };
}

/** The broker listens, and the lamp's connection does not come through. */
export function firewall({ bridge, problems, lamp, cloud, reach, reachSsh }: Evidence): Cause | undefined {
  const local = problems.cloud?.code === 'TIMEOUT';
  const blocked = reach === 'silent' || reach === 'refused' || (reach === 'unknown' && bridgeUnanswered(lamp));
  if (!blocked && !local) return undefined;
  if (cloud === undefined || !cloud.listeners.some(({ port }) => port === bridge.cloudPort)) return undefined;
  const rules = [
    ...filtering(cloud, bridge.cloudPort).map((rule) => `firewall of ${bridge.cloudName}: ${rule}`),
    ...(lamp ? filtering(lamp, bridge.cloudPort).map((rule) => `firewall of ${bridge.lampName}: ${rule}`) : []),
  ];
  const how = reach === 'refused' ? 'is rejected' : 'gets no answer';
  const target = `${bridge.cloudAddress}:${bridge.cloudPort}`;
  if (rules.length > 0)
    return {
      code: 'firewall',
      text: `a firewall stands before port ${bridge.cloudPort} of ${bridge.cloudName}: the broker listens, and a connection from ${bridge.lampName} to ${target} ${how}`,
      evidence: rules,
      hint: `Allow TCP port ${bridge.cloudPort} there.`,
    };
  const listening = cloud.listeners.filter(({ port }) => port === bridge.cloudPort).map(shownListener);
  if (reach === 'refused' || reachSsh === 'open' || reachSsh === 'refused')
    return {
      code: 'firewall',
      text: `a firewall stands between ${bridge.lampName} and port ${bridge.cloudPort} of ${bridge.cloudName}: the broker listens, and a connection to ${target} ${how}`,
      evidence: [
        ...listening,
        ...(reachSsh === 'open' ? [`${bridge.lampName} does reach ${bridge.cloudAddress}, on its SSH port`] : []),
      ],
      hint: `Allow TCP port ${bridge.cloudPort} in the cloud's security group and on the way; no rule on the hosts themselves shows it.`,
    };
  return {
    code: 'unreachable',
    text: `${bridge.lampName} does not reach ${bridge.cloudAddress} at all, though the broker listens on port ${bridge.cloudPort} there`,
    evidence: listening,
    hint: `Check the address, and the network of ${bridge.lampName}.`,
  };
}

function bridgeUnanswered(lamp: HostEvidence | undefined): boolean {
  return sinceStart(lamp?.log ?? []).some((line) => /Error creating bridge|Connection timed out|No route/.test(line));
}

/** Rules that drop or reject, and name the port or stand for everything. */
function filtering(host: HostEvidence, port: number): string[] {
  const names = new RegExp(`\\b${port}\\b`);
  const blocks = /\b(drop|reject|DROP|REJECT)\b/;
  const named = host.firewall.filter((rule) => names.test(rule) && blocks.test(rule));
  if (named.length > 0) return named;
  return host.firewall.filter((rule) =>
    /policy drop|^-P (INPUT|OUTPUT|FORWARD) DROP|^(drop|reject)|-j (DROP|REJECT)$/.test(rule),
  );
}
