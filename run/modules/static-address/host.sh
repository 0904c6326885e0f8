# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments of the steps
#
# How a host's network is set up, and the trial of another set-up, which guard.sh carries out.

a_probe() {
  # m_interface and m_backend as asked for (or empty), then the addresses: what is there, and who else has an address
  command -v ip >/dev/null || ll_fail 'the host has no ip (iproute2)'
  [ -d /run/systemd/system ] ||
    ll_fail 'systemd does not run on this host: nothing would put the former address back, should the new one not work'
  [ -n "$m_interface" ] || m_interface=$(ip -4 route show default | a_device)
  [ -n "$m_interface" ] || m_interface=$(ip -6 route show default | a_device)
  [ -n "$m_interface" ] || ll_fail 'no interface has a default route: name one (interface)'
  [ -e "/sys/class/net/$m_interface" ] ||
    ll_fail "there is no interface $m_interface on this host; it has: $(cd /sys/class/net && echo *)"
  [ -n "$m_backend" ] || a_backend
  a_current
  ll_ret interface "$m_interface"
  ll_ret backend "$m_backend"
  ll_ret current "$m_current"
  ll_ret live "$(ip -o addr show | awk '{ print $2, $4, / dynamic/ ? "dynamic" : "static", $6 }')"
  ll_ret routes "$(for m_f in -4 -6; do ip "$m_f" route show default; done)"
  a_files
  for m_each in "$@"; do a_taken "$m_each"; done
}

a_device() { sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1; }

a_backend() {
  # Who has the interface in hand now; a backend that is there when nobody has.
  m_nm='' m_networkd='' m_profile=''
  if systemctl -q is-active NetworkManager 2>/dev/null && command -v nmcli >/dev/null; then
    m_nm=1
    case $(nmcli -g GENERAL.STATE device show "$m_interface" 2>/dev/null) in '' | '10 '*) ;; *) m_profile=1 ;; esac
  fi
  systemctl -q is-active systemd-networkd 2>/dev/null && m_networkd=1
  if command -v netplan >/dev/null && a_says /etc/netplan/*.yaml; then m_backend=netplan
  elif [ -n "$m_profile" ]; then m_backend=networkmanager
  elif [ -n "$m_networkd" ] && [ -n "$(a_network_file)" ]; then m_backend=networkd
  elif command -v ifup >/dev/null && a_says /etc/network/interfaces /etc/network/interfaces.d/*; then m_backend=ifupdown
  elif systemctl -q is-active dhcpcd 2>/dev/null; then
    ll_fail "dhcpcd has $m_interface in hand, which this module does not know: set it in /etc/dhcpcd.conf, or change to NetworkManager"
  elif command -v netplan >/dev/null; then m_backend=netplan
  elif [ -n "$m_networkd" ]; then m_backend=networkd
  elif [ -n "$m_nm" ]; then m_backend=networkmanager
  elif command -v ifup >/dev/null; then m_backend=ifupdown
  elif [ -n "$ll_check" ] && ll_predicted_any package; then
    ll_unknown 'what sets up the network may come with a package that is not installed yet'
  else ll_fail "nothing that sets up $m_interface was found: no netplan, systemd-networkd, NetworkManager or ifupdown"; fi
}

a_says() {
  # FILES…: the interface's name is a word in one of them
  grep -qsE "(^|[^A-Za-z0-9_.-])$m_interface([^A-Za-z0-9_.-]|\$)" "$@"
}

a_network_file() {
  networkctl status --no-pager "$m_interface" 2>/dev/null | sed -n 's/^ *Network File: *\(\/.*\)$/\1/p'
}

a_current() {
  # m_current: the file that the interface's set-up comes from now, where the backend has one file for it
  m_current=''
  case $m_backend in
  netplan) command -v netplan >/dev/null || ll_fail 'there is no netplan on this host' ;;
  ifupdown) command -v ifup >/dev/null || ll_fail 'there is no ifupdown on this host' ;;
  networkd)
    systemctl -q is-active systemd-networkd || ll_fail 'systemd-networkd does not run on this host: enable and start it first'
    m_current=$(a_network_file)
    ;;
  networkmanager)
    systemctl -q is-active NetworkManager || ll_fail 'NetworkManager does not run on this host: enable and start it first'
    m_current=$(nmcli -t -f DEVICE,FILENAME connection show --active | sed -n "s/^$m_interface://p" | head -n 1)
    ;;
  esac
}

a_files() {
  # Every file that may have to change, as the field file:PATH
  case $m_backend in
  netplan) set -- /etc/netplan/*.yaml ;;
  ifupdown)
    set -- /etc/network/interfaces
    for m_each in /etc/network/interfaces.d/*; do
      case ${m_each##*/} in *[!A-Za-z0-9_-]*) ;; *) set -- "$@" "$m_each" ;; esac
    done
    # Without resolvconf nobody reads dns-nameservers.
    if ! command -v resolvconf >/dev/null && [ -f /etc/resolv.conf ] && [ ! -L /etc/resolv.conf ]; then set -- "$@" /etc/resolv.conf; fi
    ;;
  networkd) set -- "$m_current" "/etc/systemd/network/10-$m_interface.network" ;;
  networkmanager) set -- "$m_current" "/etc/NetworkManager/system-connections/$m_interface.nmconnection" ;;
  esac
  for m_each in "$@"; do
    if [ -n "$m_each" ] && ll_read "$m_each" && [ -f "$ll_at" ]; then ll_ret_file "file:$m_each" "$ll_at"; fi
  done
  if [ -d /etc/cloud/cloud.cfg.d ]; then ll_ret file:/etc/cloud/cloud.cfg.d ''; fi
  if ll_read /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg; then
    ll_ret_file file:/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg "$ll_at"
  fi
}

