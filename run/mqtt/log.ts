/** A client took over the id of another that was still connected. */
export interface Takeover {
  clientId: string;
  /** Seconds since 1970; undefined when the log has another time format. */
  at: number | undefined;
}

/** Lines since the broker last started, without those of earlier runs. */
export function sinceStart(log: string[]): string[] {
  const start = log.findLastIndex((line) => /mosquitto version \S+ starting/.test(line));
  return start < 0 ? log : log.slice(start);
}

/** "Client ID already connected, closing old connection.", and since 2.1 "Client ID [ADDRESS] disconnected: session taken over." */
const TAKEN =
  /Client (\S+) (?:already connected, closing old connection|(?:\[\S+\] )?disconnected: session taken over)/;

export function takeovers(log: string[], clientId: string): Takeover[] {
  return sinceStart(log).flatMap((line) => {
    if (!isTakeover(line, clientId)) return [];
    const at = /^(\d+): /.exec(line)?.[1];
    return [{ clientId, at: at === undefined ? undefined : Number(at) }];
  });
}

export function isTakeover(line: string, clientId: string): boolean {
  return TAKEN.exec(line)?.[1] === clientId;
}

/** Addresses that a bridge with this id has connected from, latest first. */
export function bridgeSources(log: string[], clientId: string): string[] {
  const sources = sinceStart(log).flatMap((line) => {
    const match = /New (?:bridge|client) connected from (\S+?):\d+ as (\S+)/.exec(line);
    return match?.[2] === clientId ? [match[1]!] : [];
  });
  return [...new Set(sources.reverse())];
}

/** As which users a client id was admitted, latest first: "as ID (p2, c1, k60, u'NAME')". */
export function usersOf(log: string[], clientId: string): string[] {
  const users = sinceStart(log).flatMap((line) => {
    const match = / as (\S+) \(.*u'(.*)'\)/.exec(line);
    return match?.[1] === clientId ? [match[2]!] : [];
  });
  return [...new Set(users.reverse())];
}

/** Where the bridge that is loaded tries to connect: "Connecting bridge (step 1) NAME (HOST:PORT)". */
export function bridgeTarget(log: string[], name: string): string | undefined {
  for (const line of sinceStart(log).toReversed()) {
    const match = /Connecting bridge (?:\(step \d\) )?(\S+) \((\S+)\)/.exec(line);
    if (match?.[1] === name) return match[2];
  }
  return undefined;
}
