# shellcheck shell=sh disable=SC2154,SC2034,SC2086
# Puts files of Mosquitto in place without an outage: stage, check, swap, reload or restart, wait; or back again. The step
# sets mq_main (the main configuration file), mq_service and mq_timeout (seconds), then says its files by mq_file and
# mq_variant, and calls mq_apply. tcp_listeners, main_pid and is_of come from run/mqtt/listeners.ts.

# Sets mq_version: that of the host's Mosquitto, or in check mode that of the package which would be installed.
mq_find_version() {
  mq_version=$(mosquitto -h 2>/dev/null | sed -n 's/^mosquitto version \([0-9][0-9.]*\).*/\1/p') mq_installed=1
  [ -z "$mq_version" ] || return 0
  mq_installed=''
  if [ -z "$ll_check" ]; then ll_fail 'Mosquitto is not installed on this host'; fi
  if ll_predicted package mosquitto; then mq_version=$ll_value; elif ! ll_predicted_any package; then
    ll_fail 'Mosquitto is not installed on this host, and no task before this one would install it'
  fi
  case $mq_version in
    [0-9]*.*) ;;
    *) mq_version=$(LC_ALL=C apt-cache policy mosquitto 2>/dev/null | sed -n 's/^ *Candidate: \([0-9].*\)/\1/p') ;;
  esac
  mq_version=${mq_version#*:}
  case $mq_version in [0-9]*.*) ;; *) mq_version=$(mq_guess_version) ;; esac
}

# The same where there may be none: mq_version is empty then.
mq_find_version_if_any() {
  mq_version='' mq_installed=''
  if command -v mosquitto >/dev/null; then mq_find_version; fi
}

# What a distribution came with, where no package list says it.
mq_guess_version() {
  (
    ID='' VERSION_ID=''
    # shellcheck source=/dev/null
    . /etc/os-release 2>/dev/null
    case $ID:$VERSION_ID in
      ubuntu:18.*) echo 1.4 ;;
      ubuntu:20.* | ubuntu:21.04) echo 1.6 ;;
      debian:9 | raspbian:9) echo 1.4 ;;
      debian:10 | raspbian:10) echo 1.5 ;;
      *) echo 2.0 ;;
    esac
  )
}

