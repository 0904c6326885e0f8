import { lines, type Sh, sh } from '../shell/script.ts';
import type { Qos } from './end.ts';
import { nonce } from './roundtrip.ts';

export interface ClientRoundtrip {
  address: string;
  port: number;
  topic: string;
  username?: string | undefined;
  password?: string | undefined;
  qos: Qos;
  timeout: number;
}

/**
 * A step that does what the course does by hand in two windows: mosquitto_sub in one, mosquitto_pub in the other. It
 * travels with other steps and so costs no round trip. mosquitto_sub does not say when it is subscribed, so the message
 * is published until it arrives; mosquitto_rr (from 1.6) subscribes first and needs one try.
 */
export function clientRoundtrip({ address, port, topic, username, password, qos, timeout }: ClientRoundtrip): Sh {
  const word = nonce();
  const broker = ['-h', address, '-p', port, '-q', qos, '-t', topic];
  return lines(
    sh`
    command -v mosquitto_sub >/dev/null && command -v mosquitto_pub >/dev/null ||
      ll_fail 'mosquitto_pub and mosquitto_sub are not installed (package mosquitto-clients)'
    ll_temp
    received=$ll_tmp
    ll_temp
    errors=$ll_tmp`,
    (username !== undefined || password !== undefined) && loginFiles(username, password),
    sh`
    if command -v mosquitto_rr >/dev/null; then
      [ "$(mosquitto_rr ${broker} -e ${topic} -m ${word} -W 2 2>/dev/null)" = ${word} ] && return 0
    fi
    mosquitto_sub ${broker} >"$received" 2>/dev/null &
    subscriber=$!
    tries=0 status=1
    while [ "$tries" -lt ${timeout * 5} ]; do
      tries=$((tries + 1))
      mosquitto_pub ${broker} -m ${word} 2>"$errors" || break
      sleep 0.2 2>/dev/null || sleep 1
      if grep -q ${word} "$received"; then status=0; break; fi
    done
    kill "$subscriber" 2>/dev/null
    [ "$status" = 0 ] && return 0
    [ -s "$errors" ] && ll_fail ${`${address}:${port}: `}"$(head -n 1 "$errors")"
    ll_fail ${`${address}:${port}: the broker took a message to ${topic} and did not deliver it within ${timeout} s`}`,
  );
}

/** The clients' options file: it keeps a password out of the list of processes. */
function loginFiles(username: string | undefined, password: string | undefined): Sh {
  const options = [
    ...(username === undefined ? [] : [`-u ${username}`]),
    ...(password === undefined ? [] : [`-P ${password}`]),
  ];
  return sh`
    umask 077
    XDG_CONFIG_HOME=$(mktemp -d) || ll_fail 'cannot make a scratch directory'
    export XDG_CONFIG_HOME
    trap 'rm -rf "$XDG_CONFIG_HOME"' EXIT
    for client in mosquitto_pub mosquitto_sub mosquitto_rr; do
      printf '%s\n' ${options} >"$XDG_CONFIG_HOME/$client"
    done`;
}
