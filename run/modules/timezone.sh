# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables ll_… are the runtime's, m_… the arguments that tasks/timezone.ts sets
#
# timezone on the host, after community.general 6: systemd where it runs, links and files elsewhere.

z_main() {
  m_said='' m_systemd=''
  if [ -d /run/systemd/system ] && command -v timedatectl >/dev/null; then m_systemd=1; fi
  if [ -n "$m_name" ]; then z_zone; fi
  if [ -n "$m_hwclock" ]; then z_clock; fi
  ll_ret note "$m_said"
}

z_zone() {
  m_file=/usr/share/zoneinfo/$m_name
  ll_stat "$m_file" follow
  if [ "$ll_kind" != file ]; then
    if ll_predicted_any package; then ll_unknown "the time zone $m_name may come with a package that is not installed yet"; fi
    ll_fail "Error message:
given timezone \"$m_name\" is not available"
  fi
  m_now=n/a
  ll_stat /etc/localtime
  case $ll_kind:$ll_target in
  link:*zoneinfo/*) m_now=${ll_target##*zoneinfo/} ;;
  file:*) if ll_read /etc/timezone; then IFS= read -r m_now <"$ll_at"; fi ;;
  absent:*) if [ -n "$m_systemd" ]; then m_now=UTC; fi ;;
  esac
  ll_ret name_before "$m_now"
  [ "$m_now" != "$m_name" ] || return 0
  ll_changed
  if [ -n "$m_systemd" ] && [ -z "$ll_check" ]; then
    ll_try timedatectl set-timezone "$m_name" || ll_fail "timedatectl set-timezone $m_name: $ll_why"
    m_said="executed \`timedatectl set-timezone $m_name\`"
    return 0
  fi
  if [ -n "$m_systemd" ]; then m_file=..$m_file; fi
  ll_link "$m_file" /etc/localtime
  ll_stat /etc/timezone
  if [ "$ll_kind" = file ] || command -v dpkg >/dev/null; then
    ll_temp
    printf '%s\n' "$m_name" >"$ll_tmp"
    ll_write "$ll_tmp" /etc/timezone
  fi
  if command -v uci >/dev/null && [ -z "$ll_check" ]; then uci set "system.@system[0].zonename=$m_name" && uci commit system; fi
}

z_clock() {
  # The third line of /etc/adjtime is what hwclock and systemd both keep to.
  m_now=UTC
  if ll_predicted command hwclock; then m_now=$ll_value; elif ll_read /etc/adjtime; then
    case $(sed -n 3p "$ll_at") in LOCAL*) m_now=local ;; esac
  fi
  ll_ret hwclock_before "$m_now"
  [ "$m_now" != "$m_hwclock" ] || return 0
  ll_changed
  ll_predict command hwclock "$m_hwclock"
  [ -z "$ll_check" ] || return 0
  if [ -n "$m_systemd" ]; then
    case $m_hwclock in local) set -- timedatectl set-local-rtc yes ;; *) set -- timedatectl set-local-rtc no ;; esac
  else
    case $m_hwclock in local) set -- hwclock --systohc --localtime ;; *) set -- hwclock --systohc --utc ;; esac
  fi
  ll_try "$@" || ll_fail "$*: $ll_why"
  m_said="$m_said${m_said:+
}executed \`$*\`"
}
