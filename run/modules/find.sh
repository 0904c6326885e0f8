# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/find.ts sets
#
# What lies below the directories that a task names, for Ansible's find: lists of what stat(1) says of each path, a line
# each, for the controller to choose from.

n_path() {
  # NUMBER PATH: the fields real.N (where it leads), examined.N and list.N, or skipped.N with the reason
  ll_home "$2"
  m_path=$ll_path
  ll_ret "path.$1" "$m_path"
  ll_stat "$m_path" follow
  if [ "$ll_kind" != directory ]; then
    if [ "$ll_kind" = absent ] && ll_may_come "$m_path"; then
      ll_unknown "$m_path may come with a package that is not installed yet"
    fi
    ll_ret "skipped.$1" "'$m_path' is not a directory"
    return 0
  fi
  ll_resolve "$m_path"
  m_real=$ll_path
  ll_ret "real.$1" "$m_real"
  ll_temp
  m_list=$ll_tmp
  if n_remembered "$m_real"; then n_predicted; else n_walk "$1"; fi
  ll_ret "examined.$1" "$m_examined"
  ll_ret_file "list.$1" "$m_list"
}

n_remembered() {
  # PATH: check mode remembers something at or below it
  [ -n "$ll_check" ] && [ -d "$ll_mem/t" ] || return 1
  ll_look "$1" follow
  [ -d "$ll_n" ] || [ "$ll_from" != host ]
}

n_walk() {
  # NUMBER: as the host is. m_depth: how far to look; m_kind, m_hidden and m_names cut the list down.
  ll_temp
  m_all=$ll_tmp
  ll_temp
  m_odd='*
*'
  LC_ALL=C n_find -print >"$m_all" 2>"$ll_tmp"
  m_examined=$(wc -l <"$m_all")
  m_examined=$((m_examined))
  n_denied "$1" <"$ll_tmp"
  if ll_can stat; then
    m_format='%f %d %u %g %U %G %s %X %Y %Z %i %h %n'
    if ll_can copyattr; then m_format='%f %d %u %g %U %G %s %.9X %.9Y %.9Z %i %h %n'; fi
    n_chosen -exec stat -c "$m_format" -- '{}' + >"$m_list" 2>/dev/null
  else
    ll_warn 'the host has no stat(1): atime, ctime and device are not known'
    n_chosen -print 2>/dev/null >"$m_all"
    while IFS= read -r m_each; do
      ll_stat "$m_each"
      n_line "$m_each"
    done <"$m_all" >"$m_list"
  fi
}

n_find() {
  # ACTION…: a name with a line feed cannot stand in the list
  find "${m_follow:--H}" "$m_real" ${m_depth:+-maxdepth "$m_depth"} -mindepth 1 ! -name "$m_odd" "$@"
}

n_chosen() {
  # ACTION…
  if [ -n "$m_kind" ]; then set -- -type "$m_kind" "$@"; fi
  if [ -z "$m_hidden" ]; then set -- ! -name '.*' "$@"; fi
  n_named "$@"
}

n_denied() {
  # NUMBER: what find complains of
  while IFS= read -r m_each; do
    case $m_each in
    *': Permission denied')
      m_each=${m_each#*: } m_each=${m_each%: Permission denied}
      m_each=${m_each#[\'\`]} m_each=${m_each%\'}
      ll_ret "skipped.$1" "[Errno 13] Permission denied: '$m_each'"
      return 0
      ;;
    esac
  done
}

n_predicted() {
  # As check mode remembers it; what is not predicted has all that stat says.
  ll_tree "$m_real"
  m_all=$ll_tmp m_examined=0
  while IFS= read -r m_each; do
    m_rest=${m_each#"${m_real%/}"/} m_level=1
    while case $m_rest in */*) : ;; *) ! : ;; esac do m_rest=${m_rest#*/} m_level=$((m_level + 1)); done
    if [ -n "$m_depth" ] && [ "$m_level" -gt "$m_depth" ]; then continue; fi
    m_examined=$((m_examined + 1))
    ll_stat "$m_each"
    n_line "$m_each"
  done <"$m_all" >"$m_list"
}

n_line() {
  # PATH, of which ll_stat just spoke
  case $ll_kind in
  file) m_bits=32768 ;;
  directory) m_bits=16384 ;;
  link) m_bits=40960 ;;
  block) m_bits=24576 ;;
  char) m_bits=8192 ;;
  fifo) m_bits=4096 ;;
  *) m_bits=49152 ;;
  esac
  printf '%x %s %s %s %s %s %s %s %s %s %s %s %s\n' $((m_bits | 0$ll_mode)) - "${ll_uid:--}" "${ll_gid:--}" \
    "${ll_user:-UNKNOWN}" "${ll_group:-UNKNOWN}" "${ll_size:--}" "${ll_mtime:--}" "${ll_mtime:--}" "${ll_mtime:--}" \
    "${ll_inode:--}" "${ll_nlink:-1}" "$1"
}

n_now() {
  # By the clock that files get their times from.
  ll_temp
  m_now=''
  if ll_can stat && ll_can copyattr; then m_now=$(stat -c %.9Y -- "$ll_tmp"); fi
  ll_ret now "${m_now:-$(date +%s)}"
}

n_contains() {
  # PATH: whether a line of it matches m_regexp from its start on; a carriage return ends a line too
  ll_read "$1" || return 1
  LC_ALL=C awk '
    BEGIN { re = ENVIRON["m_regexp"] "" }
    { sub(/\r$/, ""); n = split($0, part, "\r"); if (n == 0) part[n = 1] = ""
      for (i = 1; i <= n; i++) if (part[i] "\n" ~ re) { found = 1; exit } }
    END { exit !found }' "$ll_at"
}
