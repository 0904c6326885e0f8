# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables of the other files
#
# Looking ahead: one program for all steps that travel together, where each would start its own.
#
# What is looked at ahead is kept in variables until something changes, or may have: ll_aID_N a path that the step ID will
# look at, ll_bID_N what stat(1) says of it, ll_cID_N its SHA-1.

ll_ahead() {
  # ID PATH … . : looks, by one program for all of them, at what the steps behind will look at; an ID with an `s` for the
  # SHA-1 as well, where the file is small.
  # shellcheck disable=SC2086 # the words are wanted
  unset ll_fresh $ll_looks
  ll_looks='' ll_w_stats='' ll_w_sums='' ll_w_last=''
  while [ "$#" -gt 1 ]; do
    if [ -e "$2" ]; then
      case $1 in "$ll_w_last") ll_w_slot=$((ll_w_slot + 1)) ;; *) ll_w_slot=1 ;; esac
      ll_w_last=$1 ll_w_key=${1%s}_$ll_w_slot
      eval "ll_a$ll_w_key=\$2"
      ll_looks="$ll_looks ll_a$ll_w_key ll_b$ll_w_key ll_c$ll_w_key"
      ll_w_stats="$ll_w_stats $ll_w_key"
      case $1 in *s) ll_w_sums="$ll_w_sums $ll_w_key" ;; esac
    fi
    shift 2
  done
  [ "$1" = . ] || exit 3
  [ -n "$ll_w_stats" ] && [ ! -f "$ll_dir/cannot.stat" ] || return 0
  # shellcheck disable=SC2086 # the words are wanted
  ll_ask b "stat -c '$ll_format' --" $ll_w_stats || return 0
  : >"$ll_dir/can.stat"
  ll_fresh=1
  set --
  for ll_w_key in $ll_w_sums; do
    eval "ll_w_seen=\$ll_b$ll_w_key"
    # A file of at most 64 KB
    case $ll_w_seen in 0x8*) ;; *) continue ;; esac
    ll_w_seen=${ll_w_seen#*:}
    if [ "${ll_w_seen%%:*}" -le 65536 ]; then set -- "$@" "$ll_w_key"; fi
  done
  if [ "$#" != 0 ] && ll_has sha1sum; then ll_ask c 'sha1sum --' "$@"; fi
  return 0
}

ll_ask() {
  # b|c COMMAND KEY…: gives the command the paths of these keys; each line that it answers belongs to one of them
  ll_w_kind=$1 ll_w_command=$2
  shift 2
  ll_w_keys=$*
  for ll_w_key; do ll_w_command="$ll_w_command \"\$ll_a$ll_w_key\""; done
  ll_w_slot=$#
  ll_w_seen=$(eval "$ll_w_command" 2>/dev/null)
  IFS=$ll_nl
  # shellcheck disable=SC2086 # the lines are wanted
  set -- $ll_w_seen
  IFS=$ll_ifs
  [ "$#" = "$ll_w_slot" ] || return 1
  for ll_w_key in $ll_w_keys; do
    case $ll_w_kind in c) ll_w_seen=${1%% *} ll_w_seen=${ll_w_seen#\\} ;; *) ll_w_seen=$1 ;; esac
    eval "ll_$ll_w_kind$ll_w_key=\$ll_w_seen"
    shift
  done
}

ll_seen() {
  # b|c PATH: sets ll_w_seen to what was seen ahead for this step, if nothing can have changed since
  [ -n "$ll_fresh" ] && [ -z "$ll_did" ] || return 1
  ll_w_slot=1
  while eval "ll_w_seen=\$ll_a${ll_id}_$ll_w_slot" && [ -n "$ll_w_seen" ]; do
    if [ "$ll_w_seen" = "$2" ]; then
      eval "ll_w_seen=\$ll_$1${ll_id}_$ll_w_slot"
      [ -n "$ll_w_seen" ]
      return
    fi
    ll_w_slot=$((ll_w_slot + 1))
  done
  return 1
}
