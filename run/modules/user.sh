# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/user.ts sets
#
# The user module, after ansible/modules/user.py of 2.14 (Linux with useradd, and busybox). It goes with accounts.sh. An
# argument that was not given has an empty m_has_… beside it. Password hashes go through stdin: an argument list is public.

u_main() {
  a_start
  m_tools=''
  if ! command -v "$m_l"useradd >/dev/null && ! ll_predicted_any package; then m_tools=busybox; fi
  "u_$m_state"
  a_said
}

u_absent() {
  a_user "$m_name" || return 0
  a_differs state present absent
  ll_ret removed 1
  if [ -n "$m_tools" ]; then a_run deluser ${m_remove:+--remove-home} "$m_name"; else
    a_run "$m_l"userdel ${m_force:+${m_plain:+-f}} ${m_remove:+-r} "$m_name"
  fi
  [ -n "$ll_check" ] || return 0
  ll_predict user "$m_name" absent
  if a_group "$m_name" && [ "$g_gid" = "$u_gid" ]; then ll_predict group "$m_name" absent; fi
  if [ -n "$m_remove" ]; then ll_remove "$u_home"; fi
}

u_present() {
  if [ -n "$m_local" ] && ! a_line passwd "$m_name"; then
    ll_warn "'local: true' specified and user '$m_name' was not found in /etc/passwd. The local user account may already exist if the local account database exists somewhere other than /etc/passwd."
  fi
  if [ -n "$m_group" ]; then
    a_need_group "$m_group"
    m_primary=$g_gid
  fi
  u_wanted_groups
  if a_user "$m_name"; then
    ll_ret created ''
    u_modify
  else
    ll_ret created 1
    u_create
  fi
  ll_ret uid "$u_uid"
  ll_ret gid "$u_gid"
  ll_ret comment "$u_comment"
  ll_ret home "$u_home"
  ll_ret shell "$u_shell"
  u_home_there
  if [ -n "$m_ssh" ]; then u_ssh_key; fi
  u_ageing
  [ -z "$ll_check" ] || a_predict_user "$m_name"
}

u_wanted_groups() {
  # m_names: the names of `groups`, each of which must be there
  m_names=''
  m_ifs=$IFS
  IFS=,
  set -f
  # shellcheck disable=SC2086 # the names are wanted
  set -- $m_groups
  set +f
  IFS=$m_ifs
  for m_one; do
    a_need_group "$m_one"
    a_in "$g_name" "$m_names" || m_names=$m_names${m_names:+,}$g_name
  done
}

u_create() {
  a_differs state absent present
  m_new_gid=$m_primary
  set --
  if [ -n "$m_uid" ]; then set -- "$@" -u "$m_uid" ${m_non_unique:+-o}; fi
  if [ -n "$m_group" ]; then
    set -- "$@" -g "$m_group"
  elif a_group "$m_name"; then
    # useradd would otherwise want to make one of this name.
    if [ -n "$m_local" ]; then set -- "$@" -n; else set -- "$@" -N; fi
  fi
  u_without "$m_primary" "$m_names"
  if [ -n "$m_plain" ] && [ -n "$m_kept" ]; then set -- "$@" -G "$m_kept"; fi
  if [ -n "$m_has_comment" ]; then set -- "$@" -c "$m_comment"; fi
  if [ -n "$m_home" ]; then
    ll_above "$m_home"
    if [ -n "$m_create_home" ]; then ll_mkdir "$ll_up"; fi
    set -- "$@" -d "$m_home"
  fi
  if [ -n "$m_has_shell" ]; then set -- "$@" -s "$m_shell"; fi
  if [ -n "$m_has_expires" ] && [ -n "$m_plain" ]; then set -- "$@" -e "$m_expires_date"; fi
  if [ -n "$m_create_home" ]; then
    if [ -n "$m_plain" ]; then set -- "$@" -m; fi
    if [ -n "$m_skeleton" ]; then set -- "$@" -k "$m_skeleton"; fi
    if [ -n "$m_umask" ]; then set -- "$@" -K "UMASK=$m_umask"; fi
  else
    set -- "$@" -M
  fi
  if [ -n "$m_system" ]; then set -- "$@" -r; fi
  if [ -n "$ll_check" ]; then u_create_predicted; else
    if [ -n "$m_tools" ]; then u_busybox_create; else a_run "$m_l"useradd "$@" "$m_name"; fi
    if [ -n "$m_has_password" ]; then u_password "${m_lock:+!}$m_password"; fi
    if [ -z "$m_plain" ]; then u_local_groups "$m_names" ''; fi
    if [ -z "$m_plain" ] && [ -n "$m_has_expires" ]; then a_run lchage -E "${m_expires:--1}" "$m_name"; fi
    a_user "$m_name" || ll_fail "failed to look up user name: $m_name"
  fi
}

