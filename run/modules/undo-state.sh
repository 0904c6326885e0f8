# shellcheck shell=sh disable=SC2154,SC2034,SC2086
# Units and packages of an undo. A unit goes back through the functions of its own module, so that check mode and journal
# are theirs; what was restarted is restarted again, when its files are back.

undo_systemd() { [ -d /run/systemd/system ] && ll_has systemctl; }

# UNIT: whether it is (still) there
undo_unit_known() {
  # Check mode: it would have gone with its package.
  if ll_predicted package "${1%.service}" && [ "$ll_value" = absent ]; then return 1; fi
  if undo_systemd; then
    case $(systemctl show -p LoadState -- "$1" 2>/dev/null) in *=not-found | '') return 1 ;; esac
    return 0
  fi
  [ -e "/etc/init.d/${1%.service}" ]
}

# UNIT STATE ENABLED MASKED: through the module, each nothing or as there
undo_set_unit() {
  m_unit=$1 m_state=$2 m_enabled=$3 m_masked=$4 m_flags='' m_scope=system m_reload='' m_reexec=''
  m_manager=auto m_pattern='' m_sleep='' m_arguments='' m_runlevel=default m_assumed=''
  if undo_systemd; then unit_main; else
    m_unit=${1%.service}
    service_main
  fi
}

# UNIT: u_active and u_enabled, as they are
undo_look_unit() {
  u_active=inactive u_enabled=disabled
  if undo_systemd; then
    case $(systemctl is-active -- "$1" 2>/dev/null) in active | activating | reloading) u_active=active ;; esac
    u_enabled=$(systemctl is-enabled -- "$1" 2>/dev/null)
  else
    m_unit=${1%.service} m_manager=auto m_pattern='' m_assumed='' m_runlevel=default
    service_manager
    service_is_running
    [ -z "$m_running" ] || u_active=active
    service_is_enabled
    [ "$m_is" = 0 ] || u_enabled=enabled
  fi
}

# u_class a or e, u_entries
undo_unit() {
  set -- $u_entries
  undo_load "$1"
  u_unit=$e_path u_was=$e_before
  undo_unit_known "$u_unit" || return 0
  undo_look_unit "$u_unit"
  case $u_class in a) u_is=$u_active ;; *) u_is=$u_enabled ;; esac
  case $u_class:$u_was in
  a:active | a:activating | a:reloading) u_was=active ;;
  a:*) u_was=inactive ;;
  esac
  [ "$u_is" != "$u_was" ] || return 0
  if [ -n "$u_judging" ]; then
    for u_entry; do
      undo_load "$u_entry"
      case $u_class:$e_after in a:inactive) [ "$u_is" != inactive ] || return 0 ;; *:"$u_is") return 0 ;; esac
    done
    undo_conflict "$u_unit ($u_is)"
    return 0
  fi
  u_text=''
  case $u_class:$u_was in
  a:active) u_text=started; undo_set_unit "$u_unit" started '' '' ;;
  a:*) u_text=stopped; undo_set_unit "$u_unit" stopped '' '' ;;
  e:masked*) u_text=masked; undo_set_unit "$u_unit" '' '' 1 ;;
  e:enabled*) u_text=enabled; undo_set_unit "$u_unit" '' 1 0 ;;
  e:disabled) u_text=disabled; undo_set_unit "$u_unit" '' 0 0 ;;
  esac
  [ -n "$u_text" ] || return 0
  u_did=1
  undo_put "$u_unit ($u_text)"
}