mq_at_least() {
  # MAJOR.MINOR
  mq_minor=${mq_version#*.}
  mq_minor=${mq_minor%%[!0-9]*}
  [ "${mq_version%%.*}" -gt "${1%%.*}" ] || { [ "${mq_version%%.*}" = "${1%%.*}" ] && [ "$mq_minor" -ge "${1#*.}" ]; }
}

# The files, in the order in which they are written. mq_file begins one, mq_variant gives its text from a version on.

mq_file() {
  # KIND PATH MODE OWNER GROUP: config, or data (passwords, acl), which a running broker takes by a reload
  mq_count=$((${mq_count:-0} + 1)) mq_got=''
  ll_temp
  eval "mq_kind$mq_count=\$1 mq_path$mq_count=\$2 mq_mode$mq_count=\$3 mq_owner$mq_count=\$4 mq_group$mq_count=\$5 mq_new$mq_count=\$ll_tmp"
}

# KIND PATH [MODE]: a file that is to go; 0600 for one whose diff holds secrets
mq_absent() {
  mq_file "$1" "$2" "${3:-}" '' ''
  eval "mq_gone$mq_count=1"
}

# CONFIG OPTION PATH: a file that goes with the configuration that names it by an option, when no other does
mq_absent_with() {
  mq_names "$1" "$2" "$3" || return 0
  for mq_each in "$mq_main" "${1%/*}"/*.conf; do
    if [ "$mq_each" != "$1" ] && mq_names "$mq_each" "$2" "$3"; then return 0; fi
  done
  mq_absent data "$3" 0600
}
mq_names() { ll_read "$1" && grep -qxF "$2 $3" "$ll_at"; }

mq_variant() {
  # FROM REFUSED TEXT
  if [ -z "$mq_got" ] || mq_at_least "$1"; then
    mq_got=1 mq_keeps=1
    eval "mq_refused$mq_count=\$2"
    eval "printf %s \"\$3\" >\"\$mq_new$mq_count\""
  fi
}

# The fields of file NUMBER: mq_kind mq_path mq_mode mq_owner mq_group mq_new mq_old (empty: there was none) mq_had (its
# mode and owners) mq_differs mq_gone
mq_select() {
  for mq_name in kind path mode owner group new old had differs refused gone; do eval "mq_$mq_name=\$mq_$mq_name$1"; done
}

mq_apply() {
  mq_marker=$ll_base/mosquitto-unapplied mq_changed='' mq_restart='' mq_i=0
  while [ "$mq_i" -lt "$mq_count" ]; do
    mq_i=$((mq_i + 1))
    mq_select "$mq_i"
    [ -z "$mq_refused" ] || ll_fail "Mosquitto $mq_version does not know $mq_refused: nothing was changed"
    mq_compare
  done
  [ -z "$mq_version" ] || ll_ret version "$mq_version"
  [ -z "$mq_bridge" ] || mq_plan_bridge
  # A run that was killed between writing and applying left its mark.
  if [ -e "$mq_marker" ] && [ -z "$ll_check" ]; then mq_changed=1 mq_restart=1; fi
  [ -n "$mq_changed" ] || return 0
  if [ -n "$mq_waiting" ] && [ -z "$ll_check" ] && [ ! -e "$mq_marker" ] && ! mq_connected 2; then
    mq_not_yet
    return 0
  fi
  ll_changed
  if [ -n "$ll_check" ]; then
    mq_each mq_put
    return 0
  fi
  # No broker, nothing to apply: the file alone goes.
  if [ -z "$mq_version" ]; then
    mq_each mq_put
    return 0
  fi
  if [ -n "$mq_clean" ]; then mq_final=$mq_new1 mq_new1=$mq_interim; fi
  mq_test
  mq_watch
  # A broker that does not run is not started to hear what it has lost.
  if [ -z "$mq_pid$mq_keeps" ]; then
    mq_each mq_put
    return 0
  fi
  : >"$mq_marker"
  if mq_each mq_try_put && mq_start && { [ -z "$mq_clean" ] || mq_settle_bridge; }; then
    rm -f "$mq_marker"
    ll_ret applied "$mq_verb"
    return 0
  fi
  mq_back
}

mq_each() {
  # COMMAND: for every file that differs, data before configuration
  for mq_turn in data config; do
    mq_i=0
    while [ "$mq_i" -lt "$mq_count" ]; do
      mq_i=$((mq_i + 1))
      mq_select "$mq_i"
      case $mq_kind:$mq_differs in "$mq_turn:1") "$1" || return 1 ;; esac
    done
  done
}

mq_compare() {
  ll_stat "$mq_path"
  case $ll_kind in absent | file) ;; *) ll_fail "$mq_path is a $ll_kind: refusing to replace it" ;; esac
  mq_was=$ll_kind
  if [ -n "$mq_gone" ]; then [ "$mq_was" = file ] || return 0; elif ll_read "$mq_path" && ll_same "$ll_at" "$mq_new"; then
    ll_stat "$mq_path"
    ll_set_attributes "$mq_path" "$mq_mode" "$mq_owner" "$mq_group"
    return 0
  fi
  mq_changed=1
  eval "mq_differs$mq_i=1"
  [ "$mq_kind" = data ] || mq_restart=1
  if [ "$mq_was" = file ] && ll_read "$mq_path"; then
    ll_temp
    cat "$ll_at" >"$ll_tmp"
    eval "mq_old$mq_i=\$ll_tmp mq_had$mq_i='$ll_mode $ll_uid $ll_gid'"
  fi
  mq_select "$mq_i"
  mq_show
}

# The diff, without what is secret in it.
mq_show() {
  [ -n "$ll_diff" ] || return 0
  ll_temp
  mq_before=$ll_tmp
  ll_temp
  mq_after=$ll_tmp
  case $mq_mode in
    0600)
      [ -z "$mq_old" ] || sed '/^[^ ]*:/s/:.*/:(a secret)/' "$mq_old" >"$mq_before"
      while IFS= read -r mq_line; do
        case ${mq_line%% *} in
          *:*) if [ -n "$mq_old" ] && grep -qxF -e "$mq_line" "$mq_old"; then mq_line="${mq_line%%:*}:(a secret)"; else mq_line="${mq_line%%:*}:(a new secret)"; fi ;;
        esac
        printf '%s\n' "$mq_line"
      done <"$mq_new" >"$mq_after"
      ;;
    *)
      mq_mask='s/^\(remote_password\|local_password\|password\|bridge_psk\) .*/\1 ********/'
      [ -z "$mq_old" ] || sed "$mq_mask" "$mq_old" >"$mq_before"
      sed "$mq_mask" "$mq_new" >"$mq_after"
      ;;
  esac
  [ -n "$mq_old" ] || mq_before=/dev/null
  [ -z "$mq_gone" ] || mq_after=/dev/null
  ll_diff "$mq_path" "$mq_before" "$mq_after"
}

