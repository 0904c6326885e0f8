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

t_attributes() {
  # FLAG PATH…: mode, owner and group (numbers, then names) and path of each, a line each, by one program; nothing where
  # they have to be asked for one by one. FLAG is -L to follow links, or empty.
  m_flag=$1
  shift
  # shellcheck disable=SC2086 # no word when there is no flag
  if [ -z "$ll_check" ] && ll_can stat; then stat $m_flag -c '%a %u %g %U %G %n' -- "$@" 2>/dev/null; fi
  return 0
}

t_look() {
  # PATH…: a letter for each, in order, from what the shell can tell by itself: d directory (or a link to one), l link,
  # f something else, a absent
  for m_each; do
    if [ -d "$m_each" ]; then
      printf d
    elif [ -L "$m_each" ]; then
      printf l
    elif [ -e "$m_each" ]; then
      printf f
    else
      printf a
    fi
  done
}

t_stage() {
  # DIRECTORY…: a new directory in each, with its default group and rights, for what is about to be sent. What is not
  # installed goes with the session.
  m_stage=.lamplighter.$$.$ll_id.stage
  for m_each; do
    set -- "$@" "$m_each/$m_stage"
    shift
  done
  umask 077
  printf '%s\n' "$@" >>"$ll_dir/stages"
  ll_try mkdir -- "$@" || ll_fail "cannot write there: $ll_why"
  umask "$ll_umask"
  ll_ret stage "$m_stage"
}

t_unstage() {
  # DIRECTORY…
  for m_each; do
    set -- "$@" "$m_each/${m_stage:?}"
    shift
  done
  rm -rf -- "$@"
}

t_install() {
  # Installs what the function t_new_files names, all of it together: files that nothing stands in the way of. The
  # journal first, then owners and modes, then the names; each is on disk before the next begins.
  ll_changed
  ll_set_stat file '' '' '' '' '' '' '' '' 1
  ll_new_file_stat 438
  ll_want '' "$m_owner" "$m_group"
  m_plain=$ll_mode m_uid=$ll_w_uid m_gid=$ll_w_gid m_unsynced=
  m_do=t_absent
  t_new_files
  if ll_open_journal; then
    ll_next_entry
    m_notes=$ll_w_entry.entries ll_part=$ll_w_entry.new
    ll_entry_time
    m_do=t_note
    umask 077
    t_new_files >"$ll_part"
    umask "$ll_umask"
    ll_try dd if=/dev/null "of=$ll_part" conv=fsync,notrunc || ll_no_entry
    ll_try mv -f "$ll_part" "$m_notes" || ll_no_entry
    # shellcheck disable=SC2034 # the runtime removes it where a step fails
    ll_part=''
  fi
  m_do=t_own
  t_new_files
  t_synced
  m_do=t_put
  t_new_files
}

t_new() {
  # DIRECTORY MODE HASHES FILE…: FILEs that stand in the directory's stage; their SHA-1, in one word
  m_dir=$1 m_mode=$2 m_hashes="$3 "
  case $m_dir in /*) m_from=$m_dir/$m_stage ;; *) m_from=$PWD/$m_dir/$m_stage ;; esac
  shift 3
  ll_o=$m_plain
  if [ -n "$m_mode" ]; then ll_mode_bits "$m_mode" "$m_plain" file; fi
  "$m_do" "$@"
}

t_absent() {
  for m_each; do
    if [ -e "$m_dir/$m_each" ] || [ -L "$m_dir/$m_each" ]; then
      ll_fail "$m_dir/$m_each was made by somebody else meanwhile"
    fi
  done
}

t_note() {
  # The head that the entries have in common, then two lines for each
  ll_entry_text 'action write' 'kind absent' 'mode -' 'uid -' 'gid -' 'mtime -' 'target -' 'before -' \
    "to $ll_o ${m_uid:-$ll_me} ${m_gid:--}" 'pre none' || ll_no_entry
  for m_each; do
    ll_count=$((ll_count + 1))
    printf 'after sha1:%s\npath %s\n' "${m_hashes%% *}" "$m_dir/$m_each" || ll_no_entry
    m_hashes=${m_hashes#* }
  done
}

t_own() {
  ll_try t_in "$m_from" touch -- "$@" || ll_fail "cannot write in $m_dir: $ll_why"
  if [ -n "$m_uid$m_gid" ]; then
    ll_try t_in "$m_from" chown -- "$m_uid${m_gid:+:$m_gid}" "$@" || ll_fail "chown failed: $ll_why"
  fi
  ll_try t_in "$m_from" chmod -- "$ll_o" "$@" || ll_fail "chmod failed: $ll_why"
  t_sync "$m_from"
}

t_put() {
  if [ -n "$ll_diff" ]; then
    for m_each; do ll_diff "$m_dir/$m_each" /dev/null "$m_from/$m_each"; done
  fi
  ll_try t_in "$m_from" mv -f -- "$@" .. || ll_fail "cannot write in $m_dir: $ll_why"
}

t_in() (
  # DIRECTORY COMMAND…
  cd "$1" || exit
  shift
  "$@"
)

# Everything below a directory is to be on disk: its file system alone, or all of them at once where sync cannot do that.
t_sync() { sync -f "$1" 2>/dev/null || m_unsynced=1; }

t_synced() {
  if [ -n "$m_unsynced" ]; then sync; fi
  m_unsynced=
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
  # PATH: made with directory_mode, or given it
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
