# shellcheck shell=sh disable=SC2154,SC2086,SC2034
# The apt module on the host. The step sets, before it calls one of these:
#   m_options  words for every apt-get     m_lock_timeout m_retries m_max_delay   seconds and tries
#   m_policy   the exit status that policy-rc.d is to have, or nothing
#   m_release  default_release, or nothing m_latest m_only_upgrade m_purge        1 or nothing
# A package that check mode remembers has its version as value, `?` when it is not known, or `absent`.

apt_begin() {
  # Lists and downloaded archives are no state of the host's.
  ll_noted=1
  command -v apt-get >/dev/null ||
    ll_fail 'apt-get is not on this host: the apt module is for Debian and its kin'
  export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C LANG=C LANGUAGE=C
  m_updated='' m_time='' m_ran=''
  m_nl='
'
}

# TEXT: m_lines, to be gone through by `for m_line in $m_lines` (cutting a long text bit by bit is slow in dash)
apt_lines() { m_lines=$1 m_ifs=$IFS; IFS=$m_nl; set -f; }

# COMMAND... : runs it and waits for the lock; m_rc, and the texts m_out and m_err
apt_run() {
  ll_temp; m_out_file=$ll_tmp; ll_temp; m_err_file=$ll_tmp
  m_ran="$*" m_until=
  while :; do
    if [ "$m_policy" ] && [ -z "$ll_check" ]; then apt_with_policy "$@"; else "$@"; fi >"$m_out_file" 2>"$m_err_file"
    m_rc=$?
    m_out=$(cat "$m_out_file"); m_err=$(cat "$m_err_file")
    [ "$m_rc" = 0 ] && break
    case $m_err in
      *'Could not get lock'* | *'locked by another process'*) ;;
      *) break ;;
    esac
    apt_holder
    m_now=$(date +%s)
    if [ -z "$m_until" ]; then m_since=$m_now; m_until=$((m_now + m_lock_timeout)); m_first=$m_who; fi
    [ "$m_now" -lt "$m_until" ] || break
    sleep 1
  done
  if [ "$m_until" ] && [ "$m_rc" = 0 ]; then
    ll_warn "waited $(($(date +%s) - m_since)) s for the package manager's lock, held by $m_first"
  fi
}

# COMMAND... : apt_run, with the packages that it changes in the journal: all of them before, only the difference after
apt_change() {
  if [ "$ll_check" ] || ! ll_open_journal; then apt_run "$@"; return; fi
  ll_next_entry
  m_entry=$ll_w_entry
  ll_temp; m_snap=$ll_tmp
  apt_snapshot >"$m_snap"
  umask 077
  ll_keep_before dd "if=$m_snap" "of=$m_entry.pre" conv=fsync
  ll_put_entry 'action packages' 'path apt'
  umask "$ll_umask"
  apt_run "$@"
  ll_temp
  apt_snapshot >"$ll_tmp"
  if cmp -s "$m_snap" "$ll_tmp"; then rm -f "$m_entry.pre" "$m_entry.entry"; return 0; fi
  umask 077
  { echo difference; apt_difference "$m_snap" "$ll_tmp"; } >"$m_entry.new" && mv -f "$m_entry.new" "$m_entry.pre"
  umask "$ll_umask"
}

apt_snapshot() { dpkg-query -W -f='${db:Status-Status} ${Package}:${Architecture} ${Version}\n' | sed -n 's/^installed //p'; }

# FILE FILE: lines `- NAME VERSION` and `+ NAME VERSION`
apt_difference() { awk 'NR == FNR { old[$0] = 1; next } $0 in old { delete old[$0]; next } { print "+", $0 } END { for (i in old) print "-", i }' "$1" "$2"; }

