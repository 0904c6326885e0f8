# shellcheck shell=sh disable=SC2154,SC2086,SC2034
# A service where no systemd runs: OpenRC, OpenWrt, or init scripts. The step sets, before it calls service_main:
#   m_unit m_state m_enabled   as for a systemd unit      m_manager  auto, or the one the user chose
#   m_pattern m_sleep m_arguments m_runlevel              Ansible's arguments of these names

service_main() {
  export LC_ALL=C
  m_nl='
'
  service_manager
  service_exists || service_remembered || ll_fail "Could not find the requested service $m_unit: host"
  [ -z "$m_enabled" ] || service_enable
  [ -z "$m_state" ] || service_run
}

service_manager() {
  case $m_manager in
    auto) ;;
    openrc | openwrt_init | sysvinit) return ;;
    service | ansible.builtin.service | ansible.legacy.service) ;;
    *) ll_fail "the service manager \"$m_manager\" is not known here: systemd, openrc, openwrt_init, sysvinit are" ;;
  esac
  if command -v rc-service >/dev/null; then m_manager=openrc
  elif [ -e /etc/rc.common ]; then m_manager=openwrt_init
  else m_manager=sysvinit; fi
}

service_exists() { [ -e "/etc/init.d/$m_unit" ] || [ -e "/usr/local/etc/init.d/$m_unit" ]; }

# Check mode: an init script or a package that this run would have brought
service_remembered() {
  [ "$ll_check" ] || return 1
  ll_stat "/etc/init.d/$m_unit" follow
  [ "$ll_kind" = absent ] || return 0
  if ll_predicted package "$m_unit"; then [ "$ll_value" != absent ] || return 1; else ll_predicted_any package || return 1; fi
  m_running=1 m_is=1 m_assumed=1
}

# VERB: asks the service's own script
service_call() {
  case $m_manager in
    openrc) rc-service "$m_unit" "$@" ;;
    openwrt_init) "/etc/init.d/$m_unit" "$@" ;;
    *) if command -v service >/dev/null; then service "$m_unit" "$@"; else "/etc/init.d/$m_unit" "$@"; fi ;;
  esac
}

service_is_enabled() {
  [ -z "$m_assumed" ] || return 0
  m_is=0
  if [ "$ll_check" ] && ll_predicted unit-enabled "$m_unit"; then [ "$ll_value" != enabled ] || m_is=1; return 0; fi
  case $m_manager in
    openrc) rc-update show "$m_runlevel" 2>/dev/null | grep -q "^ *$m_unit *|" && m_is=1 ;;
    openwrt_init) "/etc/init.d/$m_unit" enabled && m_is=1 ;;
    *) if command -v update-rc.d >/dev/null || ! command -v chkconfig >/dev/null; then
        for m_each in /etc/rc[0-9S].d/S??"$m_unit"; do [ ! -e "$m_each" ] || m_is=1; done
      else
        chkconfig --list "$m_unit" 2>/dev/null | grep -q '3:on.*5:on' && m_is=1
      fi ;;
  esac
  return 0
}

service_enable() {
  service_is_enabled
  ll_ret enabled "$m_enabled"
  [ "$m_is" != "$m_enabled" ] || return 0
  ll_changed
  ll_ret enabled_before "$m_is"; ll_ret enabled_after "$m_enabled"
  if [ "$m_enabled" = 1 ]; then m_next=enabled; else m_next=disabled; fi
  if [ "$ll_check" ]; then ll_predict unit-enabled "$m_unit" "$m_next"; return 0; fi
  if [ "$m_is" = 1 ]; then ll_journal_state unit-enabled "$m_unit" enabled disabled; else ll_journal_state unit-enabled "$m_unit" disabled enabled; fi
  case $m_manager:$m_enabled in
    openrc:1) service_set rc-update add "$m_unit" "$m_runlevel" ;;
    openrc:0) service_set rc-update delete "$m_unit" "$m_runlevel" ;;
    openwrt_init:1) service_set "/etc/init.d/$m_unit" enable ;;
    openwrt_init:0) service_set "/etc/init.d/$m_unit" disable ;;
    *)
      if command -v update-rc.d >/dev/null; then
        m_links=
        for m_each in /etc/rc[0-9S].d/[SK]??"$m_unit"; do [ ! -e "$m_each" ] || m_links=1; done
        [ "$m_links" ] || service_set update-rc.d "$m_unit" defaults
        if [ "$m_enabled" = 1 ]; then service_set update-rc.d "$m_unit" enable; else service_set update-rc.d "$m_unit" disable; fi
      elif command -v chkconfig >/dev/null; then
        chkconfig --add "$m_unit" 2>/dev/null
        if [ "$m_enabled" = 1 ]; then service_set chkconfig "$m_unit" on; else service_set chkconfig "$m_unit" off; fi
      else
        ll_fail "cannot detect command to enable service $m_unit, typo or init system potentially unknown"
      fi
      ;;
  esac
}

