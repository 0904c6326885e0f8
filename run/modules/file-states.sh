# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables ll_… are the runtime's, m_… the arguments that tasks/file.ts sets
#
# The states of `file`, after ansible/modules/file.py of 2.14. m_was is the state before, in Ansible's words.

f_look() {
  ll_stat "$m_path"
  case $ll_kind:$ll_nlink in
    absent:*|link:*|directory:*) m_was=$ll_kind;;
    file:[01]|file:) m_was='file';;
    file:*) m_was=hard;;
    *) m_was='file';;
  esac
}
f_states() { ll_ret before "$m_was" && ll_ret after "$1"; }
f_times() { [ -z "$m_mtime$m_atime" ] || ll_touch "$1" "$m_mtime" "$m_atime"; }
f_done() { if [ "$ll_kind" != absent ]; then ll_ret_stat; fi; }
f_again() { if [ "$ll_did" ]; then ll_stat "$m_path"; fi; f_done; }

f_variables() {
  m_src='' m_mode='' m_owner='' m_group='' m_mtime='' m_atime='' m_follow='' m_force='' m_recurse='' m_flags='' m_state=''
}

f_start() {
  # PATH: which path and which state it is about, where that is not plain.
  if [ "$m_src" ]; then ll_home "$m_src"; m_src=$ll_path; fi
  ll_home "$1"
  m_path=$ll_path
  f_look
  if [ "$m_src" ] && [ "$m_state" != link ] && [ "$m_state" != absent ]; then
    ll_stat "$m_path" follow
    if [ "$ll_kind" = directory ]; then m_path=${m_path%/}/${m_src##*/}; fi
    f_look
  fi
  if [ -z "$m_state" ]; then
    if [ "$m_was" != absent ]; then m_state=$m_was; elif [ "$m_recurse" ]; then m_state=directory; else m_state='file'; fi
  fi
  if [ "$m_recurse" ] && [ "$m_state" != directory ]; then
    ll_ret path "$m_path"; ll_fail "recurse option requires state to be 'directory'"
  fi
  if [ "$m_src" ] && [ "$m_state" != link ] && [ "$m_state" != hard ]; then
    ll_ret path "$m_path"; ll_fail "src option requires state to be 'link' or 'hard'"
  fi
}

f_absent() {
  ll_ret path "$m_path"; ll_ret state absent
  [ "$m_was" != absent ] || return 0
  f_states absent
  if [ "$ll_diff" ] && [ "$m_was" = directory ]; then
    ll_tree "$m_path"
    while IFS= read -r m_each; do
      if [ -d "$m_each" ] && [ ! -L "$m_each" ]; then printf '%s\n' "$m_each" >&4; else printf '%s\n' "$m_each" >&5; fi
    done <"$ll_tmp" 4>"$ll_tmp.d" 5>"$ll_tmp.f"
    ll_ret_file directories "$ll_tmp.d"; ll_ret_file files "$ll_tmp.f"
  fi
  ll_remove "$m_path"
}

f_file() {
  if [ "$m_follow" ] && [ "$m_was" = link ]; then ll_resolve "$m_path"; m_path=$ll_path; f_look; fi
  ll_ret path "$m_path"
  case $m_was in
    file|hard) ;;
    absent)
      if ll_may_come "$m_path"; then
        ll_unknown "$m_path may come with a package that is not installed yet"
      fi
      ll_ret state absent; ll_fail "file ($m_path) is absent, cannot continue";;
    *) ll_ret state "$m_was"; ll_fail "file ($m_path) is $m_was, cannot continue";;
  esac
  if [ "$m_was" != file ]; then f_states file; fi
  ll_set_attributes "$m_path" "$m_mode" "$m_owner" "$m_group"
  ll_flags "$m_path" "$m_flags"
  f_times "$m_path"
  f_again
}

f_directory() {
  if [ "$m_follow" ] && [ "$m_was" = link ]; then ll_resolve "$m_path"; m_path=$ll_path; f_look; fi
  ll_ret path "$m_path"
  case $m_was in
    absent)
      f_states directory
      ll_mkdir "$m_path" "$m_mode" "$m_owner" "$m_group"
      ll_flags "$m_path" "$m_flags"
      f_times "$m_path"
      f_again
      return 0;;
    directory) ;;
    *) ll_fail "$m_path already exists as a $m_was";;
  esac
  ll_set_attributes "$m_path" "$m_mode" "$m_owner" "$m_group"
  ll_flags "$m_path" "$m_flags"
  f_times "$m_path"
  if [ "$m_recurse" ]; then
    m_diff=$ll_diff; ll_diff=
    # Links to directories add to the list while it is read.
    ll_temp
    m_queue=$ll_tmp m_seen=$m_path
    printf '%s\n' "$m_path" >"$m_queue"
    while IFS= read -r m_next; do f_below "$m_next"; done <"$m_queue"
    ll_diff=$m_diff
  fi
  ll_stat "$m_path"
  f_done
}