# Who holds the lock that m_err complains of: m_who
apt_holder() {
  m_who=$(sed -n -e 's/.*held by process \([0-9]*\) (\(.*\)).*/\2 (pid \1)/p' -e 's/.*another process with pid \([0-9]*\).*/pid \1/p' "$m_err_file" | head -n 1)
  case $m_who in
    pid\ *)
      m_pid=${m_who#pid }
      [ -r "/proc/$m_pid/comm" ] && { read -r m_comm <"/proc/$m_pid/comm"; m_who="$m_comm (pid $m_pid)"; }
      ;;
    '')
      # apt before 1.9 does not say
      for m_lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
        ll_stat "$m_lock"
        [ "$ll_kind" = file ] || continue
        m_inode=$ll_inode
        while read -r _ _ _ _ m_pid m_id _; do
          case $m_id in
            *:"$m_inode") [ -r "/proc/$m_pid/comm" ] && { read -r m_comm <"/proc/$m_pid/comm"; m_who="$m_comm (pid $m_pid)"; } ;;
          esac
        done </proc/locks
      done
      ;;
  esac
  [ "$m_who" ] || m_who='a process that cannot be seen'
}

# What to do about m_err, as the end of a message: m_hint
apt_hint() {
  case $m_err in
    *'Could not get lock'* | *'locked by another process'*) m_hint="the lock is held by $m_who; gave up after $m_lock_timeout s (lock_timeout)" ;;
    *'dpkg was interrupted'*) m_hint='an earlier installation was interrupted: run "dpkg --configure -a" on the host' ;;
    *'Permission denied'* | *'are you root'*) m_hint='this needs root: set become: true' ;;
    *'Temporary failure resolving'* | *'Could not resolve'*) m_hint='the host cannot resolve names: look at /etc/resolv.conf and its network' ;;
    *'No space left on device'* | *'enough free space'*) m_hint='the disk of the host is full' ;;
    *'not valid yet'*) m_hint='the clock of the host is behind' ;;
    *NO_PUBKEY* | *'not signed'*) m_hint="the key of the repository is not known to the host" ;;
    *'Network is unreachable'* | *'Unable to connect'* | *'Could not connect'* | *'Connection timed out'*) m_hint='the host cannot reach the repository: look at its network, or at its proxy' ;;
    *) m_hint= ;;
  esac
}

# MESSAGE: ends the step with what the last command said
apt_fail() {
  ll_ret rc "$m_rc"; ll_ret stdout "$m_out"; ll_ret stderr "$m_err"
  apt_hint
  ll_fail "$1${m_hint:+ ($m_hint)}"
}

# When the package lists were last updated: m_time, seconds, 0 when never. A fresh image has the directory alone, which
# may be young; Ansible would take that for a valid cache.
apt_cache_time() {
  if ! apt_has_lists; then m_time=0; return; fi
  ll_stat /var/lib/apt/periodic/update-success-stamp follow
  [ "$ll_kind" != absent ] || ll_stat /var/lib/apt/lists follow
  if [ "$ll_kind" = absent ]; then m_time=0; else m_time=${ll_mtime%%.*}; fi
}

