# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments of the steps
#
# Lines of sources.list, after ansible/modules/apt_repository.py of 2.14, and what follows a change. It goes with apt.sh.

r_main() {
  # m_source is the line, m_file where it goes when no file has it yet
  command -v apt-get >/dev/null || ll_fail 'Module apt_repository is not supported on target.'
  export m_source m_state
  m_found='' m_touched=''
  r_files
  while IFS= read -r m_each; do r_file "$m_each"; done <"$m_list"
  if [ "$m_state" = present ] && [ -z "$m_found" ]; then r_add; fi
  if [ -n "$ll_did" ] && [ -n "$m_update" ]; then r_update; fi
}

r_files() {
  # m_list: sources.list and the lists beside it, a line each
  if [ -d /etc/apt/sources.list.d ] || [ -n "$ll_check" ]; then ll_tree /etc/apt/sources.list.d; else ll_temp; fi
  m_list=$ll_tmp.lists
  {
    printf '%s\n' /etc/apt/sources.list
    grep '^/etc/apt/sources.list.d/[^/]*\.list$' "$ll_tmp" | sort
  } >"$m_list"
}

r_file() {
  # FILE: enables or takes out the line there
  ll_read "$1" || return 0
  m_old=$ll_at
  ll_temp
  m_new=$ll_tmp
  m_seen=$(r_edit "$m_old" "$m_new")
  case $m_seen in found) m_found=1 ;; changed) m_found=1 ;; *) return 0 ;; esac
  [ "$m_seen" = changed ] || return 0
  ll_diff "$1" "$m_old" "$m_new"
  r_keep "$1" "$m_old"
  if [ -s "$m_new" ]; then ll_write "$m_new" "$1"; else ll_remove "$1"; fi
}

r_edit() {
  # OLD NEW: the lines as Ansible writes them again; says found, changed or none
  m_out=$2 awk '
    function write(enabled, source, comment) {
      print (enabled ? "" : "# ") source (comment != "" ? " # " comment : "") > ENVIRON["m_out"]
    }
    {
      line = $0
      gsub(/^[ \t\r]+|[ \t\r]+$/, "", line)
      enabled = 1; comment = ""
      if (substr(line, 1, 1) == "#") { enabled = 0; line = substr(line, 2) }
      at = index(line, "#")
      if (at > 1) { comment = substr(line, at + 1); gsub(/^[ \t]+|[ \t]+$/, "", comment); line = substr(line, 1, at - 1) }
      gsub(/^[ \t]+|[ \t]+$/, "", line)
      n = split(line, word, " ")
      if (n && (word[1] == "deb" || word[1] == "deb-src")) {
        line = word[1]
        for (i = 2; i <= n; i++) line = line " " word[i]
        if (line "" == ENVIRON["m_source"]) {
          found = 1
          if (ENVIRON["m_state"] == "absent") { if (enabled) { changed = 1; next } }
          else if (!enabled) { enabled = 1; changed = 1 }
        }
      }
      write(enabled, line, comment)
    }
    END { print changed ? "changed" : found ? "found" : "none" }' "$1"
}

r_add() {
  ll_temp
  m_new=$ll_tmp m_mode_of_new=''
  if ll_read "$m_file"; then
    m_old=$ll_at
    cat "$m_old" >"$m_new"
    if [ -s "$m_new" ] && [ -n "$(tail -c 1 "$m_new")" ]; then printf '\n' >>"$m_new"; fi
  else
    m_old=/dev/null m_mode_of_new=0644
  fi
  printf '%s\n' "$m_source" >>"$m_new"
  ll_diff "$m_file" "$m_old" "$m_new"
  ll_above "$m_file"
  ll_mkdir "$ll_up"
  r_keep "$m_file" "$m_old"
  ll_write "$m_new" "$m_file" "${m_mode:-$m_mode_of_new}"
}

r_keep() {
  # FILE OLD: what was there, for the case that apt cannot work with what is to come
  m_touched=$((${m_touched:-0} + 1))
  eval "m_path_$m_touched=\$1"
  eval "m_kept_$m_touched="
  [ "$2" != /dev/null ] || return 0
  ll_temp
  cat "$2" >"$ll_tmp"
  eval "m_kept_$m_touched=\$ll_tmp"
}

r_update() {
  # A list that cannot be fetched puts everything back.
  apt_begin
  if [ -n "$ll_check" ]; then
    ll_predict command apt-update would-run
    return 0
  fi
  (apt_update 0) && return 0
  m_n=$m_touched
  while [ "${m_n:-0}" -gt 0 ]; do
    eval "m_each=\$m_path_$m_n m_back=\$m_kept_$m_n"
    if [ -n "$m_back" ]; then ll_write "$m_back" "$m_each"; else ll_remove "$m_each"; fi
    m_n=$((m_n - 1))
  done
  # The update has said what was wrong.
  # shellcheck disable=SC2034 # ll_end reads it
  ll_how=1
  exit 1
}
