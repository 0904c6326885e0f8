# shellcheck shell=sh disable=SC2154,SC2086,SC2034
# A systemd unit on the host. The step sets, before it calls unit_main:
#   m_unit   name           m_state    started stopped restarted reloaded, or nothing
#   m_flags  for systemctl  m_enabled  1, 0 or nothing    m_masked  1, 0 or nothing
#   m_scope  system user global        m_reload m_reexec  1 or nothing

unit_main() {
  command -v systemctl >/dev/null || ll_fail 'Failed to find required executable "systemctl" in paths'
  export LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_PAGER=
  [ "$XDG_RUNTIME_DIR" ] || { XDG_RUNTIME_DIR=/run/user/$(id -u); export XDG_RUNTIME_DIR; }
  m_nl='
'
  [ -z "$m_reload" ] || unit_daemon daemon-reload
  [ -z "$m_reexec" ] || unit_daemon daemon-reexec
  [ "$m_unit" ] || return 0
  # In check mode's memory a unit goes by its full name.
  case $m_unit in
    *.service | *.socket | *.timer | *.target | *.mount | *.automount | *.path | *.slice | *.scope | *.swap | *.device) m_full=$m_unit ;;
    *) m_full=$m_unit.service ;;
  esac
  unit_look
  [ -z "$m_masked" ] || unit_mask
  [ -z "$m_enabled" ] || unit_enable
  [ -z "$m_state" ] || unit_run
}

unit_daemon() {
  [ -z "$ll_check" ] || return 0
  m_said=$(systemctl $m_flags "$1" 2>&1) || ll_fail "failure $? during $1: $m_said"
}

# What `systemctl show` said, in m_show: m_load, m_active, m_sub, m_file, m_error
unit_read() {
  m_load='' m_active='' m_sub='' m_file='' m_error='' m_ifs=$IFS
  set -f
  IFS=$m_nl
  for m_line in $m_show; do
    case $m_line in
      LoadState=*) m_load=${m_line#*=} ;;
      ActiveState=*) m_active=${m_line#*=} ;;
      SubState=*) m_sub=${m_line#*=} ;;
      UnitFileState=*) m_file=${m_line#*=} ;;
      LoadError=*) m_error=${m_line#*=} ;;
    esac
  done
  IFS=$m_ifs
  set +f
}