apt_has_lists() {
  set +f
  for m_each in /var/lib/apt/lists/*_Packages*; do [ -e "$m_each" ] && return 0; done
  return 1
}

# SECONDS: updates the package lists when they are older; m_updated
apt_update() {
  apt_cache_time
  m_before=$m_time
  [ $((m_time + $1)) -gt "$(date +%s)" ] && return
  if [ "$ll_check" ]; then m_updated=1; ll_predict command apt-update would-run; return; fi
  m_try=0
  while :; do
    apt_run apt-get -q update
    # apt-get ends with 0 although a list could not be fetched
    case $m_rc:$m_nl$m_err in
      0:*"${m_nl}W: Failed to fetch"* | 0:*"${m_nl}W: Some index files failed"* | 0:*"${m_nl}E: "*) ;;
      0:*) break ;;
      *'Could not get lock'* | *'Permission denied'*) apt_fail "Failed to lock apt for exclusive operation: $m_err" ;;
    esac
    m_try=$((m_try + 1))
    [ "$m_try" -lt "$m_retries" ] || apt_fail "Failed to update apt cache: ${m_err:-unknown reason}"
    m_delay=$((1 << (m_try - 1)))
    [ "$m_delay" -le "$m_max_delay" ] || m_delay=$m_max_delay
    sleep "$m_delay"
  done
  apt_cache_time
  [ "$m_time" = "$m_before" ] || m_updated=1
  m_ran=
}

# Check mode: the lists would have been updated before this, so what they lack now proves nothing
apt_lists_pending() {
  [ "$ll_check" ] || return 1
  [ "$m_updated" ] || ll_predicted command apt-update
}

# SPEC: m_name, m_cmp (`=`, `>=` or nothing), m_want
apt_split() {
  case $1 in
    *'>='*) m_name=${1%%>=*} m_cmp='>=' m_want=${1#*>=} ;;
    *=*) m_name=${1%%=*} m_cmp='=' m_want=${1#*=} ;;
    *) m_name=$1 m_cmp='' m_want='' ;;
  esac
}

# SPEC...: what dpkg knows of them, in one call
apt_query() {
  m_names=
  for m_each; do apt_split "$m_each"; m_names="$m_names $m_name"; done
  m_table=$(dpkg-query -W -f='${Package} ${Architecture} ${db:Status-Status} ${Version}\n' dpkg $m_names 2>/dev/null)
  m_native=
  apt_lines "$m_table"
  for m_line in $m_lines; do
    case $m_line in 'dpkg '*) m_native=${m_line#dpkg }; m_native=${m_native%% *} ;; esac
  done
  IFS=$m_ifs
}

# NAME: m_state (installed, config-files …) and m_version, as check mode remembers them; apt_query comes before
apt_status() {
  m_state='' m_version=''
  if [ "$ll_check" ] && ll_predicted package "$1"; then
    [ "$ll_value" = absent ] || m_state=installed m_version=$ll_value
    return
  fi
  case $1 in *:*) m_base=${1%%:*} m_arch=${1#*:} ;; *) m_base=$1 m_arch=$m_native ;; esac
  apt_lines "$m_table"
  for m_line in $m_lines; do
    case $m_line in
      "$m_base $m_arch "* | "$m_base all "*)
        m_line=${m_line#* }; m_line=${m_line#* }
        m_state=${m_line%% *} m_version=${m_line#* }
        ;;
    esac
  done
  IFS=$m_ifs
}

# SPEC...: m_list, with patterns in names replaced by the packages they mean
apt_expand() {
  m_list='' m_known=
  for m_each; do
    apt_split "$m_each"
    case $m_name in
      *[\*\?\[\]!]*)
        [ "$m_known" ] || m_known=$(apt-cache pkgnames)
        m_found=
        for m_one in $m_known; do
          # shellcheck disable=SC2254
          case $m_one in $m_name) m_found="$m_found $m_one" ;; esac
        done
        [ "$m_found" ] || ll_fail "No package(s) matching '$m_name' available"
        m_list="$m_list$m_found"
        ;;
      *) m_list="$m_list $m_each" ;;
    esac
  done
}

# NAME...: what apt could install, one line each: name candidate versions…
apt_policy() {
  m_offers=$(apt-cache ${m_release:+-o "APT::Default-Release=$m_release"} policy "$@" 2>/dev/null |
    awk '/^[^ ].*:$/ { if (name) print line; name = substr($0, 1, length($0) - 1); line = name }
      /^  Candidate:/ { line = line " " $2 }
      /^(     | \*\*\* )[^ ]+ -?[0-9]+$/ { line = line " " $(NF - 1) }
      END { if (name) print line }')
}

# NAME CMP WANT: m_offer (nothing, virtual, none, some) and m_best, the version apt would take
apt_candidate() {
  m_offer='' m_best=''
  apt_lines "$m_offers"
  for m_line in $m_lines; do
    case $m_line in "$1 "*) m_offer=${m_line#* } ;; esac
  done
  IFS=$m_ifs
  case $m_offer in
    '') return ;;
    '(none)') m_offer=virtual; return ;;
  esac
  m_candidate=${m_offer%% *} m_versions=${m_offer#* } m_offer=none
  [ "$m_candidate" != '(none)' ] || m_candidate=
  case $2 in
    '') m_best=$m_candidate ;;
    '>=') [ "$m_candidate" ] && dpkg --compare-versions "$m_candidate" ge "$3" && m_best=$m_candidate ;;
    '=') for m_each in $m_versions; do
        # shellcheck disable=SC2254
        case $m_each in $3) m_best=$m_each; break ;; esac
      done ;;
  esac
  [ -z "$m_best" ] || m_offer=some
}

# NAME: is an installed package a provider? status 0 yes, 1 no, 2 nobody provides it
apt_provided() {
  m_providers=$(apt-cache showpkg "$1" 2>/dev/null | awk '/^Reverse Provides:/ { on = 1; next } on && NF { print $1 }' | sort -u)
  [ "$m_providers" ] || return 2
  for m_each in $(dpkg-query -W -f='${Package}/${db:Status-Status}\n' $m_providers 2>/dev/null); do
    case $m_each in */installed) return 0 ;; esac
  done
  return 1
}