service_set() { m_said=$("$@" 2>&1) || ll_fail "${m_said:-$* failed}"; }

# Is it running? m_running; the words are those Ansible looks for
service_is_running() {
  [ -z "$m_assumed" ] || return 0
  m_running=
  if [ "$ll_check" ] && ll_predicted unit-active "$m_unit"; then [ "$ll_value" != active ] || m_running=1; return 0; fi
  if [ "$m_pattern" ]; then
    for m_each in /proc/[0-9]*/cmdline; do
      m_line=$(tr '\0' ' ' <"$m_each" 2>/dev/null)
      case $m_line in *ll_body* | *m_pattern*) ;; *"$m_pattern"*) m_running=1 ;; esac
    done
    return 0
  fi
  if [ "$m_manager" = openwrt_init ]; then "/etc/init.d/$m_unit" running >/dev/null 2>&1 && m_running=1; return 0; fi
  m_said=$(service_call status 2>/dev/null)
  m_rc=$?
  case $m_manager:$m_said in
    openrc:*started*) m_running=1; return 0 ;;
    openrc:*) return 0 ;;
  esac
  case $m_rc in 1 | 2 | 3 | 4 | 69) return 0 ;; esac
  case $m_said in
    *"$m_nl"*) ;;
    *[Ss]top* | *'not '* | *dead*) return 0 ;;
    *[Rr]un* | *[Ss]tart*) m_running=1; return 0 ;;
  esac
  [ "$m_rc" != 0 ] || m_running=1
}

service_run() {
  service_is_running
  m_verb=
  case $m_state:$m_running in
    started: | reloaded:) m_verb=start ;;
    stopped:1) m_verb=stop ;;
    reloaded:1) m_verb=reload ;;
    restarted:*) m_verb=restart ;;
  esac
  case $m_state in stopped) ll_ret state stopped; m_next=inactive ;; *) ll_ret state started; m_next=active ;; esac
  [ "$m_verb" ] || return 0
  ll_changed
  if [ "$m_running" ]; then ll_ret active_before active; else ll_ret active_before inactive; fi
  ll_ret active_after "$m_next"; ll_ret verb "$m_verb"
  if [ "$ll_check" ]; then ll_predict unit-active "$m_unit" "$m_next"; return 0; fi
  case $m_verb:$m_running in
    start:) ll_journal_state unit-active "$m_unit" inactive active ;;
    restart:) ll_journal_state unit-active "$m_unit" inactive active ;;
    stop:*) ll_journal_state unit-active "$m_unit" active inactive ;;
    *) ll_journal_state unit-applied "$m_unit" active "$m_verb" ;;
  esac
  if [ "$m_verb" = restart ] && [ "$m_sleep" ]; then
    service_do stop
    sleep "$m_sleep"
    service_do start
  else
    service_do "$m_verb"
  fi
}

service_do() {
  ll_temp
  # Into a file: a daemon that keeps its output open would keep a pipe open too.
  service_call "$1" $m_arguments >"$ll_tmp" 2>&1 || ll_fail "Unable to $1 service $m_unit: $(cat "$ll_tmp")"
}
