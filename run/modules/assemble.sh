# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/assemble.ts sets
#
# assemble of a directory of the host, after ansible/modules/assemble.py of 2.14. It goes with content.sh.

a_source() {
  # PATH: sets m_src, and m_names to a file with the names in it, sorted by their bytes
  ll_home "$1"
  m_src=$ll_path
  ll_stat "$m_src" follow
  case $ll_kind in
  directory) ;;
  absent)
    if ll_may_come "$m_src"; then ll_unknown "$m_src may come with a package that is not installed yet"; fi
    ll_fail "Source ($m_src) does not exist"
    ;;
  *) ll_fail "Source ($m_src) is not a directory" ;;
  esac
  ll_resolve "$m_src"
  m_top=${ll_path%/}
  ll_tree "$ll_path"
  m_tree=$ll_tmp
  ll_temp
  m_names=$ll_tmp
  while IFS= read -r m_each; do
    m_each=${m_each#"$m_top"/}
    case $m_each in */*) ;; *) printf '%s\n' "$m_each" ;; esac
  done <"$m_tree" | LC_ALL=C sort >"$m_names"
}

a_match() {
  # PATTERN: leaves the names that match
  ll_temp
  m_regexp=$1 LC_ALL=C awk 'BEGIN { re = ENVIRON["m_regexp"] "" } $0 ~ re' "$m_names" >"$ll_tmp"
  m_names=$ll_tmp
}

a_join() {
  # HIDDEN: makes m_new of the files; m_delimiter is a format for printf that ends in a line feed, or empty
  ll_temp
  m_new=$ll_tmp m_open='' m_between=''
  while IFS= read -r m_each; do
    if [ -n "$1" ]; then case $m_each in .*) continue ;; esac fi
    ll_stat "$m_top/$m_each" follow
    [ "$ll_kind" = file ] || continue
    ll_read "$m_top/$m_each" || ll_fail "cannot read $m_top/$m_each"
    [ -z "$m_open" ] || echo >>"$m_new"
    # shellcheck disable=SC2059 # it is a format
    if [ -n "$m_between" ] && [ -n "$m_delimiter" ]; then printf "$m_delimiter" >>"$m_new"; fi
    cat "$ll_at" >>"$m_new"
    m_between=1 m_open=1
    if [ "$(($(tail -c 1 "$ll_at" | wc -l)))" = 1 ]; then m_open=''; fi
  done <"$m_names"
}

a_install() {
  # DEST: puts m_new there if its content is another; a link is replaced, as Ansible's rename does
  ll_home "$1"
  m_dest=$ll_path
  ll_ret src "$m_src"
  ll_ret dest "$m_dest"
  ll_hash md5 "$m_new"
  ll_ret md5 "$ll_sum"
  ll_hash sha1 "$m_new"
  ll_ret sha1 "$ll_sum"
  ll_stat "$m_dest" follow
  case $ll_kind in directory) ll_fail "attempted to take checksum of directory: $m_dest" ;; esac
  if ll_read "$m_dest" && ll_same "$ll_at" "$m_new"; then
    ll_attributes "$m_dest" "$m_mode" "$m_owner" "$m_group"
    ll_flags "$m_dest" "$m_flags"
    ll_stat "$m_dest"
    ll_ret_stat
    return 0
  fi
  c_replace
  if [ -n "$m_validate" ] && [ -z "$ll_check" ]; then
    ll_ret_file stdout "$m_out"
    ll_ret_file stderr "$m_errors"
  fi
}
