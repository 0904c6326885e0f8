# shellcheck shell=sh disable=SC2154,SC2034,SC2086
# What a change of a bridge leaves on the other broker, and how it is cleared away. A durable session (cleansession false,
# the default) keeps its subscriptions there: a topic that is no longer bridged inwards would still be delivered. One connect
# with a clean session ends them, and the session is durable again behind it. Goes with apply.sh.

# FILE: lines `KEY VALUE` on the bridge of a file: connection, id (of its session on the other broker), at, durable 1,
# state (the retained topic that tells whether it is connected) and `in FILTER`
mq_bridge_of() {
  awk -v host="$(uname -n)" '
    function bare(word) { return word == "\"\"" ? "" : word }
    $1 == "connection" { connection = $2; durable = 1; notify = 1 }
    $1 == "address" || $1 == "addresses" { at = $0; sub(/^[^ ]+ +/, "", at) }
    $1 == "remote_clientid" || $1 == "clientid" { id = $2 }
    $1 == "cleansession" { durable = $2 == "false" }
    $1 == "notifications" { notify = $2 == "true" }
    $1 == "notification_topic" { state = $2 }
    $1 == "topic" && ($3 == "in" || $3 == "both") { filters = filters "in " bare($6) bare($2) "\n" }
    END {
      if (connection == "") exit
      if (id == "") id = host "." connection
      print "connection " connection; print "id " id; print "at " at
      if (durable) print "durable 1"
      if (notify) print "state " (state == "" ? "$SYS/broker/connection/" id "/state" : state)
      printf "%s", filters
    }' "$1"
}

# FILE: b_connection b_id b_at b_durable b_state, and b_in with a filter a line
mq_read_bridge() {
  b_connection='' b_id='' b_at='' b_durable='' b_state='' b_in=''
  ll_temp
  mq_bridge_of "$1" >"$ll_tmp"
  while read -r b_key b_value; do
    case $b_key in in) b_in="$b_in$b_value$b_nl" ;; *) eval "b_$b_key=\$b_value" ;; esac
  done <"$ll_tmp"
}

# What the change of the one file of a bridge means for its session over there. Sets mq_clean, the filters that only a clean
# connect ends, and mq_waiting where such a connect is under way since an earlier run.
mq_plan_bridge() {
  b_nl='
'
  mq_clean='' mq_waiting='' mq_interim=''
  mq_select 1
  [ "$mq_differs" = 1 ] && [ -n "$mq_old" ] || return 0
  mq_read_bridge "$mq_old"
  [ -n "$b_connection" ] || return 0
  if [ -n "$mq_gone" ]; then
    [ -z "$b_durable" ] || mq_stays "$b_id" "$b_at"
    [ -z "$b_state" ] || mq_tell "the retained message on $b_state of both brokers (0: not connected)"
    return 0
  fi
  mq_was_id=$b_id mq_was_at=$b_at mq_was_durable=$b_durable mq_was_in=$b_in
  mq_read_bridge "$mq_new"
  [ -n "$b_durable" ] || return 0
  mq_make_interim
  if [ "$mq_was_id" = "$b_id" ] && [ "$mq_was_at" = "$b_at" ]; then
    if ll_same "$mq_old" "$mq_interim"; then
      # A run that was killed may have left the broker on the file before.
      if [ -e "$mq_marker" ]; then mq_clean='all of before'; else mq_waiting=1; fi
      return 0
    fi
    [ -n "$mq_was_durable" ] || return 0
    while IFS= read -r mq_filter; do
      case "$b_nl$b_in" in *"$b_nl$mq_filter$b_nl"*) ;; *) mq_clean="$mq_clean${mq_clean:+, }$mq_filter" ;; esac
    done <<OLD
${mq_was_in%"$b_nl"}
OLD
    [ -n "$mq_was_in" ] || mq_clean=''
    [ -z "$mq_clean" ] || ll_diff_text "bridge $b_connection" "" "one connect with a clean session, which ends the subscriptions of $b_id at $b_at to $mq_clean$b_nl"
  elif [ -n "$mq_was_durable" ]; then
    mq_stays "$mq_was_id" "$mq_was_at"
  fi
}

mq_stays() { mq_tell "the session of $1 on $2, with its subscriptions and the messages that wait for it, until that broker lets it expire or is told to"; }

mq_tell() {
  mq_left="$mq_left${mq_left:+$b_nl}$1"
  ll_ret stays "$mq_left"
}

# The new file with a clean session over there; what waits on this side stays.
mq_make_interim() {
  ll_temp
  mq_interim=$ll_tmp
  {
    awk '$1 != "cleansession" { print }' "$mq_new"
    echo 'cleansession true'
    if mq_at_least 2.0 && ! grep -q '^local_cleansession ' "$mq_new"; then echo 'local_cleansession false'; fi
  } >"$mq_interim"
}

# The clean connect, once the broker runs on the interim file: waits until the bridge is connected, then the file itself.
mq_settle_bridge() {
  if mq_connected "$mq_timeout"; then
    mq_new1=$mq_final mq_verb=restart
    mq_each mq_try_put && mq_start
    return
  fi
  mq_not_yet
}

mq_not_yet() {
  ll_warn "bridge $b_connection is not connected to $b_at: it keeps a clean session until a later run finds it connected, so that no old subscription stays"
}

# SECONDS: waits until the broker holds a connection to the bridge's other end for a second on end
mq_connected() {
  mq_until=$(($(date +%s) + $1)) mq_seen=''
  while :; do
    mq_link=$(mq_links)
    if [ -n "$mq_link" ] && [ "$mq_link" = "$mq_seen" ]; then return 0; fi
    mq_seen=$mq_link
    [ "$(date +%s)" -lt "$mq_until" ] || return 1
    sleep 1
  done
}

# Connections (inodes of sockets) that the broker's process holds to a port of the bridge
mq_links() {
  mq_now=$(main_pid "$mq_service" "/run/$mq_service/$mq_service.pid" "/run/$mq_service.pid") || return 0
  mq_hex=''
  for mq_each_at in $b_at; do mq_hex="$mq_hex $(printf '%04X' "${mq_each_at##*:}")"; done
  { ls -l "/proc/$mq_now/fd" 2>/dev/null; cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; } | awk -v ports="$mq_hex" '
    BEGIN { n = split(ports, list, " "); for (i = 1; i <= n; i++) wanted[list[i]] = 1 }
    match($0, /socket:\[[0-9]+/) { own[substr($0, RSTART + 8, RLENGTH - 8)] = 1; next }
    $4 == "01" { port = $3; sub(/.*:/, "", port); if (port in wanted && $10 in own) print $10 }'
}
