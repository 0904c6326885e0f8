# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables ll_… are the runtime's, m_… the arguments that content.ts sets
#
# Puts a content where a task wants it: what copy, template and the modules that edit files share. After
# ansible/plugins/action/copy.py and ansible/modules/copy.py of 2.14.

c_variables() {
  m_mode='' m_owner='' m_group='' m_flags='' m_unsafe='' m_directory_mode='' m_follow='' m_force='' m_backup='' m_validate=''
  m_checksum=''
}

c_dest() {
  # DEST NAME: sets m_dest; in a directory it is the file NAME there, or a failure when there is no name
  ll_home "$1"
  m_dest=$ll_path
  case $m_dest in
  */)
    m_dest=$m_dest$2
    ll_above "$m_dest"
    ll_mkdir "$ll_up" "$m_directory_mode" "$m_owner" "$m_group"
    ;;
  esac
  ll_stat "$m_dest" follow
  if [ "$ll_kind" = directory ]; then
    [ -n "$2" ] || ll_fail 'can not use content with a dir as dest'
    m_dest=${m_dest%/}/$2
  fi
}

c_matches() {
  # Whether the file at m_dest, of which ll_stat just spoke, has the content of m_new, or the hash m_sha1.
  [ "$ll_kind" = file ] && ll_read "$m_dest" || return 1
  if [ -n "$m_new" ] && ! { [ -n "$m_sha1" ] && ll_seen c "$ll_at"; }; then ll_same "$ll_at" "$m_new"; else
    ll_hash sha1 "$m_dest"
    [ "$ll_sum" = "$m_sha1" ]
  fi
}

c_install() {
  ll_stat "$m_dest"
  if [ "$ll_kind" = link ] && [ -n "$m_follow" ]; then
    ll_resolve "$m_dest"
    m_dest=$ll_path
    ll_stat "$m_dest"
  fi
  ll_ret dest "$m_dest"
  case $ll_kind in
  absent | file | link) ;;
  *) ll_fail "$m_dest is a $ll_kind: refusing to replace it" ;;
  esac
  if [ "$ll_kind" != absent ] && [ -z "$m_force" ]; then
    ll_ret kept 1
    ll_ret_stat
    return 0
  fi
  if c_matches; then
    ll_set_attributes "$m_dest" "$m_mode" "$m_owner" "$m_group"
    ll_flags "$m_dest" "$m_flags"
    if [ -n "$ll_did" ]; then ll_stat "$m_dest"; fi
    ll_ret_stat
    return 0
  fi
  if [ -z "$m_new" ]; then
    # The content is still to come, on a channel of its own.
    ll_need_above "$m_dest"
    ll_upload_beside "$m_dest"
    ll_ret upload "$ll_path"
    return 0
  fi
  if [ -n "$m_checksum" ] && [ "$m_checksum" != "$m_sha1" ]; then
    ll_ret checksum "$m_sha1"
    ll_ret expected_checksum "$m_checksum"
    ll_fail 'Copied file does not match the expected checksum. Transfer failed.'
  fi
  c_replace
}

c_replace() {
  # m_dest gets the content of m_new, whatever it was.
  ll_need_above "$m_dest"
  if [ -n "$ll_diff" ]; then
    if ll_read "$m_dest"; then ll_diff "$m_dest" "$ll_at" "$m_new"; else ll_diff "$m_dest" /dev/null "$m_new"; fi
  fi
  if [ -n "$m_backup" ] && ll_read "$m_dest"; then
    ll_backup "$m_dest"
    ll_ret backup_file "$ll_value"
  fi
  if [ -n "$m_validate" ] && [ -z "$ll_check" ]; then c_check; fi
  # shellcheck disable=SC2034 # ll_write reads it
  ll_unsafe=$m_unsafe
  ll_write "$m_new" "$m_dest" "$m_mode" "$m_owner" "$m_group" "$m_sha1"
  ll_flags "$m_dest" "$m_flags"
  ll_stat "$m_dest"
  ll_ret copied 1
  ll_ret_stat
}

c_check() {
  # Runs the command that judges the new content, with the owner and mode that the file will have.
  ll_temp
  m_out=$ll_tmp
  ll_temp
  m_errors=$ll_tmp
  if [ -n "$m_mode" ]; then
    ll_mode_bits "$m_mode" 0600 file
    chmod "$ll_o" "$m_new"
  fi
  if [ -n "$m_owner$m_group" ]; then chown "$m_owner${m_group:+:$m_group}" "$m_new" 2>/dev/null; fi
  (c_validate) >"$m_out" 2>"$m_errors" 3>&- </dev/null
  m_rc=$?
  [ "$m_rc" != 0 ] || return 0
  ll_ret exit_status "$m_rc"
  ll_ret_file stdout "$m_out"
  ll_ret_file stderr "$m_errors"
  ll_fail 'failed to validate'
}
