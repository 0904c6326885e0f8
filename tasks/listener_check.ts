import { z } from 'zod';
import { bool, int, list, path, str } from '../run/args.ts';
import { LISTENER_FUNCTIONS, parseListeners } from '../run/mqtt/listeners.ts';
import { sh } from '../run/shell/script.ts';
import { defineTask, type StepReply, type TaskResult } from '../run/task.ts';

/**
 * Mosquitto does not always shut down cleanly, and an old process can keep the port: everything then looks well and
 * runs on the old configuration. So a port that answers is not enough; it has to be the service's own process.
 */
export default defineTask({
  name: 'lamplighter.mqtt.listener_check',
  summary: "Checks that a TCP port listens on IPv4 and IPv6 and belongs to the service's own process.",
  args: z.strictObject({
    port: int({ min: 1, max: 65535 }),
    service: str().default('mosquitto'),
    former_ports: list(int({ min: 1, max: 65535 })).default([]),
    ipv6: bool().default(true),
    pid_file: path().optional(),
    timeout: int({ min: 0 }).default(10),
  }),
  checkMode: 'full',
  returns: {
    main_pid: "The service's main process.",
    listeners: 'The sockets on the port and on former_ports: address, port, pid, name.',
    stale: 'Those of them that belong to another process.',
  },
  example: `
- name: Check that the port belongs to the service's own process
  listener_check:
    port: 50001
    former_ports: [1883] # no other process may hold these either
`,
  step: ({ port, service, former_ports, ipv6, pid_file, timeout }) => {
    const pidFiles = [...(pid_file ? [pid_file] : []), `/run/${service}/${service}.pid`, `/run/${service}.pid`];
    return sh`
      ${LISTENER_FUNCTIONS}
      port=${port} want6=${ipv6 ? 'yes' : ''}
      [ "$(cat /proc/net/if_inet6 2>/dev/null)" ] || want6=
      # One look: sets main, found (the sockets), stale (of other processes) and wrong (what is amiss, or nothing).
      look() {
        main=$(main_pid ${service} ${pidFiles}) || main=
        found=$(tcp_listeners | while read -r address at pid name; do
          for wanted in ${[port, ...former_ports]}; do
            if [ "$at" = "$wanted" ]; then echo "$address $at $pid $name"; break; fi
          done
        done)
        stale=$(printf '%s\n' "$found" | while read -r address at pid name; do
          case $pid in '' | -) ;; *) [ "$main" ] && is_of "$pid" "$main" || echo "$address $at $pid $name" ;; esac
        done)
        wrong=
        if [ "$stale" ]; then
          wrong=$(printf '%s\n' "$stale" | awk '!($3 in seen) {
            seen[$3]; text = text (text ? "; " : "") "port " $2 " belongs to another process: " $4 ", pid " $3
          } END { print text }')
          if [ "$main" ]; then wrong="$wrong; "${service}"'s own is pid $main"; else wrong="$wrong; "${service}" is not running"; fi
        elif [ -z "$main" ]; then
          wrong=${service}" is not running"
          why=$(journalctl -u ${service} -n 30 -o cat --no-pager 2>/dev/null | grep 'Error' | tail -n 2)
          [ -z "$why" ] || wrong="$wrong: $why"
        elif printf '%s\n' "$found" | grep -q " $port - "; then
          wrong="cannot see which process owns port $port: become root"
        else
          families=$(printf '%s\n' "$found" | awk -v port="$port" '
            $2 == port && ($1 == "*" || $1 ~ /[.]/ || length($1) == 8) { print 4 }
            $2 == port && ($1 == "*" || $1 ~ /:/ || length($1) == 32) { print 6 }')
          case $families in
          '') wrong="nothing listens on port $port" ;;
          *4*6* | *6*4*) ;;
          *4*) [ -z "$want6" ] || wrong="nothing listens on port $port over IPv6" ;;
          *) wrong="nothing listens on port $port over IPv4" ;;
          esac
        fi
      }
      look
      waited=0
      while [ "$wrong" ] && [ -z "$ll_check" ] && [ "$waited" -lt ${timeout} ]; do
        sleep 1
        waited=$((waited + 1))
        look
      done
      ll_ret main_pid "$main"
      ll_ret listeners "$found"
      ll_ret stale "$stale"
      [ -z "$wrong" ] && return
      [ -z "$ll_check" ] || ll_unknown "$wrong now; the tasks before may change that"
      ll_fail "$wrong"`;
  },
  result: listenerResult,
});

function listenerResult(reply: StepReply): TaskResult {
  const { main_pid, listeners = '', stale = '', msg } = reply.fields;
  return {
    changed: false,
    ...(main_pid ? { main_pid: Number(main_pid) } : {}),
    listeners: parseListeners(listeners),
    stale: parseListeners(stale),
    ...(reply.status === 'failed' && msg !== undefined ? { msg } : {}),
  };
}
