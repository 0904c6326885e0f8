# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables ll_… are the runtime's, m_… the arguments that tasks/lineinfile.ts sets
#
# lineinfile on the host, after ansible/modules/lineinfile.py of 2.14. It goes with content.sh. Opening and finishing
# also serve the other modules that edit a file.

l_open() {
  # PATH: sets m_dest and m_old to where the content is now; m_what is the word for a path that is not there
  ll_home "$1"
  m_dest=$ll_path
  ll_ret path "$m_dest"
  ll_stat "$m_dest" follow
  case $ll_kind in
  directory)
    ll_ret rc 256
    ll_fail "Path $m_dest is a directory !"
    ;;
  absent)
    if [ "$m_state" = absent ]; then
      ll_ret note 'file not present'
      ll_ret missing 1
      return 1
    fi
    if [ -z "$m_create" ]; then
      if ll_may_come "$m_dest"; then
        ll_unknown "$m_dest may come with a package that is not installed yet"
      fi
      ll_ret rc 257
      ll_fail "${m_what:-Destination} $m_dest does not exist !"
    fi
    m_old=/dev/null
    ;;
  *)
    ll_read "$m_dest" || ll_fail "cannot read $m_dest"
    m_old=$ll_at
    ll_resolve "$m_dest"
    m_dest=$ll_path
    ;;
  esac
}

l_stands() {
  # LINE FIRST PATTERN…: whether LINE stands in ll_value where it shall: it is the last line that one of the patterns (of the
  # shell) matches, with FIRST the first one; if there is none, any line
  ll_w_line=$1 ll_w_first=$2 ll_w_hit='' ll_w_found=''
  shift 2
  set -f
  IFS=$ll_nl
  for ll_w_each in $ll_value; do
    for ll_w_pattern; do
      # shellcheck disable=SC2254 # it is a pattern
      case $ll_w_each in $ll_w_pattern)
        ll_w_hit=$ll_w_each
        [ -z "$ll_w_first" ] || break 2
        break
        ;;
      esac
    done
    case $ll_w_each in
    "$ll_w_line") ll_w_found=1 ;;
    # It may be the same with a carriage return.
    "$ll_w_line"*) ll_w_found=${ll_w_found:+-} ;;
    esac
  done
  IFS=$ll_ifs
  set +f
  case $ll_w_hit in "$ll_w_line") return 0 ;; '') [ "$ll_w_found" = 1 ] ;; *) return 1 ;; esac
}

l_variables() {
  m_line='' m_search='' m_regexp='' m_ins='' m_after='' m_before='' m_firstmatch='' m_has=''
}

l_size() {
  # m_size for awk: how many bytes it should find
  m_size=${ll_size:-0}
  [ "$m_old" != /dev/null ] || m_size=0
  export m_size
}

