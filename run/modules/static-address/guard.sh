#!/bin/sh
# shellcheck disable=SC2154,SC1091 # settings gives backend, interface, families, files, had, routes
# Changes this host's address, and puts the former set-up back unless somebody says in time that the new one works.
# Usage: guard.sh apply | back REASON | boot | keep | forget
# It lives in a directory with settings, the files from before (old/N), and "armed" for as long as the change is on trial.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
dir=$(cd "$(dirname "$0")" && pwd) || exit 1
name=lamplighter-static-address
had='' routes=''
. "$dir/settings"

lower() {
  # [FILE]: what the set-up so far has running on the interface ends
  [ "$backend" = ifupdown ] || return 0
  if [ -e "${1:-}" ]; then ifdown --force -i "$1" "$interface"; else ifdown --force "$interface"; fi
  for pidfile in /run/dhclient*."$interface".pid; do
    if [ -e "$pidfile" ]; then kill "$(cat "$pidfile")"; fi
  done
  for family in $families; do ip "-$family" addr flush dev "$interface" scope global; done
}

raise() {
  case $backend in
  ifupdown) ifup "$interface" ;;
  netplan) netplan apply ;;
  networkd) networkctl reload && networkctl reconfigure "$interface" ;;
  networkmanager)
    nmcli connection reload && if [ -n "$uuid" ]; then nmcli -w 30 connection up uuid "$uuid" ifname "$interface"; fi
    ;;
  esac
}

apply() {
  # The answer to the runner goes out first.
  sleep 1
  [ -e "$dir/armed" ] || exit 0
  if said=$(lower "$dir/old/0" 2>&1; raise 2>&1); then
    : >"$dir/applied"
  else
    back "the set-up could not be applied: $(printf '%s' "$said" | tail -n 3)"
  fi
}

claim() { mv "$dir/armed" "$dir/restoring" 2>/dev/null; }

put_back() {
  n=0
  while IFS= read -r path; do
    if [ -e "$dir/old/$n" ]; then
      cp -p "$dir/old/$n" "${path%/*}/.lamplighter-$n" && mv -f "${path%/*}/.lamplighter-$n" "$path"
    else rm -f "$path"; fi
    n=$((n + 1))
  done <"$dir/files"
  sync
}

back() {
  # REASON
  claim || return 0
  lower
  put_back
  uuid=$old_uuid
  raise
  hold
  finish "$1"
}

hold() {
  # The addresses that it had, when the old set-up does not bring them by itself.
  tries=0
  while [ "$tries" -lt "$patience" ]; do
    missing=''
    for each in $had; do ip -o addr show dev "$interface" | grep -qF " $each " || missing=1; done
    [ -n "$missing" ] || break
    sleep 1
    tries=$((tries + 1))
  done
  for each in $had; do ip -o addr show dev "$interface" | grep -qF " $each " || ip addr add "$each" dev "$interface"; done
  for each in $routes; do
    case $each in *:*) family=-6 ;; *) family=-4 ;; esac
    ip "$family" route show default | grep -qF " $each " || ip "$family" route add default via "$each" dev "$interface"
  done
}

forget() {
  systemctl --no-block stop "$name-timer.timer" 2>/dev/null
  rm -f "/etc/systemd/system/sysinit.target.wants/$name.service" "/etc/systemd/system/$name.service"
  systemctl --no-block daemon-reload
}

finish() {
  printf '%s\n' "$1" >"$dir/outcome"
  rm -f "$dir/restoring"
  forget
}

case $1 in
apply) apply ;;
back) back "$2" ;;
boot)
  # The network is not up yet. A run that was cut while it was putting back begins again.
  claim || [ -e "$dir/restoring" ] || exit 0
  put_back
  if [ "$backend" = netplan ]; then netplan generate; fi
  finish 'the host was restarted before the new address was known to work'
  ;;
keep)
  mv "$dir/armed" "$dir/kept" || exit 1
  forget
  rm -rf "$dir"
  ;;
forget)
  forget
  rm -rf "$dir"
  ;;
esac