f_below() {
  ll_tree "$1"
  while IFS= read -r m_each; do
    ll_stat "$m_each"
    if [ "$ll_kind" = link ]; then
      ll_set_attributes "$m_each" '' "$m_owner" "$m_group" nofollow
      [ "$m_follow" ] || continue
      ll_stat "$m_each" follow
      [ "$ll_kind" != absent ] || continue
      m_kind=$ll_kind
      ll_resolve "$m_each"
      ll_attributes "$ll_path" "$m_mode" "$m_owner" "$m_group"
      case "$m_kind $m_seen " in
      directory*" $ll_path "*) ;;
      directory*)
        m_seen="$m_seen $ll_path"
        printf '%s\n' "$ll_path" >>"$m_queue"
        ;;
      esac
    else
      ll_set_attributes "$m_each" "$m_mode" "$m_owner" "$m_group"
      ll_flags "$m_each" "$m_flags"
      f_times "$m_each"
    fi
  done <"$ll_tmp"
}

f_linked() {
  if [ "$m_mode$m_owner$m_group$m_flags$m_mtime$m_atime" ]; then
    ll_stat "$m_path" follow
    if [ "$m_follow" ] && [ "$ll_kind" = absent ]; then
      ll_warn 'Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.'
    elif [ "$m_follow" ]; then
      ll_resolve "$m_path"
      ll_set_attributes "$ll_path" "$m_mode" "$m_owner" "$m_group"
      ll_flags "$ll_path" "$m_flags"
      f_times "$ll_path"
    else
      ll_attributes "$m_path" '' "$m_owner" "$m_group" nofollow
    fi
  fi
}

f_link() {
  if [ -z "$m_src" ] && [ "$m_follow" ] && [ "$m_was" = link ]; then m_src=$ll_target; fi
  m_target=$ll_target
  ll_ret dest "$m_path"; ll_ret src "$m_src"
  if [ "$m_src" ]; then
    case $m_src in
      /*) m_abs=$m_src;;
      *) ll_above "$m_path"; if [ "$m_was" = directory ]; then m_abs=$m_path/$m_src; else m_abs=${ll_up%/}/$m_src; fi;;
    esac
    if [ -z "$m_force" ]; then
      ll_stat "$m_abs" follow
      if [ "$ll_kind" = absent ]; then
        if ll_may_come "$m_abs"; then
          ll_unknown "$m_abs may come with a package that is not installed yet"
        fi
        ll_fail "src file does not exist, use \"force=yes\" if you really want to create the link: $m_abs"
      fi
    fi
  fi
  case $m_was in
    directory)
      [ "$m_force" ] || ll_fail "refusing to convert from $m_was to symlink for $m_path"
      ll_tree "$m_path"
      [ ! -s "$ll_tmp" ] || ll_fail "the directory $m_path is not empty, refusing to convert it";;
    file|hard) [ "$m_force" ] || ll_fail "refusing to convert from $m_was to symlink for $m_path";;
  esac
  if [ "$m_was" = link ]; then
    if [ "$m_src" ] && [ "$m_target" != "$m_src" ]; then ll_ret target "$m_target"; fi
  else
    [ "$m_src" ] || ll_fail 'src is required for creating new symlinks'
    f_states link
  fi
  [ -z "$m_src" ] || ll_link "$m_src" "$m_path"
  f_linked
  ll_stat "$m_path"
  m_kind=$ll_kind
  ll_stat "$m_path" follow
  if [ "$ll_kind" != absent ]; then ll_stat "$m_path"; f_done; fi
}

f_hard() {
  ll_ret dest "$m_path"; ll_ret src "$m_src"
  m_target=$ll_target; m_inode=$ll_inode
  if [ "$m_was" != hard ] && [ -z "$m_src" ]; then ll_fail 'src is required for creating new hardlinks'; fi
  if [ "$m_src" ]; then
    ll_stat "$m_src" follow
    [ "$ll_kind" != absent ] || ll_fail 'src does not exist'
    case $m_was in
      absent) f_states hard;;
      link) f_states hard; if [ "$m_target" != "$m_src" ]; then ll_ret target "$m_target"; fi;;
      hard)
        if [ "$ll_inode" != "$m_inode" ] && [ -z "$m_force" ]; then
          ll_fail 'Cannot link, different hard link exists at destination'
        fi;;
      file)
        f_states hard
        [ "$m_force" ] || ll_fail "Cannot link, $m_was exists at destination";;
      directory)
        f_states hard
        [ "$m_force" ] || ll_fail 'Cannot link: different hard link exists at destination';;
    esac
    ll_hardlink "$m_src" "$m_path"
  fi
  ll_attributes "$m_path" "$m_mode" "$m_owner" "$m_group"
  ll_flags "$m_path" "$m_flags"
  f_times "$m_path"
  ll_stat "$m_path"
  f_done
}

f_touch() {
  ll_ret dest "$m_path"
  f_states touch
  m_target=$m_path
  if [ "$m_follow" ] && [ "$m_was" = link ]; then ll_resolve "$m_path"; m_target=$ll_path; fi
  if [ "$m_was" = absent ]; then
    ll_above "$m_path"
    ll_stat "$ll_up" follow
    if [ "$ll_kind" = absent ] && ! ll_predicted_any package; then
      ll_ret path "$m_path"
      ll_fail "Error, could not touch target: [Errno 2] No such file or directory: b'$m_path'"
    fi
    ll_temp
    ll_write "$ll_tmp" "$m_target" "$m_mode" "$m_owner" "$m_group"
  else
    ll_attributes "$m_target" "$m_mode" "$m_owner" "$m_group"
  fi
  ll_flags "$m_target" "$m_flags"
  if [ "$m_was" != absent ] || [ "$m_mtime$m_atime" != nownow ]; then f_times "$m_target"; fi
  ll_stat "$m_path"
  f_done
}
