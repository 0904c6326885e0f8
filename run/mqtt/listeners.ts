import { raw } from '../shell/script.ts';

/** A socket that waits for TCP connections. */
export interface Listener {
  /** `0.0.0.0`, `[::]`, `*` (both), `127.0.0.1`, `[::1]` or another address of the host. */
  address: string;
  port: number;
  /** Undefined when the host does not show it (not root). */
  pid: number | undefined;
  /** Name of the process. */
  name: string;
}

/**
 * sh functions: `tcp_listeners` prints a line `ADDRESS PORT PID NAME` for each listening socket, by ss or, on hosts
 * without it, from /proc; `main_pid SERVICE PIDFILE…` prints the service's main process, as systemd or one of its pid
 * files tells; `is_of PID MAIN` says whether a process is the main one or a child of it.
 */
export const LISTENER_FUNCTIONS = raw(`
tcp_listeners() {
  if command -v ss >/dev/null 2>&1; then
    ss -ltnpH | awk '{
      local = $4; port = local; sub(/.*:/, "", port); sub(/:[0-9]*$/, "", local); sub(/%.*/, "", local)
      pid = "-"; name = "-"
      if (match($0, /users:\\(\\("[^"]*",pid=[0-9]+/)) {
        owner = substr($0, RSTART + 9, RLENGTH - 9); pid = owner; sub(/.*pid=/, "", pid)
        name = owner; sub(/",pid=.*/, "", name)
      }
      print local, port, pid, name }'
  else
    { ls -l /proc/[0-9]*/fd 2>/dev/null; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; } | awk '
      /^\\/proc\\// { split($0, part, "/"); pid = part[3]; next }
      match($0, /socket:\\[[0-9]+/) { owner[substr($0, RSTART + 8, RLENGTH - 8)] = pid; next }
      $4 == "0A" { print $2, ($10 in owner) ? owner[$10] : "-" }' |
      while read -r local pid; do
        case \${local%:*} in
        00000000) address=0.0.0.0 ;;
        00000000000000000000000000000000) address='[::]' ;;
        0100007F) address=127.0.0.1 ;;
        00000000000000000000000001000000) address='[::1]' ;;
        *) address=\${local%:*} ;;
        esac
        name=$(cat "/proc/$pid/comm" 2>/dev/null) || name=-
        echo "$address $((0x\${local##*:})) $pid $name"
      done
  fi
}
main_pid() {
  main=$(systemctl show -p MainPID "$1" 2>/dev/null | sed -n 's/^MainPID=//p')
  shift
  case $main in '' | 0) for file; do if [ -r "$file" ]; then read -r main <"$file"; break; fi; done ;; esac
  case $main in '' | 0) return 1 ;; esac
  kill -0 "$main" 2>/dev/null || [ -d "/proc/$main" ] || return 1
  echo "$main"
}
is_of() {
  [ "$1" = "$2" ] || [ "$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null)" = "$2" ]
}
`);

/** Reads lines of `tcp_listeners`. */
export function parseListeners(text: string): Listener[] {
  return text
    .split('\n')
    .map((line) => /^(\S+) (\d+) (\d+|-) (.*)$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, address, port, pid, name]) => ({
      address: address!,
      port: Number(port),
      pid: pid === '-' ? undefined : Number(pid),
      name: name!,
    }));
}
