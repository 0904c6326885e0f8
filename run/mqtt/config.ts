/** One line of a Mosquitto configuration. */
export interface ConfigLine {
  file: string;
  line: number;
  option: string;
  value: string;
}

/** A `connection` section of mosquitto.conf(5), "Configuring Bridges". */
export interface BridgeConfig {
  name: string;
  /** As written: HOST or HOST:PORT. */
  addresses: string[];
  clientId?: string;
  topics: BridgeTopic[];
  cleansession: boolean;
  notifications: boolean;
  notificationsLocalOnly: boolean;
  username?: string;
  at: ConfigLine;
}

/** `topic PATTERN [DIRECTION [QOS [LOCAL-PREFIX [REMOTE-PREFIX]]]]`. */
export interface BridgeTopic {
  pattern: string;
  direction: string;
  localPrefix: string;
  remotePrefix: string;
  at: ConfigLine;
}

/** Reads `FILE:LINE:TEXT`. */
export function parseConfigLine(text: string): ConfigLine {
  const [, file = '', line = '0', rest = text] = /^(.*?):(\d+):(.*)$/.exec(text) ?? [];
  const [, option = '', value = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(rest) ?? [];
  return { file, line: Number(line), option, value };
}

/** The bridges of a configuration. Options bind to the last `connection` above them. */
export function bridgesOf(config: ConfigLine[]): BridgeConfig[] {
  const bridges: BridgeConfig[] = [];
  for (const line of config) {
    const { option, value } = line;
    if (option === 'connection') {
      bridges.push({
        name: value,
        addresses: [],
        topics: [],
        cleansession: false,
        notifications: true,
        notificationsLocalOnly: false,
        at: line,
      });
      continue;
    }
    const bridge = bridges.at(-1);
    if (bridge === undefined) continue;
    if (option === 'address' || option === 'addresses') bridge.addresses.push(...value.split(/\s+/));
    else if (option === 'remote_clientid' || option === 'clientid') bridge.clientId = value;
    else if (option === 'cleansession') bridge.cleansession = value === 'true';
    else if (option === 'notifications') bridge.notifications = value !== 'false';
    else if (option === 'notifications_local_only') bridge.notificationsLocalOnly = value === 'true';
    else if (option === 'remote_username' || option === 'username') bridge.username = value;
    else if (option === 'topic') bridge.topics.push(parseTopic(line));
  }
  return bridges;
}

/** Ports that a configuration opens, with the lines that do. Source: `listener`, `port`. */
export function listenersOf(config: ConfigLine[]): { port: number; at: ConfigLine }[] {
  return config
    .filter(({ option }) => option === 'listener' || option === 'port')
    .map((at) => ({ port: Number(at.value.split(/\s+/)[0]), at }));
}

export function settingOf(config: ConfigLine[], option: string): ConfigLine | undefined {
  return config.findLast((line) => line.option === option);
}

/** `HOST:PORT` of a bridge's address; 1883 when none is written. */
export function splitAddress(address: string): { host: string; port: number } {
  const [, host = address, port = '1883'] = /^(.*):(\d+)$/.exec(address) ?? [];
  return { host, port: Number(port) };
}

export function shownLine({ file, line, option, value }: ConfigLine): string {
  return `${file}:${line}: ${option} ${value}`;
}

function parseTopic(at: ConfigLine): BridgeTopic {
  const words = at.value.match(/"[^"]*"|\S+/g) ?? [];
  const prefix = (word: string | undefined) => (word === undefined || word === '""' ? '' : word);
  return {
    pattern: prefix(words[0]),
    direction: words[1] ?? 'out',
    localPrefix: prefix(words[3]),
    remotePrefix: prefix(words[4]),
    at,
  };
}