l_edit() {
  # Makes the new content in m_new; m_msg and m_found say what was done. An empty m_msg: nothing.
  ll_temp
  m_new=$ll_tmp
  ll_temp
  m_info=$ll_tmp
  l_size
  export m_state m_line m_search m_regexp m_ins m_after m_before m_firstmatch m_has m_info
  LC_ALL=C awk '
    function chomp(s) { sub(/[\r\n]+$/, "", s); return s }
    function hit(s) {
      if (index(has, "r")) return s ~ re
      if (index(has, "s")) return index(s, search) > 0
      return 0
    }
    function insert(at, s,   i) {
      for (i = n; i > at; i--) L[i] = L[i - 1]
      L[at] = s
      n++
      msg = "line added"
    }
    BEGIN {
      # Read as texts: what looks like a number is compared as one otherwise.
      line = ENVIRON["m_line"] ""; search = ENVIRON["m_search"] ""; re = ENVIRON["m_regexp"] ""
      ins = ENVIRON["m_ins"] ""; after = ENVIRON["m_after"] ""; before = ENVIRON["m_before"] ""
      has = ENVIRON["m_has"] ""; first = ENVIRON["m_firstmatch"] ""; n = 0; bytes = 0
    }
    { L[n++] = $0 "\n"; bytes += length($0) + 1 }
    END {
      size = ENVIRON["m_size"] + 0
      if (n && bytes == size + 1) L[n - 1] = substr(L[n - 1], 1, length(L[n - 1]) - 1)
      else if (bytes != size) { print "binary" > ENVIRON["m_info"]; exit }
      msg = ""
      if (ENVIRON["m_state"] == "absent") {
        found = 0; k = 0
        for (i = 0; i < n; i++) {
          if (index(has, "l") ? chomp(L[i]) "" == line : hit(L[i])) found++
          else L[k++] = L[i]
        }
        n = k
        if (found) msg = found " line(s) removed"
      } else {
        at = -1; spot = -1; matched = 0
        for (i = 0; i < n; i++) if (hit(L[i])) { at = i; matched = 1; if (first) break }
        if (!matched) for (i = 0; i < n; i++) {
          if (chomp(L[i]) "" == line) at = i
          else if (index(has, "i") && L[i] ~ ins) {
            spot = after != "" ? i + 1 : i
            if (first) break
          }
        }
        if (at != -1) {
          wanted = line ~ /\n$/ ? line : line "\n"
          if (L[at] "" != wanted) { L[at] = wanted; msg = "line replaced" }
        } else if (before == "BOF" || after == "BOF") insert(0, line "\n")
        else if (after == "EOF" || spot == -1) {
          if (n && L[n - 1] !~ /[\r\n]$/) L[n - 1] = L[n - 1] "\n"
          insert(n, line "\n")
        } else if (after != "") {
          if (n == spot) { if (chomp(L[spot - 1]) "" != line) insert(n, line "\n") }
          else if (chomp(L[spot]) "" != line) insert(spot, line "\n")
        } else insert(spot, line "\n")
      }
      ORS = ""
      for (i = 0; i < n; i++) print L[i]
      print msg "\n" > ENVIRON["m_info"]
      print found "\n" > ENVIRON["m_info"]
    }' "$m_old" >"$m_new" || ll_fail "awk could not edit $m_dest"
  m_msg='' m_found=''
  {
    IFS= read -r m_msg
    IFS= read -r m_found
  } <"$m_info"
  [ "$m_msg" != binary ] || ll_fail "$m_dest holds NUL bytes: it is not a text file"
}

l_finish() {
  # Installs m_new if m_msg says that it differs, sees to the attributes, and tells Ansible's message.
  ll_stat "$m_dest"
  m_was=$ll_kind
  if [ "$m_was" = absent ]; then
    ll_set_stat file '' '' '' '' '' '' '' '' 1
    ll_new_file_stat 438
  fi
  ll_want "$m_mode" "$m_owner" "$m_group"
  m_attributes=$ll_w_mode$ll_w_uid$ll_w_gid
  if [ -n "$m_msg" ]; then
    if [ "$m_was" = absent ]; then
      ll_above "$m_dest"
      case $ll_up in / | .) ;; *) if [ -z "$ll_check" ] || ! ll_predicted_any package; then ll_mkdir "$ll_up"; fi ;; esac
    fi
    c_replace
  elif [ "$m_was" != absent ]; then
    ll_set_attributes "$m_dest" "$m_mode" "$m_owner" "$m_group"
    m_did=$ll_did ll_did=''
    ll_flags "$m_dest" "$m_flags"
    m_attributes=$m_attributes$ll_did ll_did=$ll_did$m_did
  fi
  if [ -n "$m_attributes" ] && { [ "$m_was" != absent ] || [ -z "$ll_check" ]; }; then
    m_msg="$m_msg${m_msg:+ and }ownership, perms or SE linux context changed"
  fi
  ll_ret note "$m_msg"
  ll_ret found "$m_found"
}
