# shellcheck shell=sh disable=SC2154,SC2034
# wait_for on the host. The step sets:
#   m_delay m_timeout m_sleep   seconds         m_want     present, absent or drained
#   m_path m_pattern            a file, and what to find in it
#   m_port                      in hexadecimal  m_local    patterns of /proc/net/tcp addresses that count
#   m_states m_except           for drained: states in hexadecimal, remote addresses that do not count

wait_clock() { read -r m_now _ </proc/uptime; m_now=${m_now%%.*}; }

# PROBE MESSAGE: loops until PROBE succeeds
wait_main() {
  wait_clock
  m_start=$m_now m_end=$((m_now + m_timeout))
  if [ "$ll_check" ]; then
    "$1" || ll_unknown "would wait: $2"
    ll_ret elapsed 0
    return 0
  fi
  [ "$m_delay" = 0 ] || sleep "$m_delay"
  while :; do
    wait_clock
    if [ "$m_now" -ge "$m_end" ]; then ll_ret elapsed $((m_now - m_start)); ll_fail "$2"; fi
    "$1" && break
    sleep "$m_sleep"
  done
  wait_clock
  ll_ret elapsed $((m_now - m_start))
}

wait_nothing() {
  wait_clock
  m_start=$m_now
  [ "$ll_check" ] || { sleep "$m_delay"; sleep "$m_timeout"; }
  wait_clock
  ll_ret elapsed $((m_now - m_start))
}

wait_path() {
  ll_stat "$m_path" follow
  case $m_want:$ll_kind in
    absent:absent) return 0 ;;
    absent:* | present:absent) return 1 ;;
  esac
  [ "$m_pattern" ] || return 0
  ll_read "$m_path" || return 1
  LC_ALL=C grep -q -a -E -e "$m_pattern" "$ll_at" 2>/dev/null || LC_ALL=C grep -q -E -e "$m_pattern" "$ll_at"
}

# Does something listen at the port? A listener on every address counts for each of them.
wait_port() {
  m_seen=
  for m_table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$m_table" ] || continue
    while read -r _ m_at _ m_st _; do
      [ "$m_st:${m_at#*:}" = "0A:$m_port" ] || continue
      case " $m_local " in *" ${m_at%:*} "*) m_seen=1; break ;; esac
    done <"$m_table"
    [ -z "$m_seen" ] || break
  done
  case $m_want in present) [ "$m_seen" ] ;; *) [ -z "$m_seen" ] ;; esac
}

wait_drained() {
  for m_table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$m_table" ] || continue
    while read -r _ m_at m_peer m_st _; do
      [ "${m_at#*:}" = "$m_port" ] || continue
      case " $m_states " in *" $m_st "*) ;; *) continue ;; esac
      case " $m_except " in *" ${m_peer%:*} "*) continue ;; esac
      case " $m_local " in *' any '* | *" ${m_at%:*} "*) return 1 ;; esac
    done <"$m_table"
  done
  return 0
}
