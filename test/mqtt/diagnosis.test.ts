import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CauseCode, Evidence } from '../../run/mqtt/causes/cause.ts';
import { isLasting, likelyCause } from '../../run/mqtt/diagnosis.ts';
import { BRIDGE, bridging, CLIENT, evidence, host, ID, NOW, observation, port, unconnected } from './evidence-cases.ts';

interface Case {
  name: string;
  evidence: Evidence;
  cause: CauseCode;
  /** In its sentence, its evidence or its hint. */
  says: string[];
}

const LISTENER = port('listener 50001\nallow_anonymous true');
const ACL = port('listener 50001\nallow_anonymous true\nacl_file /etc/mosquitto/acl');
const bridge = (from: string, to: string) => bridging(BRIDGE.replaceAll(from, to));
const { latencyMs: _, ...missing } = observation().out;
const takeover = (ago: number) => `${NOW - ago}: Client ${CLIENT} already connected, closing old connection.`;
const connectedFrom = (address: string, ago: number) =>
  `${NOW - ago}: New bridge connected from ${address}:4711 as ${CLIENT} (p2, c1, k60).`;

const CASES: Case[] = [
  {
    name: 'wrong port in the bridge',
    evidence: evidence({ lamp: host(1883, { config: bridge(':50001', ':50002') }) }),
    cause: 'bridge-wrong-port',
    says: ['10.98.50.10:50002', 'port 50001', 'bridging.conf:2: address', 'address 10.98.50.10:50001'],
  },
  {
    name: 'wrong address in the bridge',
    evidence: evidence({ lamp: host(1883, { config: bridge('10.98.50.10', '10.98.50.77') }) }),
    cause: 'bridge-wrong-address',
    says: ['10.98.50.77:50001', '10.98.50.10:50001'],
  },
  {
    name: 'an address without a port means 1883',
    evidence: evidence({ lamp: host(1883, { config: bridge(':50001', '') }) }),
    cause: 'bridge-wrong-port',
    says: ['connects to 10.98.50.10,'],
  },
  {
    name: 'two lamps with one id, seen from two addresses',
    evidence: evidence({
      cloud: host(50001, {
        config: LISTENER,
        log: [connectedFrom('10.98.50.101', 9), takeover(5), connectedFrom('10.98.50.102', 5), takeover(1)],
      }),
    }),
    cause: 'duplicate-client-id',
    says: [CLIENT, '10.98.50.102 and 10.98.50.101', 'already connected', 'Device ID'],
  },
  {
    name: "a lamp that takes another's id, in the words of 2.1",
    evidence: evidence({
      cloud: host(50001, {
        config: LISTENER,
        log: [2, 3, 4, 5].flatMap((ago) => [
          `${NOW - ago}: Client ${CLIENT} [10.98.50.101:4711] disconnected: session taken over.`,
          `${NOW - ago}: New client connected from 10.98.50.102:4711 as ${CLIENT} (p2, c1, k60, u'lamp${ago % 2 ? '31' : '07'}').`,
        ]),
      }),
    }),
    cause: 'duplicate-client-id',
    says: ['the users lamp31 and lamp07', CLIENT, '4 times', 'session taken over', 'use_username_as_clientid'],
  },
  {
    name: 'one takeover by one address is a lamp that came back',
    evidence: evidence({
      reach: 'silent',
      cloud: host(50001, {
        config: LISTENER,
        log: [connectedFrom('10.98.50.101', 9), takeover(5), connectedFrom('10.98.50.101', 5)],
        firewall: ['tcp dport 50001 drop'],
      }),
    }),
    cause: 'firewall',
    says: ['tcp dport 50001 drop'],
  },
  {
    name: 'takeovers of long ago do not count',
    evidence: evidence({
      lamp: host(1883, { config: bridge(':50001', ':50002') }),
      cloud: host(50001, { config: LISTENER, log: [takeover(500), takeover(495)] }),
    }),
    cause: 'bridge-wrong-port',
    says: [],
  },
  {
    name: 'a prefix without its slash',
    evidence: evidence({
      lamp: host(1883, { config: bridge(`devices/${ID}/`, `devices/${ID}`) }),
      observation: observation({
        out: { ...missing, copies: 0 },
        strays: [{ side: 'cloud', topic: `devices/${ID}test1/w`, message: 'out', copies: 1 }],
      }),
    }),
    cause: 'prefix-without-slash',
    says: [`devices/${ID}test1/w`, `devices/${ID}/`, 'bridging.conf:4'],
  },
  {
    name: 'a stale process on the lamp, the service beside it',
    evidence: evidence({
      lamp: host(1883, {
        config: bridging(),
        listeners: [{ address: '127.0.0.1', port: 1883, pid: 77, name: 'mosquitto' }],
      }),
    }),
    cause: 'stale-process',
    says: ['on lamp01', 'port 1883', 'pid 77', "service's own is 100", 'reboot lamp01'],
  },
  {
    name: 'a stale process on the new port of the cloud, which kept the service from starting',
    evidence: evidence({
      observation: undefined,
      cloud: {
        ...withoutMain(host(50001)),
        serviceState: 'failed (exit-code)',
        listeners: [{ address: '0.0.0.0', port: 50001, pid: 88, name: 'nc' }],
      },
    }),
    cause: 'stale-process',
    says: ['on cloud', 'nc, pid 88', 'not running'],
  },
  {
    name: 'the cloud stopped',
    evidence: evidence({
      observation: undefined,
      problems: { cloud: { code: 'CONNECT', message: 'refused' } },
      cloud: { ...withoutMain(host(50001)), serviceState: 'inactive', listeners: [] },
    }),
    cause: 'broker-stopped',
    says: ['not running on cloud', 'inactive'],
  },
  {
    name: 'a configuration that the broker does not take',
    evidence: evidence({
      observation: undefined,
      cloud: {
        ...withoutMain(host(50001)),
        serviceState: 'failed (exit-code)',
        listeners: [],
        journal: [
          'Error: Unknown configuration variable "lisener".',
          'Error found at /etc/mosquitto/conf.d/port.conf:1.',
        ],
      },
    }),
    cause: 'config-error',
    says: ['Unknown configuration variable "lisener". /etc/mosquitto/conf.d/port.conf:1'],
  },
  {
    name: 'the cloud on another port',
    evidence: evidence({ observation: undefined, cloud: host(1883) }),
    cause: 'wrong-listener',
    says: ['listens on 1883, not on 50001'],
  },
  {
    name: "the cloud's listener written and not loaded",
    evidence: evidence({
      observation: undefined,
      cloud: host(1883, { config: LISTENER, modified: [{ path: '/etc/mosquitto/conf.d/port.conf', at: NOW - 10 }] }),
    }),
    cause: 'config-not-loaded',
    says: ['port.conf was changed 590 s after', 'Restart'],
  },
  {
    name: 'a firewall that drops',
    evidence: evidence({
      reach: 'silent',
      cloud: host(50001, {
        config: LISTENER,
        firewall: ['type filter hook input priority filter; policy accept;', 'tcp dport 50001 drop'],
      }),
    }),
    cause: 'firewall',
    says: ['gets no answer', 'firewall of cloud: tcp dport 50001 drop'],
  },
  {
    name: 'a refused connection is not a refused login',
    evidence: evidence({
      reach: 'refused',
      lamp: host(1883, {
        config: bridging(),
        log: [`${NOW}: Client local.${CLIENT} disconnected: Connection refused.`],
      }),
    }),
    cause: 'firewall',
    says: ['is rejected'],
  },
  {
    name: 'a firewall that rejects, of iptables',
    evidence: evidence({
      reach: 'refused',
      cloud: host(50001, {
        config: LISTENER,
        firewall: ['-A INPUT -p tcp -m tcp --dport 50001 -j REJECT --reject-with tcp-reset'],
      }),
    }),
    cause: 'firewall',
    says: ['is rejected', '--dport 50001 -j REJECT'],
  },
  {
    name: "a firewall in the lamp's own way out",
    evidence: evidence({
      reach: 'silent',
      lamp: host(1883, { config: bridging(), firewall: ['tcp dport 50001 drop'] }),
    }),
    cause: 'firewall',
    says: ['firewall of lamp01'],
  },
  {
    name: 'a firewall before the cloud that also stops the check',
    evidence: evidence({
      reach: 'silent',
      observation: undefined,
      problems: { cloud: { code: 'TIMEOUT', message: 'no answer' } },
      cloud: host(50001, { config: LISTENER, firewall: ['tcp dport 50001 drop'] }),
    }),
    cause: 'firewall',
    says: ['tcp dport 50001 drop'],
  },
  {
    name: 'a security group, which no host shows',
    evidence: evidence({ reach: 'silent' }),
    cause: 'firewall',
    says: ['security group', 'does reach 10.98.50.10'],
  },
  {
    name: 'a lamp without a network',
    evidence: evidence({ reach: 'silent', reachSsh: 'silent' }),
    cause: 'unreachable',
    says: ['does not reach 10.98.50.10 at all'],
  },
  {
    name: 'the cloud on loopback only',
    evidence: evidence({
      reach: 'refused',
      cloud: host(50001, { listeners: [{ address: '127.0.0.1', port: 50001, pid: 100, name: 'mosquitto' }] }),
    }),
    cause: 'loopback-only',
    says: ['loopback'],
  },
  {
    name: "an ACL without the write of the bridge's state",
    evidence: evidence({
      observation: observation({ states: { lamp: '1', cloud: undefined }, heldSeconds: 0 }),
      cloud: host(50001, { config: ACL, acl: ['topic read $SYS/#', 'topic readwrite devices/#'] }),
    }),
    cause: 'acl-state-write',
    says: ['pattern write $SYS/broker/connection/%c/state', 'anonymous clients', 'acl_file /etc/mosquitto/acl'],
  },
  {
    name: 'an ACL without the reading of $SYS',
    evidence: evidence({
      observation: observation({ states: { lamp: '1', cloud: undefined }, heldSeconds: 0 }),
      cloud: host(50001, { config: ACL, acl: ['topic readwrite #', 'pattern write $SYS/broker/connection/%c/state'] }),
    }),
    cause: 'acl-sys-read',
    says: ['topic read $SYS/#'],
  },
  {
    name: "an ACL for the bridge's user that the bridge may not use",
    evidence: evidence({
      observation: observation({ states: { lamp: '1', cloud: undefined }, heldSeconds: 0 }),
      lamp: host(1883, { config: bridging(`${BRIDGE}\nremote_username lamp`) }),
      cloud: host(50001, { config: ACL, acl: ['topic read $SYS/#', 'user lamp', 'topic readwrite devices/#'] }),
    }),
    cause: 'acl-state-write',
    says: ['user lamp'],
  },
  {
    name: 'an ACL that swallows the message out',
    evidence: evidence({
      observation: observation({ out: { ...missing, copies: 0 } }),
      cloud: host(50001, { config: ACL, acl: ['topic read devices/#'] }),
    }),
    cause: 'acl-topic',
    says: ['the bridge', 'write', `devices/${ID}/test1/w`],
  },
  {
    name: 'subscriptions of an older topic map, unstripped',
    evidence: evidence({
      lamp: host(1883, { config: bridge('cleansession true', 'cleansession false') }),
      observation: observation({
        strays: [{ side: 'lamp', topic: `devices/${ID}/test2/w`, message: 'in', copies: 1 }],
      }),
    }),
    cause: 'stale-subscriptions',
    says: ['cleansession false', `devices/${ID}/test2/w`, 'cleansession true'],
  },
  {
    name: 'subscriptions of an older topic map, twice',
    evidence: evidence({
      lamp: host(1883, { config: bridge('cleansession true', 'cleansession false') }),
      observation: observation({ in: { ...observation().in, copies: 2 } }),
    }),
    cause: 'stale-subscriptions',
    says: ['2 times'],
  },
  {
    name: 'overlapping topics',
    evidence: evidence({
      lamp: host(1883, { config: bridging(`${BRIDGE}\ntopic test2/# in 1 "" devices/${ID}/`) }),
      observation: observation({ in: { ...observation().in, copies: 2 } }),
    }),
    cause: 'overlapping-topics',
    says: ['bridging.conf:5', 'bridging.conf:7'],
  },
  {
    name: 'a loop of both',
    evidence: evidence({
      lamp: host(1883, { config: bridging(BRIDGE.replace('test1/+ out', '# both')) }),
      observation: observation({ out: { ...observation().out, copies: 400, echoes: 399 } }),
    }),
    cause: 'loop',
    says: ['399', '# both'],
  },
  {
    name: 'anonymous clients refused, the setting never made',
    evidence: evidence({
      observation: undefined,
      problems: { cloud: { code: 'AUTH', message: 'not authorized' } },
      cloud: host(50001, { config: port('listener 50001') }),
    }),
    cause: 'anonymous-refused',
    says: ['2.0', 'allow_anonymous true'],
  },
  {
    name: "a bridge's wrong password",
    evidence: evidence({
      lamp: host(1883, {
        config: bridging(`${BRIDGE}\nremote_username lamp`),
        log: [`${NOW}: Connection Refused: not authorised`],
      }),
      cloud: host(50001, { config: LISTENER, log: [`${NOW}: Client <unknown> disconnected, not authorised.`] }),
    }),
    cause: 'wrong-credentials',
    says: ['user lamp', 'Connection Refused: not authorised', 'log of cloud'],
  },
  {
    name: "the check's own login",
    evidence: {
      ...evidence({ observation: undefined, problems: { cloud: { code: 'AUTH', message: 'not authorized' } } }),
      bridge: { ...evidence().bridge, cloudUsername: 'check' },
    },
    cause: 'login-refused',
    says: ['login of the check itself'],
  },
  {
    name: 'a bridge edited and not loaded',
    evidence: evidence({
      lamp: host(1883, {
        config: bridging(),
        modified: [{ path: '/etc/mosquitto/conf.d/bridging.conf', at: NOW - 5 }],
      }),
    }),
    cause: 'config-not-loaded',
    says: ['lamp01', 'bridging.conf was changed'],
  },
  {
    name: 'notifications off, with a state left from before',
    evidence: evidence({
      lamp: host(1883, { config: bridging(`${BRIDGE}\nnotifications false`) }),
      observation: observation({ states: { lamp: undefined, cloud: '0' }, heldSeconds: 0 }),
    }),
    cause: 'notifications-off',
    says: ['notifications false'],
  },
  {
    name: 'notifications of the lamp only',
    evidence: evidence({
      lamp: host(1883, { config: bridging(`${BRIDGE}\nnotifications_local_only true`) }),
      observation: observation({ states: { lamp: '1', cloud: undefined }, heldSeconds: 0 }),
    }),
    cause: 'notifications-off',
    says: ['notifications_local_only true'],
  },
  {
    name: 'no bridge',
    evidence: evidence({ lamp: host(1883, { config: bridge(ID, 'b827eb999999') }) }),
    cause: 'no-bridge',
    says: ['b827eb999999_broker'],
  },
  {
    name: 'a leg without a topic',
    evidence: evidence({
      lamp: host(1883, { config: bridge('topic test1/+', 'topic status/+') }),
      observation: observation({ out: { ...missing, copies: 0 } }),
    }),
    cause: 'topic-not-mapped',
    says: ['test1/… out', 'topic test1/+ out 1'],
  },
  {
    name: 'messages for others',
    evidence: evidence({ observation: observation({ otherArrived: true }) }),
    cause: 'foreign-messages',
    says: ['other devices'],
  },
  { name: 'nothing known', evidence: evidence(), cause: 'unknown', says: ['log of lamp01'] },
  {
    name: 'hosts that cannot be asked',
    evidence: evidence({ lamp: undefined, cloud: undefined, problems: { lamp: { code: 'CONNECT', message: 'gone' } } }),
    cause: 'unknown',
    says: ['gone'],
  },
];

/** Evidence of a host whose service has no process. */
function withoutMain({ mainPid: _pid, ...rest }: ReturnType<typeof host>): ReturnType<typeof host> {
  return rest;
}

const Diagnosis = suite('likelyCause');

for (const each of CASES)
  Diagnosis(each.name, () => {
    const cause = likelyCause(each.evidence);
    assert.is(cause.code, each.cause, JSON.stringify(cause));
    const said = [cause.text, ...cause.evidence, cause.hint].join('\n');
    for (const word of each.says) assert.ok(said.includes(word), `"${word}" is not in: ${said}`);
  });

Diagnosis('only causes that time can mend are waited for', () => {
  const codes = CASES.map((each) => likelyCause(each.evidence)).filter((cause) => !isLasting(cause));
  assert.equal([...new Set(codes.map(({ code }) => code))].sort(), ['broker-stopped', 'unknown', 'unreachable']);
});

Diagnosis('unconnected evidence by itself blames nothing', () => {
  assert.is(likelyCause(evidence({ observation: unconnected() })).code, 'unknown');
});

Diagnosis.run();