mq_put() { if [ -n "$mq_gone" ]; then ll_remove "$mq_path"; else mq_write; fi; }
mq_write() { ll_write "$mq_new" "$mq_path" "$mq_mode" "$mq_owner" "$mq_group"; }

# In a subshell: what ends the step in it (a full disk) is to end in mq_back. Its scratch and journal get numbers of their own.
mq_try_put() {
  (mq_put)
  set -- "$?"
  ll_count=$((ll_count + 10))
  return "$1"
}

mq_take_back() {
  if [ -n "$mq_old" ]; then (ll_write "$mq_old" "$mq_path" $mq_had); else (ll_remove "$mq_path"); fi
  set -- "$?"
  ll_count=$((ll_count + 10))
  return "$1"
}

# The configuration as it would be, checked before anything is written.

mq_test() {
  mq_dir=$(mktemp -d /tmp/mosquitto-trial.XXXXXX) || ll_fail 'cannot make a directory in /tmp to try the configuration in'
  mq_why=''
  mq_copy
  # --test-config of 2.1 is content with files that are not there.
  mq_run_trial || mq_why=1
  [ -z "$mq_why" ] || mq_why=$(mq_said <"$mq_dir/log")
  rm -rf "$mq_dir"
  [ -z "$mq_why" ] || ll_fail "Mosquitto does not accept this configuration, and nothing was changed: $mq_why"
}

# What a log says went wrong, the trial's paths as the real ones.
mq_said() {
  sed -e 's/^[0-9T:+-]*: //' -e "s|$mq_dir/mosquitto.conf|$mq_main|g" -e "s|$mq_dir/conf.d/|${mq_include%/}/|g" \
    -e "s|$mq_dir/data[0-9]*|the new file|g" |
    awk '/[Ee]rror|[Uu]nable|[Cc]annot|[Ii]nvalid|not found/ && !seen[$0]++ { text = text (text ? " " : "") $0; next }
      { last = $0 }
      END { print text ? text : last ? last : "it ended without a word" }'
}

# The main file and those it includes, with listeners on spare ports of loopback, bridges that lead nowhere, and nothing
# that is shared with the running broker. Every line keeps its number.
mq_copy() {
  mq_include=$(awk '$1 == "include_dir" { sub(/^[ \t]*include_dir[ \t]+/, ""); print; exit }' "$mq_main")
  mkdir "$mq_dir/conf.d"
  chmod 711 "$mq_dir" "$mq_dir/conf.d"
  umask 077
  cat "$mq_main" >"$mq_dir/mosquitto.conf"
  if [ -n "$mq_include" ]; then
    for mq_each in "${mq_include%/}"/*.conf; do [ ! -f "$mq_each" ] || cat "$mq_each" >"$mq_dir/conf.d/${mq_each##*/}"; done
  fi
  mq_moved='' mq_i=0
  while [ "$mq_i" -lt "$mq_count" ]; do
    mq_i=$((mq_i + 1))
    mq_select "$mq_i"
    if [ "$mq_kind" = data ]; then
      cat "$mq_new" >"$mq_dir/data$mq_i"
      mq_moved="$mq_moved$mq_path	$mq_dir/data$mq_i
