# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables of the other files
#
# Looking ahead: one program for all steps that travel together, where each would start its own.
#
# What is looked at ahead is kept in variables until something changes, or may have: ll_aID_N a path that the step ID will
# look at, ll_bID_N what stat(1) says of it, ll_cID_N its SHA-1, ll_dID_N its text.

ll_ahead() {
  # ID PATH … . : looks, by one program for all of them, at what the steps behind will look at; an ID with an `s` for the
  # SHA-1 as well, with a `t` for the text, where the file is small.
  # shellcheck disable=SC2086 # the words are wanted
  unset ll_fresh $ll_looks
  ll_looks='' ll_w_stats='' ll_w_sums='' ll_w_texts='' ll_w_last=''
  while [ "$#" -gt 1 ]; do
    if [ -e "$2" ]; then
      case $1 in "$ll_w_last") ll_w_slot=$((ll_w_slot + 1)) ;; *) ll_w_slot=1 ;; esac
      ll_w_last=$1 ll_w_key=${1%[st]}_$ll_w_slot
      eval "ll_a$ll_w_key=\$2"
      ll_looks="$ll_looks ll_a$ll_w_key ll_b$ll_w_key ll_c$ll_w_key ll_d$ll_w_key"
      ll_w_stats="$ll_w_stats $ll_w_key"
      case $1 in
      *s) ll_w_sums="$ll_w_sums $ll_w_key" ;;
      *t) ll_w_texts="$ll_w_texts $ll_w_key" ;;
      esac
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
    if ll_is_small "$ll_w_key" 65536; then set -- "$@" "$ll_w_key"; fi
  done
  if [ "$#" != 0 ] && ll_has sha1sum; then ll_ask c 'sha1sum --' "$@"; fi
  ll_w_last=''
  for ll_w_key in $ll_w_texts; do
    if ll_is_small "$ll_w_key" 4096; then ll_ask_text "$ll_w_key"; fi
  done
  return 0
}

ll_is_small() {
  # KEY BYTES: whether it is a file of at most so many; sets ll_value to how many
  eval "ll_w_seen=\$ll_b$1"
  case $ll_w_seen in 0x8*) ;; *) return 1 ;; esac
  ll_value=${ll_w_seen#*:}
  ll_value=${ll_value%%:*}
  [ "$ll_value" -le "$2" ]
}

ll_ask_text() {
  # KEY: a shell reads byte by byte, which costs less than a program up to some thousands of them. Steps that edit one file
  # stand together. A text is known only where all of it is (ll_value bytes): a shell drops NULs, and what is behind the last
  # line feed. One that counts characters knows those of ASCII alone.
  eval "ll_w_path=\$ll_a$1"
  case $ll_w_path in
  "$ll_w_last") ;;
  *)
    ll_w_last=$ll_w_path ll_w_text='' ll_line=''
    [ "$ll_value" != 0 ] && [ -r "$ll_w_path" ] || return 0
    while IFS= read -r ll_line; do ll_w_text=$ll_w_text$ll_line$ll_nl; done <"$ll_w_path"
    [ "${#ll_w_text}" = "$ll_value" ] || ll_w_text=''
    ;;
  esac
  eval "ll_d$1=\$ll_w_text"
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

# A step may bring a test which tells by what was seen ahead that it has nothing to do, and says by ll_ret and at last by ll_keep
# what the step would. It runs in the session's own shell, without a fork and without files: builtins alone, and no change. An
# error of syntax would end the session, so tests are made of quoted words.

ll_settle() {
  # ID FLAGS TEST: whether the test holds; then ll_told is what the step says
  case $2 in
  # A limit needs a watchdog.
  *:*) return 1 ;;
  *c*)
    # What check mode remembers is not on the host.
    [ ! -d "$ll_mem/t" ] || return 1
    ll_check=1
    ;;
  esac
  ll_id=$1 ll_settling=1
  ll_test "$3"
  ll_w_x=$?
  ll_settling='' ll_check=''
  [ "$ll_w_x" = 0 ] || ll_told=''
  return "$ll_w_x"
}

ll_test() { eval "$1"; }

ll_fits() {
  # KIND [MODE OWNER GROUP SHA1]: whether what the step looks at first was seen as it shall be: a directory, a file of one name,
  # or either (`any`). MODE has four digits, owners are names; what is empty does not matter.
  [ -n "$ll_fresh" ] || return 1
  eval "ll_w_seen=\$ll_b${ll_id}_1"
  [ -n "$ll_w_seen" ] || return 1
  ll_stat_line "$ll_w_seen"
  case $1:$ll_kind:$ll_nlink in directory:directory:* | any:directory:* | file:file:1 | any:file:1) ;; *) return 1 ;; esac
  case ${2:-"$ll_mode"}:${3:-"$ll_user"}:${4:-"$ll_group"} in "$ll_mode:$ll_user:$ll_group") ;; *) return 1 ;; esac
  [ -n "$5" ] || return 0
  eval "ll_w_seen=\$ll_c${ll_id}_1"
  [ "$ll_w_seen" = "$5" ]
}

ll_ahead_text() {
  # Sets ll_value to the text of the file that the step looks at first
  eval "ll_value=\$ll_d${ll_id}_1"
  [ -n "$ll_value" ]
}

# PATH: whether there is nothing, not even a link to nothing
ll_gone() { [ ! -e "$1" ] && [ ! -L "$1" ]; }

# KEY: returns the path that the step looks at first
ll_ret_seen() { eval "ll_ret $1 \"\$ll_a${ll_id}_1\""; }

ll_found() {
  # KEY KIND [MODE OWNER GROUP SHA1]: as ll_fits; returns the path as KEY, and what it is
  ll_w_x=$1
  shift
  ll_fits "$@" || return 1
  ll_ret_seen "$ll_w_x"
  ll_ret_stat
}