# What is known of the unit: m_found, m_initd, m_load, m_active, m_file (UnitFileState), m_assumed
unit_look() {
  m_assumed='' m_initd='' m_found=''
  case $m_unit in /*) m_script=$m_unit ;; *) m_script=/etc/init.d/${m_unit%.service} ;; esac
  [ -f "$m_script" ] && m_initd=1
  m_show=$(systemctl $m_flags show -- "$m_unit" 2>/dev/null)
  m_rc=$?
  unit_read
  if [ "$m_rc" = 0 ] && [ "$m_load" ]; then
    [ "$m_load" = not-found ] || m_found=1
    if [ "$m_found" ] && [ "$m_load" != masked ] && [ "$m_error" ]; then
      ll_ret show "$m_show"
      ll_fail "Error loading unit file '$m_unit': $m_error"
    fi
  else
    # A chroot, or another user's manager: the files alone can be asked.
    m_file=$(systemctl $m_flags is-enabled "$m_unit" 2>/dev/null)
    case $m_file in
      '') systemctl $m_flags list-unit-files "$m_full" 2>/dev/null | grep -q "^$m_full" && m_found=1 ;;
      *) m_found=1 ;;
    esac
  fi
  if [ "$m_initd" ] && [ -z "$m_found" ]; then
    m_found=1
    ll_warn "The service ($m_unit) is actually an init script but the system is managed by systemd"
  fi
  [ -z "$ll_check" ] || unit_remember
  ll_ret show "$m_show"
}

# What this run's check mode has already changed in the picture
unit_remember() {
  m_base=${m_full%.*}
  m_base=${m_base%%@*}
  if ll_predicted package "$m_base" && [ "$ll_value" = absent ]; then m_found='' m_show=''; return; fi
  if [ -z "$m_found" ]; then
    case $m_full in *@*.*) m_template=${m_full%%@*}@.${m_full##*.} ;; *) m_template=$m_full ;; esac
    for m_each in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /lib/systemd/system /usr/lib/systemd/system; do
      for m_name in "$m_full" "$m_template"; do
        ll_stat "$m_each/$m_name" follow
        [ "$ll_kind" != file ] || m_found=1 m_active=inactive m_file=disabled m_load=loaded
      done
    done
  fi
  if [ -z "$m_found" ] && { ll_predicted package "$m_base" || ll_predicted_any package; }; then
    # Debian starts and enables what it installs.
    m_found=1 m_active=active m_file=enabled m_load=loaded m_assumed=1
  fi
  if ll_predicted unit-known "$m_full"; then m_found=1; : "${m_active:=inactive}" "${m_file:=disabled}"; fi
  if ll_predicted unit-active "$m_full"; then m_active=$ll_value; fi
  if ll_predicted unit-enabled "$m_full"; then m_file=$ll_value; fi
}

# KIND BEFORE AFTER: in the journal; a user's own units are not put back
unit_journal() {
  if [ "$m_scope" = system ]; then ll_journal_state "$1" "$m_full" "$2" "$3"; else ll_journal_note "unit $m_full of the $m_scope scope"; fi
}

unit_missing() { ll_fail "Could not find the requested service $m_unit: host"; }

unit_mask() {
  m_is=0
  [ "$m_file" != masked ] || m_is=1
  [ "$m_is" != "$m_masked" ] || return 0
  ll_changed
  ll_ret masked_before "$m_is"; ll_ret masked_after "$m_masked"
  if [ "$m_masked" = 1 ]; then m_verb=mask m_next=masked; else m_verb=unmask m_next=disabled; fi
  if [ "$ll_check" ]; then
    ll_predict unit-enabled "$m_full" "$m_next"
  else
    unit_journal unit-enabled "$m_file" "$m_next"
    m_said=$(systemctl $m_flags "$m_verb" -- "$m_unit" 2>&1) || { [ "$m_found" ] || unit_missing; ll_fail "Unable to $m_verb service $m_unit: $m_said"; }
  fi
  if [ "$m_verb" = mask ]; then m_file=masked; else
    m_file=disabled
    [ "$ll_check" ] || m_file=$(systemctl $m_flags is-enabled "$m_unit" 2>/dev/null)
  fi
}

# Is the unit enabled? m_is
unit_is_enabled() {
  case $m_file in
    enabled | enabled-runtime | static) m_is=1 ;;
    disabled | masked | masked-runtime | indirect | alias | linked | linked-runtime | bad) m_is=0 ;;
    *)
      m_is=0
      m_said=$(systemctl $m_flags is-enabled "$m_unit" -l 2>/dev/null)
      m_rc=$?
      case $m_rc:$m_said in
        0:indirect | 0:alias) ;;
        0:*) m_is=1 ;;
        1:*disabled) ;;
        1:*) if [ "$m_scope" = system ] && [ "$m_initd" ]; then
            for m_each in /etc/rc[0-9S].d/S??"${m_unit%.service}"; do [ ! -e "$m_each" ] || m_is=1; done
          fi ;;
      esac
      ;;
  esac
}

unit_enable() {
  [ "$m_found" ] || unit_missing
  unit_is_enabled
  ll_ret enabled "$m_enabled"
  [ "$m_is" != "$m_enabled" ] || return 0
  ll_changed
  ll_ret enabled_before "$m_is"; ll_ret enabled_after "$m_enabled"
  if [ "$m_enabled" = 1 ]; then m_verb=enable m_next=enabled; else m_verb=disable m_next=disabled; fi
  if [ "$ll_check" ]; then ll_predict unit-enabled "$m_full" "$m_next"; return 0; fi
  unit_journal unit-enabled "$m_file" "$m_next"
  m_said=$(systemctl $m_flags "$m_verb" -- "$m_unit" 2>&1) || ll_fail "Unable to $m_verb service $m_unit: $m_said"
}

unit_run() {
  [ "$m_found" ] || unit_missing
  if [ -z "$m_active" ]; then
    # A chroot has units but nothing that runs them.
    case $m_flags in *--global*) ll_fail "a unit of the global scope cannot be $m_state: it has no manager of its own" ;; esac
    if [ -d /run/systemd/system ]; then ll_fail 'Service is in unknown state'; fi
    ll_warn 'Target is a chroot or systemd is offline. This can lead to false positives or prevent the init system tools from working.'
    ll_ret state "$m_state"
    return 0
  fi
  case $m_active in active | activating | reloading | refreshing) m_running=1 ;; *) m_running= ;; esac
  m_verb=
  case $m_state:$m_running in
    started:) m_verb=start ;;
    stopped:1) m_verb=stop ;;
    stopped:) [ "$m_active" != deactivating ] || m_verb=stop ;;
    restarted:1) m_verb=restart ;;
    reloaded:1) m_verb=reload ;;
    restarted: | reloaded:) m_verb=start ;;
  esac
  case $m_state in stopped) ll_ret state stopped; m_next=inactive ;; *) ll_ret state started; m_next=active ;; esac
  [ "$m_verb" ] || return 0
  ll_changed
  ll_ret active_before "$m_active"; ll_ret active_after "$m_next"; ll_ret verb "$m_verb"
  if [ "$ll_check" ]; then ll_predict unit-active "$m_full" "$m_next"; return 0; fi
  case $m_verb in
    restart | reload) unit_journal unit-applied active "$m_verb" ;;
    *) unit_journal unit-active "$m_active" "$m_next" ;;
  esac
  m_since=$(date +%s)
  m_said=$(systemctl $m_flags "$m_verb" -- "$m_unit" 2>&1) || { unit_evidence; ll_fail "Unable to $m_verb service $m_unit: $m_said$m_evidence"; }
  case $m_verb:$m_flags in
    stop:* | *--no-block*) return 0 ;;
  esac
  # systemctl is content with a process that was started, although it may have ended at once.
  m_show=$(systemctl $m_flags show -p ActiveState -p SubState -- "$m_unit" 2>/dev/null)
  unit_read
  case $m_active:$m_sub in
    failed:* | *:auto-restart)
      unit_evidence
      ll_warn "$m_unit is not running although systemctl could $m_verb it ($m_active, $m_sub)$m_evidence"
      ;;
  esac
}

# What the unit itself said since m_since: m_evidence
unit_evidence() {
  m_evidence=
  case $m_scope in user) m_journal=--user-unit ;; *) m_journal=-u ;; esac
  m_lines=$(journalctl "$m_journal" "$m_unit" --since "@$m_since" -n 20 --no-pager -q -o cat 2>/dev/null)
  # Where there is no journal to read, systemctl shows its last lines.
  [ "$m_lines" ] || m_lines=$(systemctl $m_flags status --no-pager -n 20 -- "$m_unit" 2>&1)
  [ -z "$m_lines" ] || m_evidence="${m_nl}The last lines of its journal:$m_nl$m_lines"
  case $m_unit in
    mosquitto | mosquitto.service)
      # mosquitto's own log says why a port or a certificate could not be used.
      m_lines=$(tail -n 10 /var/log/mosquitto/mosquitto.log 2>/dev/null)
      [ -z "$m_lines" ] || m_evidence="$m_evidence${m_nl}The end of /var/log/mosquitto/mosquitto.log:$m_nl$m_lines"
      ;;
  esac
}
