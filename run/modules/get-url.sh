# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/get_url.ts sets
#
# get_url on the host, after ansible/modules/get_url.py of 2.14. It goes with http.sh and content.sh.

g_start() {
  # DEST: m_dest, m_dir when it is a directory, m_there when the file is there
  ll_home "$1"
  m_dest=$ll_path m_dir='' m_there=''
  ll_stat "$m_dest" follow
  case $ll_kind in
  directory) m_dir=1 ;;
  absent) ;;
  *) m_there=1 ;;
  esac
  ll_ret dest "$m_dest"
}

g_have() {
  # Is what is there good enough? Then the attributes are all that is left to do.
  if [ -z "$m_there" ] || [ -n "$m_force" ] || [ -z "$m_sum" ]; then return 1; fi
  ll_hash "$m_algorithm" "$m_dest"
  if [ "$ll_sum" != "$m_sum" ]; then
    m_force=1
    return 1
  fi
  g_attributes
  if [ -n "$ll_did" ]; then ll_ret note 'file already exists but file attributes changed'; else ll_ret note 'file already exists'; fi
  ll_stat "$m_dest"
  ll_ret_stat
}

g_attributes() {
  ll_attributes "$m_dest" "$m_mode" "$m_owner" "$m_group"
  ll_flags "$m_dest" "$m_flags"
}

g_room() {
  # m_got: where the download goes, not into memory: it may be big
  m_got=$(mktemp "${m_tmp_dest:-/var/tmp}/.lamplighter.XXXXXX" 2>/dev/null) || {
    ll_temp
    m_got=$ll_tmp
  }
}

g_fetch() {
  # By the host's own program; status 1 when it has none.
  m_by=''
  case $m_url in
  file:*) command -v curl >/dev/null && m_by=curl ;;
  *) if command -v curl >/dev/null; then m_by=curl; elif command -v wget >/dev/null && h_gnu_wget; then m_by=wget; fi ;;
  esac
  [ -n "$m_by" ] || return 1
  ll_ret by "$m_by"
  g_room
  if [ "$m_by" = curl ]; then
    set --
    if [ -n "$m_there" ] && [ -z "$m_force" ]; then set -- "time-cond = \"$m_dest\""; fi
    if [ -n "$ll_check" ]; then set -- "$@" 'max-filesize = 1048576'; fi
    h_curl "$m_got" "$@"
  else
    m_since=''
    if [ -n "$m_there" ] && [ -z "$m_force" ]; then
      m_since="If-Modified-Since: $(LC_ALL=C date -u -r "$m_dest" '+%a, %d %b %Y %H:%M:%S GMT')"
    fi
    h_wget "$m_got" "$m_since"
  fi
  h_told
  g_judge
}

g_judge() {
  # Ends the step unless there is something to install.
  if [ "$m_code" = 304 ]; then
    rm -f "$m_got"
    ll_ret unmodified 1
    m_got=''
    return 0
  fi
  if [ "$m_rc" = 63 ] && [ -n "$ll_check" ]; then
    rm -f "$m_got"
    m_got=''
    g_name
    h_unknown_content "$m_dest" "$m_mode" "$m_owner" "$m_group"
    return 0
  fi
  case $m_url:$m_code:$m_rc in
  *:200:0 | [fF][iI][lL][eE]:*:0 | ftp:*:226:0) return 0 ;;
  esac
  rm -f "$m_got"
  if [ "$m_code" = 000 ]; then
    if [ -n "$ll_check" ]; then ll_unknown "$m_url does not answer: ${m_why:-no connection}"; fi
    ll_fail "Request failed: ${m_why:-no connection}"
  fi
  ll_fail 'Request failed'
}

g_name() {
  # In a directory the server names the file, or the URL does.
  [ -n "$m_dir" ] || return 0
  m_name=''
  if [ -n "$m_head" ]; then
    m_name=$(tr -d '\r' <"$m_head" | sed -n 's/^ *[Cc]ontent-[Dd]isposition:.*[Ff]ilename="\{0,1\}\([^";]*\).*/\1/p' | tail -n 1)
    m_name=${m_name##*/}
  fi
  if [ -z "$m_name" ]; then
    m_name=${m_final%%[?#]*}
    m_name=${m_name#*://}
    case $m_name in */*) m_name=${m_name##*/} ;; *) m_name='' ;; esac
  fi
  m_dest=${m_dest%/}/${m_name:-index.html}
  ll_ret dest "$m_dest"
}

g_install() {
  # m_got is what was fetched
  g_name
  ll_hash sha1 "$m_got"
  m_src_sum=$ll_sum
  ll_ret checksum_src "$ll_sum"
  if ll_hash sha1 "$m_dest"; then ll_ret checksum_dest "$ll_sum"; else
    ll_above "$m_dest"
    ll_stat "$ll_up" follow
    if [ "$ll_kind" != directory ] && ! ll_predicted_any package; then
      rm -f "$m_got"
      ll_fail "Destination $ll_up does not exist"
    fi
  fi
  m_dest_sum=$ll_sum
  if [ -n "$m_sum" ]; then
    ll_hash "$m_algorithm" "$m_got"
    if [ "$ll_sum" != "$m_sum" ]; then
      rm -f "$m_got"
      ll_fail "The checksum for $m_got did not match $m_sum; it was $ll_sum."
    fi
  fi
  ll_hash md5 "$m_got"
  ll_ret md5sum "$ll_sum"
  m_size=$(wc -c <"$m_got")
  ll_ret size "$((m_size))"
  if [ "$m_src_sum" = "$m_dest_sum" ]; then
    g_attributes
    ll_stat "$m_dest"
    ll_ret_stat
  else
    m_new=$m_got
    ll_resolve "$m_dest"
    m_dest=$ll_path
    c_replace
  fi
  rm -f "$m_got"
}