u_create_predicted() {
  ll_changed
  u_uid=$m_uid u_gid=$m_primary u_comment=$m_comment u_shell=${m_shell:-/bin/sh} u_hash=${m_password:-!}
  u_home=${m_home:-/home/$m_name} u_min='' u_max='' u_expires=$m_expires u_groups=$m_kept
  if [ -z "$m_group" ]; then
    if a_group "$m_name"; then u_gid=''; else ll_predict group "$m_name" ''; fi
  fi
  a_predict_user "$m_name"
}

u_busybox_create() {
  a_run adduser -D ${m_uid:+-u "$m_uid"} ${m_group:+-G "$m_group"} ${m_has_comment:+-g "$m_comment"} \
    ${m_home:+-h "$m_home"} ${m_has_shell:+-s "$m_shell"} ${m_no_home:+-H} ${m_skeleton:+-k "$m_skeleton"} \
    ${m_system:+-S} "$m_name"
  u_busybox_groups "$m_names" ''
}

u_busybox_groups() {
  # ADD REMOVE, commas between
  m_ifs=$IFS
  IFS=,
  # shellcheck disable=SC2086 # the names are wanted
  set -- $1 - $2
  IFS=$m_ifs
  m_verb=addgroup
  for m_one; do
    if [ "$m_one" = - ]; then m_verb=delgroup; else a_run "$m_verb" "$m_name" "$m_one"; fi
  done
}

u_local_groups() {
  m_ifs=$IFS
  IFS=,
  # shellcheck disable=SC2086 # the names are wanted
  set -- $1 - $2
  IFS=$m_ifs
  m_verb=-M
  for m_one; do
    if [ "$m_one" = - ]; then m_verb=-m; else a_run lgroupmod "$m_verb" "$m_name" "$m_one"; fi
  done
}

u_without() {
  # GID NAMES: sets m_kept to the names without that of the group GID
  m_kept=$2
  [ -n "$1" ] || return 0
  m_kept=''
  m_ifs=$IFS
  IFS=,
  # shellcheck disable=SC2086 # the names are wanted
  set -- "$1" $2
  IFS=$m_ifs
  m_skip=$1
  shift
  for m_one; do
    a_group "$m_one"
    [ "$g_gid" = "$m_skip" ] || m_kept=$m_kept${m_kept:+,}$m_one
  done
}

u_less() {
  # NAMES NAMES: sets m_kept to those of the first that are not among the second
  m_kept='' m_second=$2
  m_ifs=$IFS
  IFS=,
  # shellcheck disable=SC2086 # the names are wanted
  set -- $1
  IFS=$m_ifs
  for m_one; do a_in "$m_one" "$m_second" || m_kept=$m_kept${m_kept:+,}$m_one; done
}

u_field() {
  # KEY VALUE: whether u_KEY is to become VALUE; then it is, and the diff tells
  eval "m_old=\$u_$1"
  [ "$m_old" != "$2" ] || return 1
  a_differs "$1" "$m_old" "$2"
  m_was=$m_old
  eval "u_$1=\$2"
}

