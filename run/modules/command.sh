# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… those of command-step.ts
#
# What `command`, `shell`, `raw` and `script` do around the command itself.

# Runs next: what it changes cannot be put back.
x_note() {
  ll_changed
  ll_journal_note 'a command'
}

x_enter() {
  # PATH: `chdir`, which may be a directory that only check mode's memory knows; sets m_dir
  ll_home "$1"
  m_dir=$ll_path
  ll_stat "$m_dir" follow
  case $ll_kind in
  absent) ll_fail "Unable to change directory before execution: [Errno 2] No such file or directory: b'$m_dir'" ;;
  directory)
    [ -z "$ll_check" ] || return 0
    # As Python changes directory: a program is told where it really is.
    CDPATH='' cd -P -- "$m_dir" 2>/dev/null ||
      ll_fail "Unable to change directory before execution: [Errno 13] Permission denied: b'$m_dir'"
    m_dir=$PWD
    ;;
  *) ll_fail "Unable to change directory before execution: [Errno 20] Not a directory: b'$m_dir'" ;;
  esac
}

x_skips() {
  # present|absent PATH: whether `creates` or `removes` (a path or a pattern, seen from chdir, as check mode remembers it)
  # says that nothing is to be done
  ll_home "$2"
  ll_w_where=$ll_path ll_w_found=absent
  case $ll_w_where in /*) ;; *) ll_w_where=${m_dir:-$PWD}/$ll_w_where ;; esac
  case $ll_w_where in
  *[*?[]*)
    ll_w_split=$IFS
    IFS=''
    for ll_w_each in $ll_w_where; do
      IFS=$ll_w_split
      ll_there "$ll_w_each" && ll_w_found=present
    done
    IFS=$ll_w_split
    ;;
  *)
    ll_there "$ll_w_where" && ll_w_found=present
    ;;
  esac
  [ "$ll_w_found" = "$1" ] || return 1
  ll_ret outcome "$1"
  ll_ret path "$ll_path"
  ll_ret check "$ll_check"
  ll_keep rc 0
  ll_tells=1
}

x_would() {
  # unknown|change: what a dry run says where the command would run
  [ -n "$ll_check" ] || return 1
  ll_ret outcome would-run
  case $1 in unknown) ll_unknown 'Command would have run if not in check mode' ;; esac
  ll_changed
}

x_explain() {
  # PROGRAM: Python could not have started a program that is not there: Ansible says errno and the name, with rc 2 or 13.
  case $m_rc in 126 | 127) ;; *) return 0 ;; esac
  case $1 in
  */*) m_at=$(
    [ -z "$m_dir" ] || CDPATH='' cd -- "$m_dir" || exit
    if [ -d "$1" ]; then echo 13; elif [ -x "$1" ]; then :; elif [ -e "$1" ]; then echo 13; else echo 2; fi
  ) ;;
  *) case $(command -v -- "$1" 2>/dev/null) in /*) m_at='' ;; *) m_at=2 ;; esac ;;
  esac
  [ -n "$m_at" ] || return 0
  m_rc=$m_at
  ll_ret errno "$m_at"
  ll_ret program "b'$1'"
}

x_end() {
  ll_keep rc "$m_rc"
  ll_ret rc "$m_rc"
  [ "$m_rc" = 0 ] || ll_fail 'non-zero return code'
}
