import { raw, type Sh, sh } from '../shell/script.ts';
import type { ActionHost } from '../task.ts';
import { type ConfigLine, parseConfigLine } from './config.ts';
import { LISTENER_FUNCTIONS, type Listener, parseListeners } from './listeners.ts';

/** What one host says about its broker. Times are seconds since 1970 by the host's clock. */
export interface HostEvidence {
  now: number;
  /** Of the installed broker: "2.0.11". */
  version?: string;
  /** The service's main process; undefined when it is not running. */
  mainPid?: number;
  startedAt?: number;
  /** systemd's words: "failed (exit-code)". */
  serviceState: string;
  listeners: Listener[];
  config: ConfigLine[];
  /** Configuration files with the time of their last change. */
  modified: { path: string; at: number }[];
  /** Lines of the ACL file, when there is one and it can be read. */
  acl?: string[];
  /** The broker's log, newest last. */
  log: string[];
  /** systemd's journal of the service, which has errors in the configuration. */
  journal: string[];
  firewall: string[];
}

/** Where the broker is on its host. */
export interface BrokerPlace {
  service: string;
  config: string;
}

/** `as_root COMMAND…`, and `config_files FILE`: a broker's configuration and the files that it includes, a line each. */
export const CONFIG_FUNCTIONS = raw(`
    as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" || "$@"; fi 2>/dev/null; }
    config_files() {
      printf '%s\\n' "$1"
      included=$(as_root awk '$1 == "include_dir" { print $2 }' "$1")
      [ -z "$included" ] || for file in "$included"/*.conf; do
        [ ! -e "$file" ] || printf '%s\\n' "$file"
      done
    }`);

/** Prints all of it in one visit; reads only. Passwords in the configuration are left out on the host. */
function evidenceScript({ service, config }: BrokerPlace): Sh {
  return sh`
    LC_ALL=C
    export LC_ALL
    ${LISTENER_FUNCTIONS}
    section() { printf '@@%s\n' "$1"; }
    ${CONFIG_FUNCTIONS}
    config=${config}
    main=$(main_pid ${service} $(as_root awk '$1 == "pid_file" { print $2 }' "$config")) || main=
    if [ "$main" ]; then
      used=$(tr '\0' '\n' <"/proc/$main/cmdline" | awk 'last == "-c" || last == "--config-file" { print; exit } { last = $0 }')
      [ -z "$used" ] || config=$used
    fi
    files=$(config_files "$config")
    IFS='
'
    settings=$(as_root awk '
      /^[ \t]*(#|$)/ { next }
      $1 ~ /^(remote_password|password|bridge_psk)$/ { $0 = $1 " ***" }
      { print FILENAME ":" FNR ":" $0 }' $files)
    setting() { printf '%s\n' "$settings" | sed -n "s/^[^:]*:[0-9]*:[[:space:]]*$1[[:space:]]\{1,\}//p"; }
    modified=$(stat -c '%Y %n' $files $(setting acl_file) $(setting password_file) 2>/dev/null)
    unset IFS
    section now; date +%s
    section version; mosquitto -h | sed -n 's/^mosquitto version \([0-9.]*\).*/\1/p'
    section main; echo "$main"
    section started
    if [ "$main" ]; then
      echo "$(awk '$1 == "btime" { print $2 }' /proc/stat) $(sed 's/.*) //' "/proc/$main/stat" | awk '{ print $20 }') $(getconf CLK_TCK || echo 100)"
    fi
    section service; systemctl show -p ActiveState -p Result ${service} 2>/dev/null | sed 's/^[A-Za-z]*=//'
    section listeners; tcp_listeners
    section config; printf '%s\n' "$settings"
    section modified; printf '%s\n' "$modified"
    section acl; for file in $(setting acl_file); do as_root cat "$file"; done
    section log; for file in $(setting 'log_dest file'); do as_root tail -n 400 "$file"; done
    section journal; as_root journalctl -u ${service} -n 60 -o cat --no-pager
    section firewall
    { as_root nft list ruleset; as_root iptables -S; as_root ip6tables -S; } | head -n 400
    section end`;
}

/** Prints the time, and lines of the broker's log that tell of a client id taken over; status 1 when there is no log. */
export function takeoverScript({ config }: BrokerPlace, clientId: string): Sh {
  return sh`
    files="$(dirname ${config})/conf.d/*.conf"
    log=$(awk '$1 == "log_dest" && $2 == "file" { print $3 }' ${config} $files 2>/dev/null | tail -n 1)
    { [ "$log" ] && [ -r "$log" ]; } || return 1
    date +%s
    tail -n 2000 "$log" | grep -F ${`Client ${clientId} `} | grep -E 'already connected|session taken over' | tail -n 20
    return 0`;
}

/** Prints who listens on a port and does not belong to the service: lines of `tcp_listeners`. Silent where systemd is not. */
export function intruderScript({ service }: BrokerPlace, port: number): Sh {
  return sh`
    ${LISTENER_FUNCTIONS}
    systemctl show -p MainPID ${service} >/dev/null 2>&1 || return 0
    main=$(main_pid ${service}) || main=0
    tcp_listeners | while read -r address at pid name; do
      [ "$at" = ${port} ] && [ "$pid" != - ] && ! is_of "$pid" "$main" && echo "$address $at $pid $name"
    done
    return 0`;
}

/** Asks a host for it. @throws what a step throws */
export async function evidenceOn(host: ActionHost, place: BrokerPlace): Promise<HostEvidence> {
  return parseEvidence((await host.run(evidenceScript(place), { readOnly: true, timeoutSeconds: 30 })).stdout);
}

/** Reads what the script printed. */
function parseEvidence(text: string): HostEvidence {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split('\n')) {
    const title = /^@@([a-z]+)$/.exec(line)?.[1];
    if (title === undefined) current.push(line);
    else {
      current = [];
      sections.set(title, current);
    }
  }
  const all = (title: string) => (sections.get(title) ?? []).filter((line) => line.trim() !== '');
  const one = (title: string) => all(title)[0]?.trim();
  const version = one('version');
  const main = one('main');
  const startedAt = processStart(one('started'));
  const acl = all('acl');
  const config = all('config').map(parseConfigLine);
  return {
    now: Number(one('now') ?? 0),
    ...(version === undefined ? {} : { version }),
    ...(main === undefined ? {} : { mainPid: Number(main) }),
    ...(startedAt === undefined ? {} : { startedAt }),
    serviceState: stateInWords(all('service')),
    listeners: parseListeners(all('listeners').join('\n')),
    config,
    modified: all('modified').map((line) => {
      const space = line.indexOf(' ');
      return { path: line.slice(space + 1), at: Number(line.slice(0, space)) };
    }),
    ...(config.some((line) => line.option === 'acl_file') ? { acl } : {}),
    log: all('log'),
    journal: all('journal'),
    firewall: all('firewall').map((line) => line.trim()),
  };
}

/** `btime` of /proc/stat, the process's start in ticks since then, and ticks a second. */
function processStart(line: string | undefined): number | undefined {
  const [boot, ticks, hertz] = (line ?? '').split(' ').map(Number);
  return boot && ticks && hertz ? boot + ticks / hertz : undefined;
}

/** ActiveState and Result in either order, as systemd prints them. */
function stateInWords(lines: string[]): string {
  const active = lines.find((line) => /^(in|de)?activ|^failed|^reload/.test(line)) ?? 'unknown';
  const result = lines.find((line) => line !== active && line !== 'success');
  return result === undefined ? active : `${active} (${result})`;
}