# Behind all else: units that run on files which are back now
undo_apply() {
  if [ -n "$u_reload" ] && [ -z "$ll_check" ] && undo_systemd; then systemctl daemon-reload; fi
  [ -n "$u_did" ] || return 0
  while read -r u_class u_entries <&4; do
    [ "$u_class" = r ] || continue
    u_verb=reloaded
    for u_entry in $u_entries; do
      undo_load "$u_entry"
      [ "$e_after" = reload ] || u_verb=restarted
    done
    undo_unit_known "$e_path" || continue
    if [ -z "$ll_check" ] && undo_systemd; then
      # Restarts of ours are no crash loop; and one that failed is to come up again.
      systemctl reset-failed "$e_path" 2>/dev/null
      [ "$(systemctl is-active -- "$e_path" 2>/dev/null)" = active ] || u_verb=restarted
    fi
    undo_put "$e_path ($u_verb)"
    undo_set_unit "$e_path" "$u_verb" '' ''
  done 4<"$u_plan"
}

# u_entries: one visit of the package manager
undo_packages() {
  undo_load "$u_entries"
  [ -f "$u_pre" ] || return 0
  apt_begin
  ll_temp
  u_change=$ll_tmp
  read -r u_text <"$u_pre"
  ll_temp
  apt_snapshot >"$ll_tmp"
  # A run that was cut off in the middle left all that was there before.
  if [ "$u_text" = difference ]; then sed 1d "$u_pre" >"$u_change"; else apt_difference "$u_pre" "$ll_tmp" >"$u_change"; fi
  u_remove='' u_install='' u_names=' '
  while read -r u_sign u_name u_version; do
    u_now=$(awk -v name="$u_name" '$1 == name { print $2 }' "$ll_tmp")
    u_pair=$(awk -v name="$u_name" '$2 == name' "$u_change" | wc -l)
    case $u_sign:$((u_pair)) in
    +:1) u_names="$u_names${u_name%:*} "; [ -z "$u_now" ] || u_remove="$u_remove ${u_name}" ;;
    -:1) [ -n "$u_now" ] || u_install="$u_install $u_name=$u_version" ;;
    -:2) [ "$u_now" = "$u_version" ] || [ -n "$u_judging" ] || undo_left "the package ${u_name%:*}, which was $u_version and is $u_now" ;;
    esac
  done <"$u_change"
  [ -n "$u_remove$u_install" ] || return 0
  m_options='' m_lock_timeout=60 m_policy=''
  set -f
  if [ -n "$u_judging" ]; then undo_needed; return 0; fi
  u_said="$u_remove$u_install"
  if [ -n "$ll_diff" ]; then
    for u_name in $u_remove; do printf 'A%s\0package\0installed\0absent\0' "${u_name%:*}" >&3; done
    for u_name in $u_install; do printf 'A%s\0package\0absent\0installed\0' "${u_name%%:*}" >&3; done
  fi
  if [ -n "$u_remove" ]; then
    apt_change apt-get -q -y ${ll_check:+--simulate} remove $u_remove
    [ "$m_rc" = 0 ] || apt_fail "'apt-get remove$u_remove' failed: $m_err"
    [ -z "$ll_check" ] || for u_name in $u_remove; do ll_predict package "${u_name%:*}" absent; done
  fi
  if [ -n "$u_install" ]; then
    apt_change apt-get -q -y ${ll_check:+--simulate} install $u_install
    if [ "$m_rc" != 0 ]; then undo_left "the package$u_install: $(apt_first_line)"; u_said=$u_remove; fi
  fi
  set +f
  u_did=1
  ll_changed
  for u_name in $u_said; do undo_put "package ${u_name%%:*}"; done
  [ -z "$u_remove" ] || undo_left "configuration files and data of packages that were removed (apt-get purge removes them)"
}

apt_first_line() { printf '%s\n' "$m_err" | sed -n 1p; }

# Removing must not take what somebody else installed since.
undo_needed() {
  [ -n "$u_remove" ] || return 0
  for u_name in $(apt-get -s remove $u_remove 2>/dev/null | awk '$1 == "Remv" { print $2 }'); do
    case $u_names in *" ${u_name%%:*} "*) ;; *) undo_conflict "the package $u_name, which needs what would be removed" ;; esac
  done
}