# SPEC...: state present and latest
apt_present() {
  set -f
  apt_expand "$@"
  set -- $m_list
  apt_query "$@"
  m_open='' m_opennames='' m_todo=''
  for m_spec; do
    apt_split "$m_spec"; apt_status "$m_name"
    if [ "$m_state" != installed ]; then
      [ -z "$m_only_upgrade" ] || continue
    elif [ -z "$m_latest" ] || [ "$m_version" = '?' ]; then
      apt_satisfied && continue
    fi
    m_open="$m_open $m_spec" m_opennames="$m_opennames $m_name"
  done
  [ -z "$m_open" ] || apt_choose
  [ -z "$m_todo" ] || apt_install
  [ "$ll_check" ] || apt_manual "$@"
}

# Is the installed version good enough for m_cmp m_want? A pattern that matches may still have a newer match.
apt_satisfied() {
  [ "$m_version" != '?' ] || return 0
  case $m_cmp in
    '') return 0 ;;
    '>=') dpkg --compare-versions "$m_version" ge "$m_want" ;;
    '=') [ "$m_version" = "$m_want" ] ;;
  esac
}

# m_open -> m_todo (words for apt-get) and m_guess (what only newer lists can know)
apt_choose() {
  m_guess='' m_missing=''
  if apt_lists_pending && ! apt_has_lists; then m_guess=$m_open; set -f; apt_guess; return; fi
  set -f
  apt_policy $m_opennames
  for m_spec in $m_open; do
    apt_split "$m_spec"; apt_status "$m_name"; apt_candidate "$m_name" "$m_cmp" "$m_want"
    case $m_offer in
      some)
        if [ "$m_state" != installed ] || [ "$m_version" != "$m_best" ]; then m_todo="$m_todo $m_name=$m_best"; fi
        ;;
      virtual)
        apt_provided "$m_name"
        case $? in 0) ;; 1) m_todo="$m_todo $m_name" ;; 2) m_missing="$m_missing $m_spec" ;; esac
        ;;
      none)
        # Installed from elsewhere: there is nothing newer.
        if [ "$m_state" = installed ] && apt_matches; then :; else
          if apt_lists_pending; then m_guess="$m_guess $m_spec"; else
            m_rc=100 m_out='' m_err=''; apt_fail "no available installation candidate for $m_spec"
          fi
        fi
        ;;
      *)
        if [ "$m_state" = installed ] && apt_matches; then :; else m_missing="$m_missing $m_spec"; fi
        ;;
    esac
  done
  if [ "$m_missing" ]; then
    if apt_lists_pending; then m_guess="$m_guess$m_missing"; else apt_unavailable $m_missing; fi
  fi
  [ -z "$m_guess" ] || apt_guess
}

apt_matches() {
  # shellcheck disable=SC2254
  case $m_cmp in
    '=') case $m_version in $m_want) return 0 ;; esac; return 1 ;;
    *) apt_satisfied ;;
  esac
}

