import type { CauseCode } from '../../run/mqtt/causes/cause.ts';
import type { Leg } from '../../run/mqtt/verdict.ts';

/*
 * What goes wrong with bridges in the field, planted on hosts that site.yaml has set up, and what the verification has to
 * say to it. Commands run by sh as root.
 */

export interface Place {
  /** Device IDs of the lamp and of the one beside it. */
  id: string;
  neighbourId: string;
  cloudAddress: string;
}

export interface Fault {
  name: string;
  plant: (place: Place) => string;
  leg: Leg;
  cause: CauseCode;
  /** Words of the message. */
  says: (place: Place) => string[];
}

const CONF_D = '/etc/mosquitto/conf.d';
const BRIDGING = `${CONF_D}/bridging.conf`;
const RESTART = 'systemctl restart mosquitto';

/** Keeps what a fault changes; run it before the first one. */
export const KEEP = `rm -rf /root/kept && cp -a /etc/mosquitto /root/kept`;

/** Puts a host back to what KEEP kept. */
export const MEND = `
  systemctl stop mosquitto
  if [ -s /root/stray.pid ]; then kill "$(cat /root/stray.pid)"; rm -f /root/stray.pid; fi
  nft delete table inet fault 2>/dev/null
  rm -rf /etc/mosquitto && cp -a /root/kept /etc/mosquitto
  systemctl reset-failed mosquitto
  systemctl start mosquitto`;

/** Faults of a lamp: each is planted on a lamp of its own. */
export const LAMP_FAULTS: Fault[] = [
  {
    name: 'a wrong port in the bridge',
    plant: () => `sed -i 's/:50001$/:50002/' ${BRIDGING} && ${RESTART}`,
    leg: 'state',
    cause: 'bridge-wrong-port',
    says: ({ cloudAddress }) => [`${cloudAddress}:50002`, 'port 50001'],
  },
  {
    name: 'a prefix without its slash',
    plant: ({ id }) => `sed -i 's|devices/${id}/|devices/${id}|' ${BRIDGING} && ${RESTART}`,
    leg: 'out',
    cause: 'prefix-without-slash',
    says: ({ id }) => [`devices/${id}test1/`, `devices/${id}/`],
  },
  {
    name: 'a stale process on 1883 that keeps the service from starting',
    plant: () => `
      systemctl stop mosquitto
      setsid mosquitto -p 1883 >/dev/null 2>&1 </dev/null & echo $! >/root/stray.pid
      sleep 1
      systemctl start mosquitto`,
    leg: 'state',
    cause: 'stale-process',
    says: () => ['port 1883', 'mosquitto, pid', 'eboot'],
  },
  {
    name: 'a topic map changed under cleansession false',
    plant: ({ id }) => `
      cp ${BRIDGING} /root/good.conf
      sed -i -e 's/^cleansession .*/cleansession false/' -e 's|^topic test2.*|topic devices/${id}/# in 1|' ${BRIDGING}
      ${RESTART}; sleep 3
      sed 's/^cleansession .*/cleansession false/' /root/good.conf >${BRIDGING}
      ${RESTART}`,
    leg: 'exactly once',
    cause: 'stale-subscriptions',
    says: () => ['cleansession false', 'cleansession true'],
  },
  {
    name: 'a bridge that is edited and not loaded',
    plant: () => `
      cp ${BRIDGING} /root/good.conf && rm ${BRIDGING} && ${RESTART} && sleep 4
      cp /root/good.conf ${BRIDGING}`,
    leg: 'state',
    cause: 'config-not-loaded',
    says: () => ['bridging.conf was changed', 'Restart mosquitto on'],
  },
  {
    name: 'notifications switched off',
    plant: () => `echo 'notifications false' >>${BRIDGING} && ${RESTART}`,
    leg: 'state',
    cause: 'notifications-off',
    says: () => ['notifications false', 'messages do cross'],
  },
  {
    name: 'a line that the broker does not take',
    plant: () => `echo 'nonsense true' >>${BRIDGING}; ${RESTART}; true`,
    leg: 'lamp broker',
    cause: 'config-error',
    says: () => ['bridging.conf:7', 'nonsense'],
  },
  {
    name: 'no bridge: the file does not end in .conf',
    plant: () => `mv ${BRIDGING} ${BRIDGING}.off && ${RESTART}`,
    leg: 'state',
    cause: 'no-bridge',
    says: ({ id }) => [`${id}_broker`],
  },
  {
    name: 'the Device ID of another lamp',
    plant: ({ id, neighbourId }) => `sed -i 's/${id}/${neighbourId}/' ${BRIDGING} && ${RESTART}`,
    leg: 'state',
    cause: 'no-bridge',
    says: ({ id, neighbourId }) => [`${id}_broker`, `${neighbourId}_broker`],
  },
];