u_modify() {
  m_same=1 m_rename='' m_add='' m_drop=''
  set --
  if [ -n "$m_uid" ] && u_field uid "$m_uid"; then set -- "$@" -u "$m_uid" ${m_non_unique:+-o}; fi
  if [ -n "$m_group" ] && [ "$m_primary" != "$u_gid" ] && u_field gid "$m_primary"; then set -- "$@" -g "$m_primary"; fi
  if [ -n "$m_has_groups" ]; then
    u_less "$m_names" "$u_groups"
    m_add=$m_kept
    if [ -z "$m_append" ]; then
      u_less "$u_groups" "$m_names"
      m_drop=$m_kept
    fi
    if [ -n "$m_add$m_drop" ]; then
      m_after=$m_names
      if [ -n "$m_append" ]; then m_after=$u_groups${u_groups:+,}$m_add; fi
      u_field groups "$m_after"
      if [ -n "$m_append" ]; then set -- "$@" -a; fi
      if [ -n "$m_plain" ]; then set -- "$@" -G "$m_names"; fi
    fi
  fi
  if [ -n "$m_has_comment" ] && u_field comment "$m_comment"; then set -- "$@" -c "$m_comment"; fi
  if [ -n "$m_home" ] && u_field home "$m_home"; then
    m_old_home=$m_was
    set -- "$@" -d "$m_home" ${m_move_home:+-m}
    if [ -n "$m_move_home" ]; then m_rename=1; fi
  fi
  if [ -n "$m_has_shell" ] && u_field shell "$m_shell"; then set -- "$@" -s "$m_shell"; fi
  if [ -n "$m_has_expires" ] && [ "${u_expires:--1}" != "${m_expires:--1}" ] && u_field expires "$m_expires"; then
    if [ -n "$m_plain" ]; then set -- "$@" -e "$m_expires_date"; else a_run lchage -E "${m_expires:--1}" "$m_name"; fi
  fi
  m_set=''
  u_lock
  if [ -n "$m_has_password" ] && [ -n "$m_always" ] && [ "$(u_bare "$u_hash")" != "$(u_bare "$m_password")" ]; then
    m_set=1 m_lock_flag=''
    u_hash=${m_lock:+!}$m_password
    a_differs password 'the old one' 'the new one'
  fi
  if [ -n "$m_lock_flag" ]; then set -- "$@" "$m_lock_flag"; fi
  if [ -n "$ll_check" ]; then
    if [ "$#" -gt 0 ] || [ -n "$m_set" ]; then ll_changed; fi
    if [ -n "$m_rename" ]; then u_move_predicted; fi
    return 0
  fi
  if [ "$#" -gt 0 ]; then
    if [ -n "$m_tools" ]; then u_busybox_modify; else a_run "$m_l"usermod "$@" "$m_name"; fi
  fi
  if [ -n "$m_set" ]; then u_password "$u_hash"; fi
  if [ -z "$m_plain" ] && [ -n "$m_add$m_drop" ]; then u_local_groups "$m_add" "$m_drop"; fi
}

u_bare() { printf '%s.' "$1" | sed 's/^!*//'; }

u_lock() {
  # m_lock_flag: what usermod is to be given; a user without a password cannot be unlocked, and usermod says so
  m_lock_flag=''
  case $m_lock$m_unlock:$u_hash in
  1:!*)
    if [ -n "$m_unlock" ]; then
      m_lock_flag=-U
      a_differs password_lock true false
      u_hash=${u_hash#!}
    fi
    ;;
  1:*)
    if [ -n "$m_lock" ]; then
      m_lock_flag=-L
      a_differs password_lock false true
      u_hash=!$u_hash
    fi
    ;;
  esac
}

u_password() {
  # HASH
  ll_changed
  ll_temp
  if ! printf '%s:%s\n' "$m_name" "$1" | LC_ALL=C chpasswd -e >"$ll_tmp" 2>&1 3>&-; then
    ll_fail "cannot set the password of $m_name: $(cat "$ll_tmp")"
  fi
}

u_busybox_modify() {
  # busybox changes groups and passwords alone; the rest are fields of its file.
  ll_changed
  u_busybox_groups "$m_add" "$m_drop"
  m_n=3
  for m_value in "$u_uid" "$u_gid" "$u_comment" "$u_home" "$u_shell"; do
    a_line passwd "$m_name"
    a_split "$m_line:."
    eval "m_now=\$m_$m_n"
    if [ "$m_now" != "$m_value" ]; then a_field passwd "$m_name" "$m_n" "$m_value"; fi
    m_n=$((m_n + 1))
  done
  if [ -n "$m_rename" ] && [ -d "$m_old_home" ] && [ ! -e "$u_home" ]; then a_run mv "$m_old_home" "$u_home"; fi
  if [ -n "$m_lock_flag" ]; then u_password "$u_hash"; fi
  if [ -n "$m_has_expires" ]; then ll_warn 'the host has no usermod: when the account expires is left as it is'; fi
}

u_move_predicted() {
  # What is below stays unknown to what comes after.
  ll_stat "$m_old_home"
  m_kind=$ll_kind m_mode=$ll_mode
  ll_stat "$u_home"
  if [ "$m_kind" = directory ] && [ "$ll_kind" = absent ]; then
    ll_remove "$m_old_home"
    ll_mkdir "$u_home" "$m_mode" "$m_name"
  fi
}