apt_unavailable() {
  m_text=
  for m_each; do apt_split "$m_each"; m_text="$m_text${m_text:+. }No package matching '$m_name' is available"; done
  if ! apt_has_lists; then m_text="$m_text (the host has no package lists yet: set update_cache: true)"; fi
  ll_fail "$m_text"
}

# Check mode on lists that would have been updated first: m_guess would be installed, in a version not known yet
apt_guess() {
  ll_changed
  for m_each in $m_guess; do
    apt_split "$m_each"
    ll_predict package "$m_name" "${m_want:-?}"
  done
  ll_ret guess "${m_guess# }"
}

# m_todo by apt-get install
apt_install() {
  apt_change apt-get -y $m_options ${ll_check:+--simulate} install $m_todo
  [ "$m_rc" = 0 ] || apt_install_failed
  apt_outcome
}

apt_install_failed() {
  m_text=$(printf '%s\n' "$m_err" | sed -n "s/^E: Unable to locate package \(.*\)/No package matching '\1' is available/p" | head -n 1)
  [ "$m_text" ] || m_text="'$m_ran' failed: $m_err"
  apt_fail "$m_text"
}

# Did apt-get do something? In check mode: remembers what it would do.
apt_outcome() {
  case $m_nl$m_out$m_nl in
    *'not fully installed or removed'*) ll_changed ;;
    *"${m_nl}0 upgraded, 0 newly installed, 0 to remove and "*" not upgraded.$m_nl"*) ;;
    *) ll_changed ;;
  esac
  [ "$ll_check" ] || return 0
  m_plan=$(printf '%s\n' "$m_out" | awk '$1 == "Inst" { v = $3 ~ /^\[/ ? $4 : $3; sub(/^\(/, "", v); print $2, v }
    $1 == "Remv" || $1 == "Purg" { print $2, "absent" }')
  apt_lines "$m_plan"
  for m_line in $m_lines; do
    IFS=$m_ifs
    case $m_line in
      *' absent') ll_predict package "${m_line%% *}" absent ;;
      *' '*) ll_predict package "${m_line%% *}" "${m_line#* }" ;;
    esac
  done
}

# SPEC...: what was asked for by name is not to be removed as a leftover
apt_manual() {
  [ -r /var/lib/apt/extended_states ] || return 0
  m_auto=" $(awk '/^Package:/ { p = $2 } /^Auto-Installed: 1/ { print p }' /var/lib/apt/extended_states | tr '\n' ' ')"
  m_marks=
  for m_each; do
    apt_split "$m_each"
    case $m_auto in *" ${m_name%%:*} "*) m_marks="$m_marks $m_name" ;; esac
  done
  [ "$m_marks" ] || return 0
  m_said=$(apt-mark manual $m_marks 2>&1) || ll_fail "'apt-mark manual$m_marks' failed: $m_said"
}

# SPEC...: state absent
apt_absent() {
  set -f
  apt_expand "$@"
  set -- $m_list
  apt_query "$@"
  m_todo='' m_guess=
  for m_spec; do
    apt_split "$m_spec"; apt_status "$m_name"
    case $m_state:$m_purge in
      installed:*)
        [ "$m_version" = '?' ] || apt_matches || continue
        if [ "$ll_check" ] && ll_predicted package "$m_name"; then m_guess="$m_guess $m_name"; else m_todo="$m_todo $m_name"; fi
        ;;
      config-files:1 | half*:* | unpacked:* | triggers*:*) m_todo="$m_todo $m_name" ;;
    esac
  done
  for m_each in $m_guess; do ll_changed; ll_predict package "$m_each" absent; done
  [ "$m_todo" ] || return 0
  apt_change apt-get -q -y $m_options ${m_purge:+--purge} ${ll_check:+--simulate} remove $m_todo
  [ "$m_rc" = 0 ] || apt_fail "'apt-get remove$m_todo' failed: $m_err"
  apt_outcome
}

# WORD...: apt-get build-dep, autoremove, dist-upgrade …: whatever it decides
apt_other() {
  set -f
  apt_change apt-get -y $m_options ${ll_check:+--simulate} "$@"
  [ "$m_rc" = 0 ] || apt_fail "'apt-get $*' failed: $m_err"
  apt_outcome
}

