# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that the steps set
#
# Users and groups of a host, as they are or as check mode remembers them: /etc/passwd first, then what a directory
# service knows. What check mode remembers of a user is one line, `UID:GID:COMMENT:HOME:SHELL:HASH:MIN:MAX:EXPIRES:GROUPS:.`,
# of a group its number; either number is empty while nobody has chosen it.

a_line() {
  # passwd|shadow|group NAME: sets m_line to its line
  m_line=''
  [ -r "/etc/$1" ] || return 1
  while IFS= read -r m_each || [ -n "$m_each" ]; do
    case $m_each in
    "$2":*)
      m_line=$m_each
      return 0
      ;;
    esac
  done <"/etc/$1"
  return 1
}

a_known() {
  # passwd|group NAME: the same, wherever it is kept; only the host's own files when m_local is set
  a_line "$1" "$2" && return 0
  if [ -n "$m_local" ] || ! ll_has getent; then return 1; fi
  m_line=$(getent "$1" "$2" 2>/dev/null) && [ -n "$m_line" ]
}

a_split() {
  # LINE: its fields as m_1, m_2 … m_10
  m_ifs=$IFS
  IFS=:
  set -f
  # shellcheck disable=SC2086 # the fields are wanted
  set -- $1
  set +f
  IFS=$m_ifs
  m_1=$1 m_2=$2 m_3=$3 m_4=$4 m_5=$5 m_6=$6 m_7=$7 m_8=$8 m_9=$9
  [ "$#" -lt 10 ] || shift 9
  m_10=$1
}

a_user() {
  # NAME: sets u_uid u_gid u_comment u_home u_shell, u_hash u_min u_max u_expires, and u_groups (names, commas between)
  if [ -n "$ll_check" ] && ll_predicted user "$1"; then
    case $ll_value in *:.) ;; *) return 1 ;; esac
    a_split "$ll_value"
    u_uid=$m_1 u_gid=$m_2 u_comment=$m_3 u_home=$m_4 u_shell=$m_5 u_hash=$m_6 u_min=$m_7 u_max=$m_8 u_expires=$m_9
    u_groups=$m_10
    return 0
  fi
  a_known passwd "$1" || return 1
  a_split "$m_line:."
  u_uid=$m_3 u_gid=$m_4 u_comment=$m_5 u_home=$m_6 u_shell=$m_7 u_hash=$m_2 u_min='' u_max='' u_expires=''
  case $u_hash in
  ? | '')
    u_hash=''
    if a_line shadow "$1"; then
      a_split "$m_line:."
      u_hash=$m_2 u_min=$m_4 u_max=$m_5 u_expires=$m_8
    fi
    ;;
  esac
  u_groups=''
  while IFS=: read -r m_1 m_2 m_3 m_4; do
    case ,$m_4, in *,"$1",*) u_groups=$u_groups${u_groups:+,}$m_1 ;; esac
  done </etc/group
}

a_predict_user() {
  # NAME: as the variables u_… say
  ll_predict user "$1" "$u_uid:$u_gid:$u_comment:$u_home:$u_shell:$u_hash:$u_min:$u_max:$u_expires:$u_groups:."
}

a_group() {
  # NAME-OR-NUMBER: sets g_name and g_gid
  g_name=$1 g_gid=''
  case $1 in
  '' | *[!0-9]*) ;;
  *)
    while IFS=: read -r m_1 m_2 m_3 m_4; do
      if [ "$m_3" = "$1" ]; then
        g_name=$m_1 g_gid=$m_3
        return 0
      fi
    done </etc/group
    ;;
  esac
  if [ -n "$ll_check" ] && ll_predicted group "$1"; then
    g_gid=$ll_value
    [ "$ll_value" != absent ]
    return
  fi
  a_known group "$1" || return 1
  a_split "$m_line"
  g_name=$m_1 g_gid=$m_3
}

a_need_group() {
  # NAME-OR-NUMBER: or the step fails; a package that would be installed by then may bring it
  a_group "$1" && return 0
  if ll_predicted_any package; then return 0; fi
  ll_fail "Group $1 does not exist"
}

a_in() { case ,$2, in *,"$1",*) return 0 ;; esac && return 1; }

a_differs() {
  # KEY BEFORE AFTER: said for the diff
  ll_ret "before.$1" "$2"
  ll_ret "after.$1" "$3"
}

a_run() {
  # COMMAND…: what it says is returned; its failure is the step's
  ll_changed
  [ -z "$ll_check" ] || return 0
  ll_journal_note "the account $m_name"
  ll_temp
  m_out_file=$ll_tmp
  ll_temp
  LC_ALL=C "$@" >"$m_out_file" 2>"$ll_tmp" 3>&-
  m_rc=$?
  m_out=$m_out$(cat "$m_out_file")
  m_err=$m_err${m_err:+$m_nl}$(cat "$ll_tmp")
  [ "$m_rc" != 0 ] || return 0
  ll_ret rc "$m_rc"
  ll_fail "${m_err:-$1 ended with status $m_rc}"
}

a_start() {
  m_out='' m_err='' m_nl='
'
}

a_said() {
  [ -z "$m_out" ] || ll_ret stdout "$m_out$m_nl"
  [ -z "$m_err" ] || ll_ret stderr "$m_err$m_nl"
}

a_field() {
  # passwd|group NAME NUMBER VALUE: where there is no usermod or groupmod, the field is written into the file itself
  ll_temp
  m_value=$4 awk -F: -v OFS=: -v name="$2" -v n="$3" '$1 == name { $n = ENVIRON["m_value"] } { print }' "/etc/$1" >"$ll_tmp"
  ll_write "$ll_tmp" "/etc/$1"
}
