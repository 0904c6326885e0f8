import { createInterface } from 'node:readline';
import { LamplighterError } from '../errors.ts';
import { type Sh, sh } from '../shell/script.ts';
import type { ActionHost, ByteChannel } from '../task.ts';
import type { EndOptions, Message, MqttEnd, Qos } from './end.ts';
import { Inbox } from './inbox.ts';

/** Where a host finds a broker. */
export interface BrokerAddress {
  address: string;
  port: number;
}

/**
 * The broker's own clients on a host in place of ours: where the host's sshd forbids TCP forwarding. They tell less (a
 * refused publish looks like success) and cost a process for each message.
 */
export function hostClients(host: ActionHost, broker: BrokerAddress, options: EndOptions): MqttEnd {
  return new HostClients(host, broker, options);
}

class HostClients implements MqttEnd {
  readonly carrier: string;
  readonly #host: ActionHost;
  readonly #broker: BrokerAddress;
  readonly #options: EndOptions;
  readonly #channels: ByteChannel[] = [];

  constructor(host: ActionHost, broker: BrokerAddress, options: EndOptions) {
    this.carrier = `mosquitto_pub and mosquitto_sub on ${host.host}`;
    this.#host = host;
    this.#broker = broker;
    this.#options = options;
  }

  async subscribe(filters: string[], onMessage: (message: Message) => void): Promise<void> {
    const channel = await this.#host.exec(subscriberScript(this.#broker, this.#options.qos ?? 1, filters));
    this.#channels.push(channel);
    channel.stdin.write(`${this.#login().join('\n')}\n\n`);
    const inbox = new Inbox();
    createInterface({ input: channel.stdout }).on('line', (line) => {
      const message = parseLine(line);
      inbox.accept(message);
      if (!message.payload.startsWith('ready-')) onMessage(message);
    });
    let complaint = '';
    channel.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    await this.#ready(filters, inbox, channel, () => complaint);
  }

  async publish(topic: string, payload: string, retain = false): Promise<void> {
    const reply = await this.#host.run(
      publisherScript(this.#broker, this.#options.qos ?? 1, this.#login(), topic, payload, retain),
      {
        readOnly: true,
        timeoutSeconds: this.#options.timeoutSeconds,
      },
    );
    if (reply.rc !== 0) throw clientError('mosquitto_pub', reply.rc, reply.stderr);
    // Exit status 0 even then: only the text tells (from 2.0, with MQTT 5).
    if (/not authorized/i.test(reply.stderr))
      throw new LamplighterError('AUTH', `the broker refused the message to ${topic}: ${reply.stderr.trim()}`);
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) channel.stdin.end();
    await Promise.race([
      Promise.all(this.#channels.map((channel) => channel.done)),
      new Promise((resolve) => setTimeout(resolve, 500).unref()),
    ]);
    for (const channel of this.#channels) channel.close();
  }

  /** Lines of the clients' options file, which keeps a password out of the list of processes. */
  #login(): string[] {
    const { username, password } = this.#options;
    return [
      ...(username === undefined ? [] : [`-u ${username}`]),
      ...(password === undefined ? [] : [`-P ${password}`]),
    ];
  }

  /** mosquitto_sub does not say when it is subscribed: publish to its last filter until one comes back. */
  async #ready(filters: string[], inbox: Inbox, channel: ByteChannel, complaint: () => string): Promise<void> {
    const word = `ready-${Math.random().toString(36).slice(2)}`;
    const topic = filters[filters.length - 1]!.replaceAll('+', 'ready');
    const until = performance.now() + this.#options.timeoutSeconds * 1000;
    const ended = channel.done.then((rc) => {
      throw clientError('mosquitto_sub', rc, complaint());
    });
    ended.catch(() => undefined);
    while (performance.now() < until) {
      await Promise.race([this.publish(topic, word), ended]);
      if (await Promise.race([inbox.first((message) => message.payload === word, 200), ended])) return;
    }
    throw new LamplighterError('TIMEOUT', `mosquitto_sub received nothing from ${topic}`);
  }
}

/** Reads the login's lines, runs mosquitto_sub, and ends it when the controller closes stdin or goes away. */
function subscriberScript(broker: BrokerAddress, qos: Qos, filters: string[]): Sh {
  const topics = filters.flatMap((filter) => ['-t', filter]);
  const script = sh`
    umask 077
    dir=$(mktemp -d) || exit 1
    trap 'rm -rf "$dir"' EXIT
    trap 'exit 1' HUP INT TERM PIPE
    exec 3<&0
    while IFS= read -r line && [ "$line" ]; do printf '%s\n' "$line"; done >"$dir/mosquitto_sub"
    XDG_CONFIG_HOME=$dir mosquitto_sub -v -h ${broker.address} -p ${broker.port} -q ${qos} ${topics} &
    client=$!
    ( cat <&3 >/dev/null; kill "$client" ) >/dev/null 2>&1 &
    watch=$!
    wait "$client"
    status=$?
    kill "$watch" 2>/dev/null
    exit "$status"`;
  // The login shell, which may not be a POSIX one, sees one word.
  return sh`sh -c ${script.text}`;
}

function publisherScript(
  broker: BrokerAddress,
  qos: Qos,
  login: string[],
  topic: string,
  payload: string,
  retain: boolean,
): Sh {
  const what = [...(retain ? ['-r'] : []), ...(payload === '' ? ['-n'] : ['-m', payload])];
  return sh`
    umask 077
    dir=$(mktemp -d) || exit 1
    trap 'rm -rf "$dir"' EXIT
    printf '%s\n' ${login.length === 0 ? [''] : login} >"$dir/mosquitto_pub"
    XDG_CONFIG_HOME=$dir mosquitto_pub -h ${broker.address} -p ${broker.port} -q ${qos} -t ${topic} ${what}`;
}

/** A line of `mosquitto_sub -v`: the topic, a space, the payload. (Our topics have no spaces.) */
function parseLine(line: string): Message {
  const space = line.indexOf(' ');
  return { topic: line.slice(0, space), payload: line.slice(space + 1), at: performance.now(), retain: false };
}

function clientError(client: string, rc: number, stderr: string): LamplighterError {
  const text = stderr.trim().split('\n').pop() || `${client} ended with ${rc}`;
  if (rc === 127) return new LamplighterError('CONNECT', `${client} is not installed`, { hint: 'mosquitto-clients' });
  if (/not authori[sz]ed|bad user ?name/i.test(text))
    return new LamplighterError('AUTH', `the broker refused the client: ${text}`);
  return new LamplighterError('CONNECT', `${client}: ${text}`);
}
