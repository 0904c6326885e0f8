# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… what http-step.ts and its modules set
#
# HTTP by the host's own programs. h_… sets m_rc and m_why (what went wrong), m_code (000: no answer), m_final (the URL in the
# end), m_head (a file with the headers).

h_new() {
  # Sets m_head and the file of the request.
  ll_temp
  m_head=$ll_tmp
  ll_temp
  m_said=$ll_tmp
  ll_temp
  m_request=$ll_tmp
}

h_curl() {
  # OUT [OPTIONS…], lines of a configuration of curl
  h_new
  m_out=$1
  shift
  printf '%s\n' "$m_config" 'write-out = "%{http_code} %{url_effective}"' "output = \"$m_out\"" \
    "dump-header = \"$m_head\"" "$@" >"$m_request"
  m_why=$(curl -q -K "$m_request" 2>&1 >"$m_said" 3>&-)
  m_rc=$?
  m_code='' m_final=''
  read -r m_code m_final <"$m_said"
  m_code=${m_code:-000}
  m_why=${m_why#curl: }
}

h_wget() {
  # OUT [HEADER]
  h_new
  printf '%s\n' "$m_wgetrc" >"$m_request"
  [ -z "$2" ] || printf 'header = %s\n' "$2" >>"$m_request"
  printf '%s\n' "$m_url" >"$m_said"
  WGETRC=$m_request wget -q -S --content-on-error -O "$1" -i "$m_said" 2>"$m_head" 3>&-
  m_rc=$?
  m_final=$(sed -n 's/^ *Location: *\([^ ]*\).*/\1/p' "$m_head" | tail -n 1)
  m_final=${m_final:-$m_url}
  m_code=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9]*\).*/\1/p' "$m_head" | tail -n 1)
  m_code=${m_code:-000}
  m_why=$(grep -v '^ ' "$m_head" | tail -n 1)
}

h_gnu_wget() { case $(wget --version 2>/dev/null) in *'GNU Wget'*) return 0 ;; esac && return 1; }

h_told() {
  ll_ret code "$m_code"
  ll_ret url "$m_final"
  ll_ret_file headers "$m_head"
}

h_unknown_content() {
  # PATH MODE OWNER GROUP: check mode remembers a file there whose content nobody knows yet
  ll_changed
  ll_set_stat 'file' '' '' '' '' '' '' '' '' 1
  ll_new_file_stat 438
  ll_want "$2" "$3" "$4"
  ll_look "$1"
  rm -rf "$ll_n"
  ll_kind='file'
  ll_remember none
}
