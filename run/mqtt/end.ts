import type { TlsOptions } from './tls.ts';

/** A message as it came in. */
export interface Message {
  topic: string;
  payload: string;
  /** Milliseconds on the controller's monotonic clock. */
  at: number;
  retain: boolean;
}

/** A client of one broker, whatever carries it: one end of a roundtrip or of a bridge. */
export interface MqttEnd {
  /** What carries it, for people: "MQTT 5 through SSH", "mosquitto_pub and mosquitto_sub on lamp01". */
  readonly carrier: string;
  /** Subscribes; resolves when the broker has granted it. Filters must not overlap (2.1 delivers such twice). */
  subscribe(filters: string[], onMessage: (message: Message) => void): Promise<void>;
  /**
   * Publishes; resolves with the broker's acknowledgement (from QoS 1 on).
   * @param retain the broker keeps it for who subscribes later; an empty payload removes it
   * @throws LamplighterError AUTH when the broker says that this client may not
   */
  publish(topic: string, payload: string, retain?: boolean): Promise<void>;
  close(): Promise<void>;
  /** Breaks the connection without a word, as a client that dies: its will is due. Not for the host's own clients. */
  drop?(): void;
}

export type Qos = 0 | 1 | 2;

/** How to log in to a broker, and how long an answer may take. */
export interface EndOptions {
  username?: string | undefined;
  password?: string | undefined;
  /** Undefined: in the clear. */
  tls?: TlsOptions | undefined;
  /** Of every message and subscription. Default: 1, at least once. */
  qos?: Qos;
  /** What the broker publishes when the connection breaks. */
  will?: { topic: string; payload: string };
  /** A session under this client id that the broker keeps when the connection ends; without it, one that it forgets. */
  session?: string;
  /** Ends the session instead. */
  forget?: boolean;
  timeoutSeconds: number;
  signal: AbortSignal;
}