u_home_there() {
  # A home that is missing is made as useradd would.
  m_dir=${m_home:-$u_home}
  if [ -z "$m_create_home" ] || [ -z "$m_dir" ]; then return 0; fi
  ll_stat "$m_dir" follow
  [ "$ll_kind" = absent ] || return 0
  ll_above "$m_dir"
  ll_mkdir "$ll_up"
  u_home_mode
  ll_mkdir "$m_dir" "$m_mode" "$m_name" "$u_gid"
  m_from=${m_skeleton:-/etc/skel}
  if [ -z "$ll_check" ] && [ -d "$m_from" ]; then
    ll_try cp -R -P -p -- "$m_from/." "$m_dir" || ll_fail "$ll_why"
    ll_try chown -R -h -- "$u_uid:$u_gid" "$m_dir" || ll_fail "$ll_why"
    ll_try chmod -- "$m_mode" "$m_dir" || ll_fail "$ll_why"
  fi
}

u_home_mode() {
  # m_mode, by /etc/login.defs; a user that is being made gets HOME_MODE from useradd, others what Ansible gives them
  m_mode='' m_file_umask=022
  if [ -r /etc/login.defs ]; then
    while read -r m_1 m_2 m_3; do
      case $m_1 in
      UMASK) m_file_umask=$m_2 ;;
      HOME_MODE) if [ -n "$ll_check" ]; then m_mode=$m_2; fi ;;
      esac
    done </etc/login.defs
  fi
  if [ -z "$m_mode" ]; then
    ll_octal $((511 & ~0$m_file_umask))
    m_mode=$ll_o
  fi
}

u_ageing() {
  set --
  if [ -n "$m_min" ] && u_field min "$m_min"; then set -- "$@" -m "$m_min"; fi
  if [ -n "$m_max" ] && u_field max "$m_max"; then set -- "$@" -M "$m_max"; fi
  [ "$#" = 0 ] || a_run chage "$@" "$m_name"
}

u_ssh_key() {
  case $m_ssh_file in
  /*) m_key=$m_ssh_file ;;
  *) m_key=$u_home/$m_ssh_file ;;
  esac
  ll_above "$m_key"
  m_dir=$ll_up
  ll_ret ssh_key_file "$m_key"
  ll_stat "$m_key" follow
  m_there=$ll_kind
  ll_stat "$m_key.pub" follow
  if [ "$m_there$ll_kind" != absentabsent ]; then
    if [ -z "$m_force" ]; then
      m_what='private file "'$m_key'"'
      if [ "$m_there" = absent ]; then m_what='public file "'$m_key.pub'"'; fi
      ll_warn "Found existing ssh key $m_what, no force, so skipping ssh-keygen generation"
      u_ssh_told
      return 0
    fi
    ll_warn "Overwriting existing ssh key private file \"$m_key\""
  fi
  a_differs ssh_key "$m_there" present
  if [ -n "$ll_check" ]; then
    ll_changed
    ll_mkdir "$m_dir" 0700 "$m_name"
    for m_each in "$m_key" "$m_key.pub"; do
      ll_stat "$m_each"
      ll_set_stat 'file' 0600 '' '' "$m_name" '' '' '' '' 1
      ll_w_uid=$m_name ll_w_gid='' ll_w_mode=''
      ll_look "$m_each"
      ll_remember none
    done
    return 0
  fi
  ll_above "$m_dir"
  [ -d "$ll_up" ] || ll_fail "User $m_name home directory does not exist"
  ll_mkdir "$m_dir" 0700 "$u_uid" "$u_gid"
  command -v ssh-keygen >/dev/null || ll_fail 'Failed to find required executable "ssh-keygen" in paths'
  ll_remove "$m_key"
  ll_remove "$m_key.pub"
  m_name_of_host=$(uname -n)
  set -- -q -t "$m_ssh_type" ${m_ssh_bits:+-b "$m_ssh_bits"} -C "${m_ssh_comment:-ansible-generated on $m_name_of_host}" -f "$m_key"
  ll_temp
  if [ -n "$m_has_passphrase" ]; then
    # Asked for on stdin, twice.
    printf '%s\n%s\n' "$m_passphrase" "$m_passphrase" >"$ll_tmp"
    a_run u_from "$ll_tmp" ssh-keygen "$@"
  else
    a_run ssh-keygen "$@" -N ''
  fi
  chown "$u_uid:$u_gid" "$m_key" "$m_key.pub"
  u_ssh_told
}

u_from() (
  m_in=$1
  shift
  "$@" <"$m_in"
)

u_ssh_told() {
  if ll_read "$m_key" && m_print=$(ssh-keygen -l -f "$m_key" 2>/dev/null); then ll_ret ssh_fingerprint "$m_print"; fi
  if ll_read "$m_key.pub"; then ll_ret_file ssh_public_key "$ll_at"; fi
}
