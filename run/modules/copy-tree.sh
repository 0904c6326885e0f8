# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables ll_… are the runtime's, m_… what copy-tree.ts and content.sh set
#
# A whole directory to or on a host. It goes with content.sh.

t_sums() {
  # FILE…: SHA-1 and path of each that is a regular file now, a line each, by one program for all of them.
  if [ -z "$ll_check" ] && ll_has sha1sum; then
    sha1sum -- "$@" 2>/dev/null
    return 0
  fi
  for m_each; do
    ll_stat "$m_each" follow
    if [ "$ll_kind" = file ] && ll_hash sha1 "$m_each"; then printf '%s  %s\n' "$ll_sum" "$m_each"; fi
  done
}

t_modes() {
  # FILE…: mode and path of each, a line each, by one program; nothing where they have to be asked for one by one
  if [ -z "$ll_check" ] && ll_has stat; then stat -c '%a %n' -- "$@" 2>/dev/null; fi
  return 0
}

t_file() {
  # PATH MODE NEW: installs the content of NEW, or without one sees to the attributes alone.
  m_dest=$1 m_mode=$2
  ll_stat "$1"
  if [ -z "$3" ]; then
    ll_set_attributes "$1" "$m_mode" "$m_owner" "$m_group"
    ll_flags "$1" "$m_flags"
    return 0
  fi
  case $ll_kind in
  absent | file | link) ;;
  *) ll_fail "$1 is a $ll_kind: refusing to replace it" ;;
  esac
  if [ "$ll_kind" != absent ] && [ -z "$m_force" ]; then return 0; fi
  m_new=$3
  c_replace
}

t_directory() {
  # PATH: made with directory_mode; one that is there keeps its own, unless directory_mode is given
  ll_mkdir "$1" "$m_directory_mode" "$m_owner" "$m_group"
  ll_attributes "$1" "$m_directory_mode" "$m_owner" "$m_group"
}

t_link() {
  # TARGET PATH
  ll_stat "$2"
  if [ "$ll_kind" = directory ]; then
    ll_tree "$2"
    [ ! -s "$ll_tmp" ] || ll_fail "the directory $2 is not empty, refusing to convert it"
  fi
  ll_link "$1" "$2"
  ll_attributes "$2" '' "$m_owner" "$m_group" nofollow
}

t_remote() {
  # SRC DEST: a directory of the host, its contents when SRC ends in a slash. Files get the mode of their sources.
  m_src=$1
  case $m_src in
  */) m_top=${2%/} m_src=${m_src%/} ;;
  *) m_top=${2%/}/${m_src##*/} ;;
  esac
  ll_mkdir "$m_top" "$m_directory_mode" "$m_owner" "$m_group"
  if [ -n "$m_local_follow" ]; then m_links=follow; else m_links=''; fi
  ll_temp
  m_queue=$ll_tmp
  t_list "$m_src" ''
  while IFS= read -r m_rel; do
    m_from=$m_src/$m_rel
    ll_stat "$m_from" "$m_links"
    # A link that leads nowhere stays one.
    if [ "$ll_kind" = absent ]; then ll_stat "$m_from"; fi
    case $ll_kind in
    directory)
      m_is=$ll_mode
      m_linked=''
      if [ -n "$m_links" ]; then
        ll_stat "$m_from"
        if [ "$ll_kind" = link ]; then m_linked=1; fi
      fi
      ll_stat "$m_top/$m_rel" follow
      if [ "$ll_kind" = absent ]; then ll_mkdir "$m_top/$m_rel" "$m_is" "$m_owner" "$m_group"; fi
      ll_attributes "$m_top/$m_rel" '' "$m_owner" "$m_group"
      if [ -n "$m_linked" ]; then t_inside "$m_rel"; fi
      ;;
    link)
      t_link "$ll_target" "$m_top/$m_rel"
      ;;
    file)
      m_is=$ll_mode
      ll_read "$m_from" || ll_fail "Source $m_from not readable"
      m_new=$ll_at m_dest=$m_top/$m_rel
      ll_stat "$m_dest"
      if c_matches; then t_file "$m_dest" '' ''; else t_file "$m_dest" "$m_is" "$m_new"; fi
      ;;
    esac
  done <"$m_queue"
}

t_list() {
  # DIRECTORY PREFIX: adds the names below it to the queue
  ll_tree "$1"
  sort "$ll_tmp" | while IFS= read -r m_each; do printf '%s%s\n' "$2" "${m_each#"$1"/}"; done >>"$m_queue"
}

t_inside() {
  # A link to a directory is walked as one, unless it leads to where we come from.
  ll_resolve "$m_from"
  case "$m_src/" in "$ll_path"/*) return 0 ;; esac
  t_list "$m_from/." "$1/"
}
