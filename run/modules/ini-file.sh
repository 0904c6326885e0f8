# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/ini_file.ts sets
#
# ini_file on the host, after community.general 6. It goes with content.sh.

i_main() {
  # PATH
  ll_home "$1"
  ll_ret path "$ll_path"
  ll_resolve "$ll_path"
  m_dest=$ll_path m_old=/dev/null
  ll_stat "$m_dest"
  case $ll_kind in
  directory) ll_fail "$m_dest is a directory" ;;
  absent)
    if ll_may_come "$m_dest"; then ll_unknown "$m_dest may come with a package that is not installed yet"; fi
    if [ -z "$m_create" ]; then
      ll_ret rc 257
      ll_fail "Destination $m_dest does not exist!"
    fi
    ;;
  *)
    ll_read "$m_dest" || ll_fail "cannot read $m_dest"
    m_old=$ll_at
    ;;
  esac
  ll_temp
  m_new=$ll_tmp
  m_open=''
  if [ -s "$m_old" ] && [ -n "$(tail -c 1 "$m_old")" ]; then m_open=1; fi
  export m_new m_section m_option m_values m_count m_state m_exclusive m_equals m_no_value m_open
  m_verdict=$(i_edit) || ll_fail "awk could not edit $m_dest"
  ll_ret note "${m_verdict#* }"
  case $m_verdict in
  1*)
    ll_above "$m_dest"
    ll_mkdir "$ll_up"
    c_replace
    ;;
  *)
    if [ "$m_old" != /dev/null ]; then
      ll_attributes "$m_dest" "$m_mode" "$m_owner" "$m_group"
      ll_flags "$m_dest" "$m_flags"
    fi
    ;;
  esac
  ll_stat "$m_dest"
  if [ "$ll_kind" != absent ]; then ll_ret_stat; fi
}

i_edit() {
  # m_old -> m_new; says `1 MESSAGE` when it changed, `0 MESSAGE` otherwise
  awk '
    function skip(text) { sub(/^[ \t]+/, "", text); return text }
    # Whether a line sets the option; its value in rest. With loose a comment counts as well.
    function sets(text, loose) {
      if (option == "") return 0
      if (loose) sub(/^[#;]/, "", text)
      text = skip(text)
      if (substr(text, 1, length(option)) "" != option) return 0
      text = skip(substr(text, length(option) + 1))
      if (text == "") { rest = ""; return 1 }
      if (substr(text, 1, 1) != "=") return 0
      rest = skip(substr(text, 2))
      return 1
    }
    function put(i, text) {
      if (S[i] "" != text) { changed = 1; msg = "option changed" }
      S[i] = text; done[i] = 1
    }
    function drop(i,   j) {
      for (j = i; j < size - 1; j++) { S[j] = S[j + 1]; done[j] = done[j + 1] }
      size--
    }
    function add(i, text,   j) {
      for (j = size; j > i; j--) { S[j] = S[j - 1]; done[j] = done[j - 1] }
      S[i] = text; size++; changed = 1; msg = "option added"
    }
    function taken(value,   i) {
      for (i = 1; i <= values; i++) if (V[i] "" == value) return i
      return 0
    }
    function give(i,   j) { for (j = i; j < values; j++) V[j] = V[j + 1]; values-- }
    function assignment(value) { return option ENVIRON["m_equals"] value }
    NR == 1 { sub(/^\357\273\277/, "") }
    { sub(/\r$/, ""); L[++n] = $0 }
    END {
      section = ENVIRON["m_section"] ""; option = ENVIRON["m_option"] ""; state = ENVIRON["m_state"]
      exclusive = ENVIRON["m_exclusive"] != ""; novalue = ENVIRON["m_no_value"] != ""; msg = "OK"
      changed = ENVIRON["m_open"] != ""
      values = 0
      split(ENVIRON["m_values"], given, "\036")
      for (i = 1; i <= ENVIRON["m_count"] + 0; i++) if (!taken(given[i] "")) V[++values] = given[i] ""
      if (!n) L[++n] = ""
      # The section is L[first] to L[last]; before all others there is one without a name.
      found = section == ""; first = 1; last = 0
      if (found) head = 0
      else for (i = 1; i <= n; i++) if (index(L[i], "[" section "]") == 1) { found = 1; head = i }
      if (found && section != "") for (i = 1; i <= n; i++) if (index(L[i], "[" section "]") == 1) { head = i; break }
      if (found) {
        last = n
        for (i = head + 1; i <= n; i++)
          if (index(L[i], "[") == 1) { if (head > 0 && index(L[i], "[" section "]") == 1) { head = i; continue } last = i - 1; break }
        first = head
      }
      # S[0] is the head of the section.
      size = 0
      if (found) { S[size++] = head ? L[head] : "["; for (i = head + 1; i <= last; i++) S[size++] = L[i] }
      plain = 0
      if (state == "present" && option != "") for (i = 0; i < size; i++) if (sets(S[i], 1)) {
        if (values && (k = taken(rest))) {
          if (rest == "" && novalue) { put(i, option); plain = 1 } else put(i, assignment(rest))
          give(k)
        } else if (!values && novalue) { put(i, option); plain = 1; break }
      }
      if (state == "present" && exclusive && !novalue) {
        for (i = 0; i < size && values; i++) if (!done[i] && sets(S[i], 1)) { put(i, assignment(V[1])); give(1) }
        for (i = size - 1; i > 0; i--) if (!done[i] && sets(S[i], 1)) { drop(i); changed = 1; msg = "option changed" }
      }
      if (state == "present" && option != "") for (i = size; i > 0; i--) if (i == 1 || S[i - 1] !~ /^[ \t]*([#;].*)?$/) {
        if (values) for (k = values; k > 0; k--) add(i, assignment(V[k]))
        else if (novalue && !plain) add(i, option)
        break
      }
      if (state == "absent" && option != "") {
        if (exclusive || values) for (i = size - 1; i >= 0; i--) if (sets(S[i], 0) && (exclusive || taken(rest))) {
          drop(i); changed = 1; msg = "option changed"
        }
      } else if (state == "absent" && found) { size = 0; changed = 1; msg = "section removed" }
      out = ENVIRON["m_new"]
      if (found) {
        for (i = 1; i < head; i++) print L[i] > out
        for (i = head ? 0 : 1; i < size; i++) print S[i] > out
        for (i = last + 1; i <= n; i++) print L[i] > out
      } else for (i = 1; i <= n; i++) print L[i] > out
      if (!found && state == "present") {
        print "[" section "]" > out
        msg = "only section added"
        if (option != "" && values) { msg = "section and option added"; for (i = 1; i <= values; i++) print assignment(V[i]) > out }
        else if (option != "" && novalue) { msg = "section and option added"; print option > out }
        changed = 1
      }
      print (changed ? 1 : 0) " " msg
    }' "$m_old"
}