# VERB: aptitude where it is installed, as Ansible does
apt_aptitude() {
  set -f
  apt_change aptitude -y $m_options ${ll_check:+--simulate} "$1"
  [ "$m_rc" = 0 ] || apt_fail "'aptitude $1' failed: $m_err"
  case $m_nl$m_out in *"${m_nl}0 packages upgraded, 0 newly installed"*) ;; *) ll_changed ;; esac
}

apt_autoclean() {
  apt_run apt-get -y $m_options ${ll_check:+--simulate} autoclean
  [ "$m_rc" = 0 ] || apt_fail "'apt-get autoclean' failed: $m_err"
  case $m_nl$m_out in *"${m_nl}Del "*) ll_changed ;; esac
}

apt_clean() {
  [ "$ll_check" ] && return
  apt_run apt-get clean
  [ "$m_rc" = 0 ] || apt_fail "apt-get clean failed: $m_err"
}

# FILE-OR-URL...: packages from files, with what they depend on
apt_deb() {
  set -f
  m_todo='' m_table=''
  for m_deb; do
    case $m_deb in
      *://*)
        ll_temp; m_file=$ll_tmp.deb; m_url=$m_deb
        apt_run /usr/lib/apt/apt-helper download-file "$m_url" "$m_file"
        [ "$m_rc" = 0 ] || apt_fail "Unable to install package: $m_url could not be downloaded: $m_err"
        ;;
      *)
        ll_home "$m_deb"; m_deb=$ll_path
        ll_read "$m_deb" || ll_fail "Unable to install package: E:Could not open file $m_deb - open (2: No such file or directory)"
        m_file=$ll_at
        # apt takes a file for a package by its name
        case $m_file in /*.deb) ;; *) ll_temp; m_link=$ll_tmp.deb; ln -s "$m_file" "$m_link"; m_file=$m_link ;; esac
        ;;
    esac
    m_field=$(dpkg-deb -f "$m_file" Package Version Architecture 2>&1) ||
      ll_fail "Unable to install package: $m_deb is not a Debian package: $m_field"
    m_package=$(printf '%s\n' "$m_field" | sed -n 's/^Package: //p')
    m_dversion=$(printf '%s\n' "$m_field" | sed -n 's/^Version: //p')
    m_darch=$(printf '%s\n' "$m_field" | sed -n 's/^Architecture: //p')
    apt_query "$m_package"
    case $m_darch in all | "$m_native") m_key=$m_package ;; *) m_key=$m_package:$m_darch ;; esac
    apt_status "$m_key"
    if [ "$m_state" = installed ] && dpkg --compare-versions "$m_version" eq "$m_dversion"; then continue; fi
    m_todo="$m_todo $m_file"
  done
  [ -z "$m_todo" ] || apt_install
}

# COMMAND... : with a policy-rc.d that ends with m_policy, which decides whether a service starts on installation
apt_with_policy() (
  m_rc_d=/usr/sbin/policy-rc.d m_kept=''
  if [ -e "$m_rc_d" ]; then
    m_kept=/usr/sbin/.policy-rc.d.lamplighter
    mv -f "$m_rc_d" "$m_kept" || exit 1
  fi
  trap 'if [ "$m_kept" ]; then mv -f "$m_kept" "$m_rc_d"; else rm -f "$m_rc_d"; fi' EXIT
  printf '#!/bin/sh\nexit %s\n' "$m_policy" >"$m_rc_d" || exit 1
  chmod 0755 "$m_rc_d" || exit 1
  "$@"
)

# What the last apt-get said, and the age of the lists
apt_end() {
  if [ "$m_ran" ]; then ll_ret stdout "$m_out"; ll_ret stderr "$m_err"; fi
  [ -z "$m_updated" ] || ll_ret cache_updated 1
  [ "$m_time" ] || apt_cache_time
  ll_ret cache_update_time "$m_time"
}
