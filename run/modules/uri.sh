# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/uri.ts sets
#
# uri on the host, after ansible/modules/uri.py of 2.14. It goes with http.sh and content.sh.

u_skipped() {
  # PATH absent|present: `removes` and `creates`
  [ -n "$1" ] || return 1
  ll_home "$1"
  ll_stat "$ll_path"
  case $2:$ll_kind in
  absent:absent) ll_ret skipped "skipped, since '$ll_path' does not exist" ;;
  absent:* | present:absent) return 1 ;;
  *) ll_ret skipped "skipped, since '$ll_path' exists" ;;
  esac
}

u_dest() {
  # m_dest, m_dir when it is a directory, m_there when the file is there
  m_dest='' m_dir='' m_there=''
  [ -n "$1" ] || return 0
  ll_home "$1"
  m_dest=$ll_path
  ll_stat "$m_dest" follow
  case $ll_kind in directory) m_dir=1 ;; file) m_there=1 ;; esac
  ll_ret mtime "$ll_mtime"
}

u_ask() {
  # BODY, a file or nothing
  ll_temp
  m_got=$ll_tmp
  set -- ${1:+"data-binary = \"@$1\""}
  if [ -n "$m_there" ] && [ -z "$m_force" ]; then set -- "$@" "time-cond = \"$m_dest\""; fi
  h_curl "$m_got" "$@"
  ll_ret by curl
  h_told
  if [ "$m_code" = 000 ]; then
    ll_ret why "${m_why:-no connection}"
    return 0
  fi
  u_keep
}

u_keep() {
  # m_got is the body of the answer m_code
  m_size=$(wc -c <"$m_got")
  if [ -z "$m_dest" ] || [ -n "$m_content" ] || [ "$m_size" -le 1048576 ]; then ll_ret_bytes body "$m_got"; fi
  if [ -z "$m_dest" ] || [ "$m_code" = 304 ]; then return 0; fi
  case " $m_statuses " in *" $m_code "*) ;; *) return 0 ;; esac
  if [ -n "$m_dir" ]; then
    m_name=$(tr -d '\r' <"$m_head" | sed -n 's/^[Cc]ontent-[Dd]isposition:.*[Ff]ilename="\{0,1\}\([^";]*\).*/\1/p' | tail -n 1)
    m_name=${m_name##*/}
    if [ -z "$m_name" ]; then
      m_name=${m_final%%[?#]*} m_name=${m_name#*://}
      case $m_name in */*) m_name=${m_name##*/} ;; *) m_name='' ;; esac
    fi
    m_dest=${m_dest%/}/${m_name:-index.html}
  fi
  ll_ret path "$m_dest"
  m_new=$m_got m_sha1=''
  ll_stat "$m_dest" follow
  if c_matches; then
    ll_attributes "$m_dest" "$m_mode" "$m_owner" "$m_group"
    ll_flags "$m_dest" "$m_flags"
  else
    ll_resolve "$m_dest"
    m_dest=$ll_path
    c_replace
  fi
  ll_changed
  ll_stat "$m_dest"
  ll_ret_stat
}
