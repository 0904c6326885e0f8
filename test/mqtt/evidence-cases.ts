import type { BridgeObservation } from '../../run/mqtt/bridge.ts';
import type { Evidence } from '../../run/mqtt/causes/cause.ts';
import { parseConfigLine } from '../../run/mqtt/config.ts';
import type { HostEvidence } from '../../run/mqtt/evidence.ts';

export const ID = 'b827eb000001';
export const CLIENT = `${ID}_broker`;
export const NOW = 1_795_000_000;

const BRIDGING = '/etc/mosquitto/conf.d/bridging.conf';
const PORT = '/etc/mosquitto/conf.d/port.conf';

/** Lines of a file as the evidence has them. */
function config(file: string, text: string): HostEvidence['config'] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => parseConfigLine(`${file}:${i + 1}:${line}`));
}

export function bridging(text = BRIDGE): HostEvidence['config'] {
  return config(BRIDGING, text);
}

export function port(text: string): HostEvidence['config'] {
  return config(PORT, text);
}

export const BRIDGE = `connection ${CLIENT}
address 10.98.50.10:50001
remote_clientid ${CLIENT}
topic test1/+ out 1 "" devices/${ID}/
topic test2/+ in 1 "" devices/${ID}/
cleansession true`;

/** A host whose broker listens on this port of every address, with the service's own process. */
export function host(at: number, changes: Partial<HostEvidence> = {}): HostEvidence {
  return {
    now: NOW,
    version: '2.0.11',
    mainPid: 100,
    startedAt: NOW - 600,
    serviceState: 'active',
    listeners: [
      { address: '0.0.0.0', port: at, pid: 100, name: 'mosquitto' },
      { address: '[::]', port: at, pid: 100, name: 'mosquitto' },
    ],
    config: [],
    modified: [
      { path: BRIDGING, at: NOW - 601 },
      { path: PORT, at: NOW - 601 },
    ],
    log: [`${NOW - 600}: mosquitto version 2.0.11 starting`],
    journal: [],
    firewall: [],
    ...changes,
  };
}

/** A bridge with everything as it should be. */
export function observation(changes: Partial<BridgeObservation> = {}): BridgeObservation {
  const prefix = `devices/${ID}/`;
  return {
    states: { lamp: '1', cloud: '1' },
    stateChanges: [],
    out: { from: 'lamp', sentTo: 'test1/w', expectedAt: `${prefix}test1/w`, latencyMs: 1, copies: 1, echoes: 0 },
    in: { from: 'cloud', sentTo: `${prefix}test2/w`, expectedAt: 'test2/w', latencyMs: 1, copies: 1, echoes: 0 },
    otherArrived: false,
    sentinelArrived: true,
    strays: [],
    neededSeconds: 3,
    heldSeconds: 3,
    ...changes,
  };
}

/** What is seen when the bridge is not connected. */
export function unconnected(): BridgeObservation {
  const { out, in: incoming } = observation();
  const { latencyMs: _out, ...lostOut } = out;
  const { latencyMs: _in, ...lostIn } = incoming;
  return observation({
    states: { lamp: '0', cloud: '0' },
    out: { ...lostOut, copies: 0 },
    in: { ...lostIn, copies: 0 },
    sentinelArrived: false,
    neededSeconds: 0,
    heldSeconds: 0,
  });
}

export function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    bridge: {
      lampName: 'lamp01',
      cloudName: 'cloud',
      clientId: CLIENT,
      deviceId: ID,
      otherDeviceId: 'b827ebffffff',
      remotePrefix: `devices/${ID}/`,
      outTopic: 'test1',
      inTopic: 'test2',
      localPort: 1883,
      cloudAddress: '10.98.50.10',
      cloudPort: 50001,
    },
    problems: {},
    observation: unconnected(),
    lamp: host(1883, { config: bridging() }),
    cloud: host(50001, { config: port('listener 50001\nallow_anonymous true') }),
    reach: 'open',
    reachSsh: 'open',
    ...changes,
  };
}