a_taken() {
  # ADDRESS: fails when another host answers for it
  if ip -o addr show | grep -qF " $1/"; then return 0; fi
  m_mac=''
  if ip -o route get "$1" oif "$m_interface" 2>/dev/null | grep -qv ' via '; then
    a_poke "$1"
    m_mac=$(a_neighbour "$1")
  fi
  if [ -z "$m_mac" ] && command -v arping >/dev/null && arping -h 2>&1 | grep -q -- '-D'; then
    m_mac=$(arping -D -c 2 -w 2 -I "$m_interface" "$1" 2>/dev/null | sed -n 's/.*\[\([0-9A-Fa-f:]*\)\].*/\1/p' | head -n 1)
  fi
  [ -z "$m_mac" ] || ll_fail "another host already has the address $1 ($m_mac): nothing was changed"
}

a_poke() {
  # ADDRESS: makes the kernel ask for its hardware address
  if command -v bash >/dev/null; then bash -c 'echo >"/dev/udp/$1/9"' bash "$1" 2>/dev/null
  elif command -v ping >/dev/null; then ping -c 1 -W 1 "$1" >/dev/null 2>&1
  else ip neigh replace "$1" dev "$m_interface" use 2>/dev/null; fi
  :
}

a_neighbour() {
  # ADDRESS: prints the hardware address that answers for it, within a second and a half
  m_tries=0
  while [ "$m_tries" -lt 8 ]; do
    m_mac=$(ip neigh show "$1" dev "$m_interface" 2>/dev/null | grep -vE 'FAILED|INCOMPLETE' | sed -n 's/.*lladdr \([^ ]*\).*/\1/p')
    if [ -n "$m_mac" ]; then
      echo "$m_mac"
      return 0
    fi
    sleep 0.2 2>/dev/null || sleep 1
    m_tries=$((m_tries + 1))
  done
}

a_arm() {
  # m_dir m_token m_settings m_guard m_unit m_timeout, then every PATH that will change: from here on the host goes back by itself
  if [ -e "$m_dir/armed" ] || [ -e "$m_dir/restoring" ]; then
    ll_fail "another change of this host's address is on trial: it ends by itself, try again in a few minutes"
  fi
  rm -rf "$m_dir"
  if ! mkdir -p "$m_dir/old" || ! chmod 0700 "$m_dir"; then ll_fail "cannot make $m_dir"; fi
  printf '%s\n' "$@" >"$m_dir/files"
  m_n=0
  for m_each in "$@"; do
    if [ -e "$m_each" ]; then cp -p "$m_each" "$m_dir/old/$m_n" || ll_fail "cannot keep $m_each"; fi
    m_n=$((m_n + 1))
  done
  {
    printf '%s\n' "$m_settings"
    ip -o addr show dev "$m_interface" scope global | awk '{ print "had " $4 }' | sed "s/had \(.*\)/had=\"\$had \1\"/"
    for m_f in -4 -6; do
      # shellcheck disable=SC2016 # guard.sh expands it
      ip "$m_f" route show default dev "$m_interface" | sed -n 's/^default via \([^ ]*\).*/routes="$routes \1"/p'
    done
  } >"$m_dir/settings"
  printf '%s' "$m_guard" >"$m_dir/guard.sh"
  printf '%s' "$m_unit" >"/etc/systemd/system/$m_name.service"
  mkdir -p /etc/systemd/system/sysinit.target.wants
  ln -sf "/etc/systemd/system/$m_name.service" /etc/systemd/system/sysinit.target.wants/
  systemctl daemon-reload
  : >"$m_dir/armed"
  sync
  ll_try systemd-run -q --collect --unit="$m_name-timer" --on-active="$m_timeout" --timer-property=AccuracySec=200ms /bin/sh "$m_dir/guard.sh" back \
    "nobody reached the host at its new address within $m_timeout s" || {
    m_why=$ll_why
    sh "$m_dir/guard.sh" forget
    ll_fail "cannot start the guard, nothing was changed: $m_why"
  }
}

a_try() { ll_try systemd-run -q --unit="$m_name-apply" --collect /bin/sh "$m_dir/guard.sh" apply || ll_fail "cannot start the change: $ll_why"; }

a_state() {
  # m_dir m_token m_interface, then the gateways: how the trial stands
  if ! grep -qsxF "token=$m_token" "$m_dir/settings"; then
    ll_ret state other
    return 0
  fi
  if [ -e "$m_dir/outcome" ]; then
    ll_ret state back
    ll_ret_file outcome "$m_dir/outcome"
    return 0
  fi
  if [ -e "$m_dir/applied" ]; then ll_ret state applied; else ll_ret state armed; fi
  ll_ret live "$(ip -o addr show | awk '{ print $2, $4, / dynamic/ ? "dynamic" : "static", $6 }')"
  for m_each in "$@"; do
    a_poke "$m_each"
    [ -n "$(a_neighbour "$m_each")" ] || ll_ret silent "$m_each"
  done
}