"
    elif [ -n "$mq_gone" ]; then
      rm -f "$mq_dir/conf.d/${mq_path##*/}"
    elif [ "${mq_path%/*}" = "${mq_include%/}" ]; then
      cat "$mq_new" >"$mq_dir/conf.d/${mq_path##*/}"
    fi
  done
  mq_user=$(cat "$mq_dir/mosquitto.conf" "$mq_dir"/conf.d/*.conf 2>/dev/null | awk '$1 == "user" { user = $2 } END { print user ? user : "mosquitto" }')
  mq_busy=$(tcp_listeners | awk '{ printf "%s ", $2 }')
  for mq_each in "$mq_dir/mosquitto.conf" "$mq_dir"/conf.d/*.conf; do
    [ -f "$mq_each" ] || continue
    mq_disarm "$mq_each" >"$mq_dir/copy" && cat "$mq_dir/copy" >"$mq_each"
    mq_busy="$mq_busy$(awk '$1 == "listener" || $1 == "port" { printf "%s ", $2 }' "$mq_each")"
  done
  if ! cat "$mq_dir/mosquitto.conf" "$mq_dir"/conf.d/*.conf 2>/dev/null | grep -qE '^(listener|port) '; then
    printf 'listener 18830 127.0.0.1\n' >"$mq_dir/more"
    mq_disarm "$mq_dir/more" >>"$mq_dir/mosquitto.conf"
  fi
  rm -f "$mq_dir/copy" "$mq_dir/more"
  umask "$ll_umask"
  chown -R "$mq_user" "$mq_dir" 2>/dev/null
  return 0
}

mq_disarm() {
  MOVED=$mq_moved awk -v busy="$mq_busy" -v dir="$mq_dir" '
    BEGIN {
      n = split(busy, ports, " ")
      for (i = 1; i <= n; i++) taken[ports[i]] = 1
      next_port = 20000
      n = split(ENVIRON["MOVED"], pairs, "\n")
      for (i = 1; i <= n; i++) if (split(pairs[i], pair, "\t") == 2) moved[pair[1]] = pair[2]
    }
    function spare() {
      do next_port++; while (next_port in taken)
      return next_port
    }
    $1 == "listener" && $2 == "0" { print "listener 0 " dir "/socket" spare(); next }
    $1 == "listener" { print "listener " spare() " 127.0.0.1"; bridge = 0; next }
    $1 == "connection" { bridge = 1; print; next }
    $1 == "port" { print "port " spare(); next }
    $1 == "bind_address" { print "bind_address 127.0.0.1"; next }
    $1 == "socket_domain" { print "socket_domain ipv4"; next }
    bridge && ($1 == "address" || $1 == "addresses") { print "address 127.0.0.1:1"; next }
    $1 == "include_dir" { print "include_dir " dir "/conf.d"; next }
    $1 == "persistence" { print "persistence false"; next }
    $1 ~ /^(pid_file|log_dest|log_type|persistence_location|persistence_file|bind_interface|bridge_bind_address)$/ { print "#"; next }
    $1 ~ /^(password_file|acl_file|psk_file)$/ && ($2 in moved) { print $1 " " moved[$2]; next }
    { print }' "$1"
}

# Starts the broker of the copy, waits until it says that it runs (or, before 1.6, for a second), and ends it.
mq_run_trial() {
  mosquitto -c "$mq_dir/mosquitto.conf" </dev/null >"$mq_dir/log" 2>&1 3>&- &
  mq_trial=$! mq_tries=0
  while kill -0 "$mq_trial" 2>/dev/null; do
    mq_tries=$((mq_tries + 1))
    if grep -q 'mosquitto version .* running' "$mq_dir/log" || [ "$mq_tries" -gt 30 ]; then
      kill "$mq_trial"
      wait "$mq_trial" 2>/dev/null
      return 0
    fi
    mq_nap
  done
  wait "$mq_trial" 2>/dev/null
  return 1
}

mq_nap() { sleep 0.1 2>/dev/null || sleep 1; }

# The running broker.

mq_config() { cat "$mq_main" "${mq_include%/}"/*.conf 2>/dev/null; }

# What is now: whether it runs, and how long its log and journal are.
mq_watch() {
  mq_since=$(date +%s) mq_verb=reload
  mq_log=$(mq_config | awk '$1 == "log_dest" && $2 == "file" { print $3 }' | tail -n 1)
  mq_mark_log
  mq_pid=$(main_pid "$mq_service" "/run/$mq_service/$mq_service.pid" "/run/$mq_service.pid") || mq_pid=''
  if [ -n "$mq_restart" ] || [ -z "$mq_pid" ]; then mq_verb=restart; fi
}

# From here on the log is fresh.
mq_mark_log() { if [ -f "$mq_log" ]; then mq_size=$(wc -c <"$mq_log"); else mq_size=0; fi; }

mq_do() {
  # restart or reload; status and mq_told
  if [ -n "$mq_pid" ]; then ll_journal_state unit-applied "$mq_service.service" active "$1"; else
    ll_journal_state unit-active "$mq_service.service" inactive active
  fi
  if [ "$1" = reload ]; then
    mq_reload "$mq_pid"
    return
  fi
  if [ -d /run/systemd/system ] && ll_has systemctl; then
    # Repeated restarts are ours, not a crash loop.
    systemctl reset-failed "$mq_service" 2>/dev/null
    mq_told=$(systemctl restart "$mq_service" 2>&1)
  elif command -v rc-service >/dev/null; then
    mq_told=$(rc-service "$mq_service" restart 2>&1)
  elif [ -x "/etc/init.d/$mq_service" ]; then
    mq_told=$("/etc/init.d/$mq_service" restart 2>&1 3>&-)
  else
    ll_warn "nothing here manages services: $mq_service runs on its old configuration until it is started anew"
    mq_timeout=0 mq_unmanaged=1
  fi
}

mq_reload() {
  # PID: the broker says in its log when it begins with a reload, if it logs such things; a moment later it is done
  mq_mark_log
  kill -HUP "$1" || return
  mq_turns=20
  if [ ! -f "$mq_log" ] || ! mq_config | awk '
    $1 == "log_type" { some = 1; if ($2 == "all" || $2 == "information") told = 1 }
    END { exit (some && !told) }'; then mq_turns=3; fi
  until [ "$mq_turns" = 0 ] || mq_fresh_log | grep -q 'Reloading config'; do
    mq_turns=$((mq_turns - 1))
    mq_nap
  done
  mq_nap
}

mq_start() {
  mq_do "$mq_verb" || return 1
  [ -z "$mq_unmanaged" ] || return 0
  mq_wait "$mq_timeout" || return 1
  # A reload that meets a bad line goes on as before, and says so only in the log.
  [ "$mq_verb" = restart ] || ! mq_fresh_log | grep -q '^[0-9T:+-]*: Error'
}

# Waits until the service runs and its own process owns every port of the configuration. Sets mq_wrong.
mq_wait() {
  mq_ports=$(mq_config |
    awk '$1 == "port" || $1 == "listener" && $2 != "0" { print $2; n++ } END { if (!n) print 1883 }')
  mq_until=$(($(date +%s) + $1))
  while :; do
    mq_look && return 0
    [ "$(date +%s)" -lt "$mq_until" ] || return 1
    mq_nap
  done
}

mq_look() {
  mq_wrong="$mq_service does not run" mq_stale=''
  mq_now=$(main_pid "$mq_service" "/run/$mq_service/$mq_service.pid" "/run/$mq_service.pid") || return 1
  mq_sockets=$(tcp_listeners)
  for mq_port in $mq_ports; do
    mq_wrong="nothing listens on port $mq_port"
    mq_found=$(printf '%s\n' "$mq_sockets" | awk -v port="$mq_port" '$2 == port { print $3, $4 }')
    [ -n "$mq_found" ] || return 1
    while read -r mq_owner mq_name; do
      mq_wrong="port $mq_port belongs to another process: $mq_name, pid $mq_owner"
      is_of "$mq_owner" "$mq_now" || return 1
    done <"$(mq_as_file "$mq_found")"
  done
  mq_wrong=''
}

mq_as_file() {
  printf '%s\n' "$1" >"$ll_dir/t$ll_id.sockets"
  printf '%s\n' "$ll_dir/t$ll_id.sockets"
}

# Lines `ADDRESS PORT PID NAME` of other processes on the ports.
mq_strangers() {
  mq_now=$(main_pid "$mq_service") || mq_now=0
  tcp_listeners | while read -r mq_address mq_port mq_owner mq_name; do
    case " $(printf '%s ' $mq_ports)" in *" $mq_port "*) [ "$mq_owner" = - ] || is_of "$mq_owner" "$mq_now" || echo "$mq_address $mq_port $mq_owner $mq_name" ;; esac
  done
}

# The log since it was marked; a new file where it was rotated meanwhile.
mq_fresh_log() {
  [ -f "$mq_log" ] || return 0
  if [ "$(wc -c <"$mq_log")" -lt "$mq_size" ]; then cat "$mq_log"; else tail -c "+$((mq_size + 1))" "$mq_log"; fi
}

# It did not come up: the previous configuration again, with Mosquitto's own words on the new one.
mq_back() {
  mq_wait 0
  mq_last=$mq_wrong mq_strange=$(mq_strangers)
  mq_dir=/nowhere
  mq_why=$({
    mq_fresh_log
    journalctl -u "$mq_service" --since "@$mq_since" -o cat -n 40 --no-pager -q 2>/dev/null | grep -v '^[A-Z][a-z]* Mosquitto\|systemd\|^mosquitto.service'
  } | grep -i 'error\|unable\|cannot\|invalid' | mq_said)
  case $mq_why in 'it ended without a word') mq_why=$mq_last ;; esac
  mq_failed=''
  mq_each mq_take_back || mq_failed="; and the previous configuration could not be put back"
  [ -n "$mq_failed" ] || rm -f "$mq_marker"
  if [ "$mq_verb" = reload ] && mq_now=$(main_pid "$mq_service"); then mq_reload "$mq_now"; else mq_do restart; fi
  if mq_wait "$mq_timeout"; then mq_state='the previous configuration is back, and the broker runs on it'; else
    mq_state="the previous configuration is back, but the broker does not run on it either: $mq_wrong"
  fi
  [ -z "$mq_strange" ] || ll_ret stale "$mq_strange"
  ll_ret said "$mq_why"
  [ -z "$mq_strange" ] || mq_why="$mq_last ($mq_why)"
  ll_fail "Mosquitto did not come up with the new configuration: $mq_why; ${mq_state}$mq_failed"
}