/** What the neighbour, whose Device ID the last of them took, has to say. */
export const DUPLICATE: Pick<Fault, 'name' | 'cause' | 'says'> = {
  name: 'two lamps with one remote_clientid',
  cause: 'duplicate-client-id',
  says: ({ id }) => [`${id}_broker`, 'Device ID'],
};

/** Faults of the cloud, seen from any lamp; planted one after the other. */
export const CLOUD_FAULTS: Fault[] = [
  {
    name: 'the cloud stopped',
    plant: () => 'systemctl stop mosquitto',
    leg: 'cloud broker',
    cause: 'broker-stopped',
    says: () => ['not running on cloud'],
  },
  {
    name: 'a firewall that drops port 50001',
    plant: () => firewall('drop'),
    leg: 'state',
    cause: 'firewall',
    says: () => ['50001', 'gets no answer'],
  },
  {
    name: 'a firewall that rejects port 50001',
    plant: () => firewall('reject'),
    leg: 'state',
    cause: 'firewall',
    says: () => ['50001', 'is rejected'],
  },
  {
    name: 'an ACL without the write of the state',
    plant: () => acl('topic read $SYS/#\ntopic readwrite devices/#'),
    leg: 'state',
    cause: 'acl-state-write',
    says: () => ['pattern write $SYS/broker/connection/%c/state', 'messages do cross'],
  },
  {
    name: 'an ACL without the reading of $SYS',
    plant: () => acl('topic readwrite devices/#\npattern write $SYS/broker/connection/%c/state'),
    leg: 'state',
    cause: 'acl-sys-read',
    says: () => ['topic read $SYS/#'],
  },
  {
    name: 'the listener alone, as in 1.4: 2.0 refuses everybody',
    plant: () => `echo 'listener 50001' >${CONF_D}/port.conf && ${RESTART}`,
    leg: 'cloud broker',
    cause: 'anonymous-refused',
    says: () => ['allow_anonymous true'],
  },
  {
    name: 'a stale process on 50001',
    plant: () => `
      systemctl stop mosquitto
      setsid mosquitto -c /etc/mosquitto/conf.d/port.conf >/dev/null 2>&1 </dev/null & echo $! >/root/stray.pid
      sleep 1
      systemctl start mosquitto
      sleep 8`,
    leg: 'cloud broker',
    cause: 'stale-process',
    says: () => ['port 50001', 'pid'],
  },
];

/** New connections only get there: the bridge has to connect again. */
function firewall(verdict: 'drop' | 'reject'): string {
  return `
    nft add table inet fault
    nft 'add chain inet fault input { type filter hook input priority 0; }'
    nft add rule inet fault input iifname != lo tcp dport 50001 ${verdict}
    ${RESTART}`;
}

function acl(lines: string): string {
  return `
    printf '%s\\n' '${lines.split('\n').join("' '")}' >/etc/mosquitto/aclfile
    echo 'acl_file /etc/mosquitto/aclfile' >${CONF_D}/acl.conf
    ${RESTART}`;
}
