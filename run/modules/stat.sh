# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables ll_… are the runtime's, m_… the arguments that tasks/stat.ts sets
#
# All that Ansible's stat returns, after ansible/modules/stat.py of 2.14.

s_look() {
  # PATH
  ll_home "$1"
  m_path=$ll_path
  ll_ret path "$m_path"
  ll_stat "$m_path" "$m_follow"
  if [ "$ll_kind" = absent ]; then
    if ll_may_come "$m_path"; then ll_unknown "$m_path may come with a package that is not installed yet"; fi
    ll_keep exists 0
    return 0
  fi
  ll_keep exists 1
  case $ll_kind in
  directory) ll_keep isdir 1 ;;
  file) ll_keep isreg 1 ;;
  link) ll_keep islnk 1 ;;
  esac
  ll_ret_stat
  m_kind=$ll_kind m_real=$m_path
  if [ -n "$ll_check" ] && [ -d "$ll_mem/t" ]; then
    ll_look "$m_path" "$m_follow"
    if [ "$ll_from" = memory ]; then
      s_predicted
      return 0
    fi
    m_real=$ll_p
  fi
  s_more
  s_access "$m_real"
  s_link
  if [ "$m_kind" = file ] && [ -r "$m_real" ]; then s_sums; fi
  if [ -n "$m_mime" ] && ll_has file; then
    ll_ret mime "$(file --mime-type --mime-encoding "$m_real" 2>/dev/null)"
  fi
  if [ -n "$m_attributes" ] && ll_has lsattr; then
    ll_ret lsattr "$(lsattr -vd "$m_real" 2>/dev/null)"
  fi
}

s_more() {
  # What ll_stat does not say. Only GNU's stat knows fractions of a second.
  m_flag=''
  if [ -n "$m_follow" ]; then m_flag=L; fi
  if ll_can stat; then
    m_times='%X %Y %Z'
    if ll_can copyattr; then m_times='%.9X %.9Y %.9Z'; fi
    ll_ret more "$(stat ${m_flag:+-L} -c "%d %b %B %o %t %T $m_times" -- "$m_real" 2>/dev/null)"
  else
    ll_warn 'the host has no stat(1): atime, ctime, blocks and device are not known'
  fi
}

s_access() {
  m_access=''
  if [ -r "$1" ]; then m_access=r; fi
  if [ -w "$1" ]; then m_access=${m_access}w; fi
  if [ -x "$1" ]; then m_access=${m_access}x; fi
  ll_ret access "$m_access"
}

s_link() {
  [ "$m_kind" = link ] || return 0
  ll_ret target "$ll_target"
  ll_resolve "$m_path"
  ll_ret source "$ll_path"
}

s_sums() {
  if [ -n "$m_md5" ]; then
    ll_hash md5 "$m_path"
    ll_ret md5 "$ll_sum"
  fi
  if [ -n "$m_checksum" ]; then
    ll_hash "$m_algorithm" "$m_path"
    ll_ret checksum "$ll_sum"
  fi
}

s_predicted() {
  # Check mode's memory: as root it can be read and written, otherwise by its owner's bits.
  ll_ret predicted 1
  if [ "$ll_me" = 0 ]; then
    case $ll_kind$ll_mode in directory* | *[1357]* | *[1357]? | *[1357]??) ll_ret access rwx ;; *) ll_ret access rw ;; esac
  else
    m_access=''
    case $ll_mode in ?[4567]??) m_access=r ;; esac
    case $ll_mode in ?[2367]??) m_access=${m_access}w ;; esac
    case $ll_mode in ?[1357]??) m_access=${m_access}x ;; esac
    ll_ret access "$m_access"
  fi
  s_link
  if [ "$m_kind" = file ]; then s_sums; fi
}
