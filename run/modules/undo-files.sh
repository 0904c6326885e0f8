# shellcheck shell=sh disable=SC2154,SC2034,SC2086
# Files, links and directories of an undo: is one as the run left it, as it was before, or as somebody else made it since?

# u_entries: judges, or puts back, one path. Nothing is done where it is as before.
undo_file() {
  set -- $u_entries
  u_first=$1
  undo_load "$1"
  u_path=$e_path
  ll_stat "$u_path"
  undo_is_before && u_before=1 || u_before=''
  if [ -n "$u_judging" ]; then
    [ -n "$u_before" ] || undo_judge "$@"
    case $e_action in remove) undo_load "$u_first"; [ "$e_kind" != directory ] || u_gone="$u_gone$e_path/$u_nl" ;; esac
    return 0
  fi
  # A directory that is there again may still lack what was in it.
  if [ -n "$u_before" ] && [ "$e_action:$e_kind" != remove:directory ]; then return 0; fi
  case $e_kind in
  absent) undo_to_absent ;;
  file) undo_to_file ;;
  link)
    undo_say_kind link
    ll_link "$e_target" "$u_path"
    undo_done
    ;;
  directory) undo_to_directory ;;
  *) undo_left "$u_path: a $e_kind" ;;
  esac
}

undo_done() {
  u_did=1
  undo_put "$u_path"
  case $u_path in /etc/systemd/* | /lib/systemd/* | /usr/lib/systemd/* | /run/systemd/*) u_reload=1 ;; esac
}

# The state that ll_stat said, against the one before: content, mode and owners
undo_is_before() {
  [ "$ll_kind" = "$e_kind" ] || return 1
  case $ll_kind in
  absent) return 0 ;;
  link) [ "$ll_target" = "$e_target" ]; return ;;
  file) if [ "$e_action" != attributes ]; then undo_content_is "$e_before" || return 1; fi ;;
  esac
  undo_owned_as "$e_mode $e_uid $e_gid"
}

# HASH
undo_content_is() {
  case $1 in
  -) return 1 ;;
  sha1:*) ll_hash sha1 "$u_path" ;;
  *) ll_hash sha256 "$u_path" ;;
  esac && [ "$ll_sum" = "${1#sha1:}" ]
}

# MODE UID GID, each `-` where it is not known
undo_owned_as() {
  for u_pair in "${1%% *}=$ll_mode" "$(undo_second $1)=$ll_uid" "${1##* }=$ll_gid"; do
    case $u_pair in -=*) ;; *) [ "${u_pair%%=*}" = "${u_pair#*=}" ] || return 1 ;; esac
  done
}

undo_second() { printf %s "${2:--}"; }

# ENTRY…: is the path as one of them left it? Content and owners may come from different ones.
undo_judge() {
  u_content='' u_owned='' u_only_owned=1
  for u_entry; do
    undo_load "$u_entry"
    case $e_action in
    write) u_only_owned=''; [ "$ll_kind" != file ] || ! undo_content_is "$e_after" || u_content=1; undo_owned_as "$e_to" && u_owned=1 ;;
    remove) u_only_owned=''; [ "$ll_kind" != absent ] || u_content=1 u_owned=1 ;;
    mkdir) u_only_owned=''; [ "$ll_kind" != directory ] || u_content=1 u_owned=1 ;;
    link)
      u_only_owned=''
      if [ "$e_after" != - ]; then [ "$ll_kind" != file ] || ! undo_content_is "$e_after" || u_content=1
      else [ "$ll_kind:$ll_target" != "link:$e_to" ] || u_content=1; fi
      u_owned=1
      ;;
    attributes) undo_owned_as "$e_to" && u_owned=1 ;;
    esac
  done
  undo_load "$1"
  if [ "$ll_kind" = "$e_kind" ]; then
    undo_owned_as "$e_mode $e_uid $e_gid" && u_owned=1
    case $e_kind in file) ! undo_content_is "$e_before" || u_content=1 ;; esac
  fi
  if [ -n "$u_only_owned" ] && [ "$ll_kind" = "$e_kind" ]; then u_content=1; fi
  [ -z "$u_content" ] || [ -z "$u_owned" ] || return 0
  if [ "$ll_kind" = absent ]; then
    # It went with its directory, which is put back first.
    u_each=$u_gone
    while [ -n "$u_each" ]; do
      case $u_path in "${u_each%%"$u_nl"*}"*) return 0 ;; esac
      u_each=${u_each#*"$u_nl"}
    done
  fi
  undo_conflict "$u_path"
}

undo_say_kind() {
  # KIND: what the path would be, for the diff
  [ -z "$ll_diff" ] || printf 'A%s\0state\0%s\0%s\0' "$u_path" "$ll_kind" "$1" >&3
}

undo_to_absent() {
  if [ "$ll_kind" = directory ]; then
    ll_tree "$u_path"
    if [ -s "$ll_tmp" ]; then
      undo_left "$u_path: not empty, it holds $(sed -n 1p "$ll_tmp")"
      return 0
    fi
    ll_stat "$u_path"
  fi
  if [ "$ll_kind" = file ]; then
    undo_private
    ll_read "$u_path" && undo_diff "$ll_at" /dev/null
    ll_stat "$u_path"
  else undo_say_kind absent; fi
  ll_remove "$u_path"
  undo_done
}

undo_to_file() {
  case $ll_kind in
  directory)
    undo_left "$u_path: a directory is in its place"
    return 0
    ;;
  file)
    if [ "$e_action" = attributes ] || undo_content_is "$e_before"; then
      ll_set_attributes "$u_path" "$(undo_known "$e_mode")" "$(undo_known "$e_uid")" "$(undo_known "$e_gid")"
      undo_done
      return 0
    fi
    ;;
  absent) if [ "$e_action" = attributes ]; then undo_left "$u_path: it is not there any more"; return 0; fi ;;
  esac
  if [ "$e_pre" != file ] || [ ! -f "$u_pre" ]; then
    undo_left "$u_path: its content was too big to keep"
    return 0
  fi
  undo_private
  case $ll_mode in *[4567]) ;; *) [ "$ll_kind" = absent ] || u_private=1 ;; esac
  if ll_read "$u_path"; then undo_diff "$ll_at" "$u_pre"; else undo_diff /dev/null "$u_pre"; fi
  ll_write "$u_pre" "$u_path" "$(undo_known "$e_mode")" "$(undo_known "$e_uid")" "$(undo_known "$e_gid")"
  undo_done
}

undo_known() { case $1 in - | '') ;; *) printf %s "$1" ;; esac; }

# Who may not read a file is not shown it in a diff either.
undo_private() {
  u_private=''
  case $e_mode in *[4567] | - | '') ;; *) u_private=1 ;; esac
  case $e_kind in absent) case $ll_mode in *[4567]) ;; *) u_private=1 ;; esac ;; esac
}

# BEFORE_FILE AFTER_FILE
undo_diff() {
  if [ -z "$u_private" ]; then ll_diff "$u_path" "$1" "$2"; return 0; fi
  [ -z "$ll_diff" ] || printf 'D%s\0\0private\0%s\0%s\0' "$u_path" "$ll_mark" "$ll_mark" >&3
}

undo_to_directory() {
  if [ "$e_action" = attributes ]; then
    if [ "$ll_kind" = absent ]; then undo_left "$u_path: it is not there any more"; return 0; fi
    ll_set_attributes "$u_path" "$(undo_known "$e_mode")" "$(undo_known "$e_uid")" "$(undo_known "$e_gid")"
    undo_done
    return 0
  fi
  case $ll_kind in
  absent)
    undo_say_kind directory
    ll_mkdir "$u_path" "$e_mode" "$e_uid" "$e_gid"
    undo_done
    ;;
  directory) ll_set_attributes "$u_path" "$e_mode" "$e_uid" "$e_gid" ;;
  *)
    undo_left "$u_path: a $ll_kind is in its place"
    return 0
    ;;
  esac
  if [ "$e_pre" = tar ] && [ -f "$u_pre" ]; then undo_unpack; else undo_left "$u_path: what was in it was too big to keep"; fi
}

# The tar of a directory, into the present one
undo_unpack() {
  ll_temp
  u_from=$ll_tmp.d
  mkdir "$u_from"
  ll_try tar -xpf "$u_pre" -C "$u_from" || ll_fail "cannot read what was kept of $u_path: $ll_why"
  ll_temp
  find "$u_from" -mindepth 1 ! -name '*
*' -print | sort >"$ll_tmp"
  while IFS= read -r u_source <&5; do
    u_to=$u_path${u_source#"$u_from"}
    ll_stat_real "$u_source"
    u_m=$ll_mode u_u=$ll_uid u_g=$ll_gid u_k=$ll_kind u_t=$ll_target
    case $u_k in
    directory) ll_mkdir "$u_to" "$u_m" "$u_u" "$u_g" ;;
    link) ll_link "$u_t" "$u_to" ;;
    file)
      if ll_same "$u_source" "$u_to"; then ll_attributes "$u_to" "$u_m" "$u_u" "$u_g" nofollow
      else ll_write "$u_source" "$u_to" "$u_m" "$u_u" "$u_g"; fi
      ;;
    *) undo_left "$u_to: a $u_k" ;;
    esac
  done 5<"$ll_tmp"
  rm -rf "$u_from"
}
