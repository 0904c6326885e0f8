# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/blockinfile.ts sets
#
# blockinfile on the host, after ansible/modules/blockinfile.py of 2.14. It goes with content.sh and l_open, l_finish.

b_stands() {
  # CR BEGIN END BLOCK: whether the block, which has both marker lines, is the only one in ll_value. A carriage return may end a
  # line too.
  case $ll_value in *"$1"*) return 1 ;; esac
  shift
  ll_value=$ll_nl$ll_value
  case $ll_value in *"$ll_nl$3"*) ;; *) return 1 ;; esac
  for ll_w_each in "$1" "$2"; do
    # Lines that follow each other share a line feed.
    case $ll_value in *"$ll_nl$ll_w_each$ll_nl$ll_w_each$ll_nl"* | *"$ll_nl$ll_w_each$ll_nl"*"$ll_nl$ll_w_each$ll_nl"*) return 1 ;; esac
  done
}

b_edit() {
  # Makes the new content in m_new; m_msg says what was done, and is empty for nothing.
  ll_temp
  m_new=$ll_tmp
  ll_temp
  m_info=$ll_tmp
  l_size
  export m_block m_begin m_end m_ins m_where m_info
  LC_ALL=C awk '
    BEGIN {
      # Read as texts: what looks like a number is compared as one otherwise.
      block = ENVIRON["m_block"] ""; begin = ENVIRON["m_begin"] "\n"; end = ENVIRON["m_end"] "\n"
      ins = ENVIRON["m_ins"] ""; where = ENVIRON["m_where"] ""; n = 0; bytes = 0
    }
    {
      bytes += length($0) + 1
      # A carriage return alone ends a line too.
      for (rest = $0 "\n"; (at = index(rest, "\r")) && at < length(rest) - 1; rest = substr(rest, at + 1))
        L[n++] = substr(rest, 1, at)
      L[n++] = rest
    }
    END {
      size = ENVIRON["m_size"] + 0
      if (n && bytes == size + 1) L[n - 1] = substr(L[n - 1], 1, length(L[n - 1]) - 1)
      else if (bytes != size) { print "binary" > ENVIRON["m_info"]; exit }
      first = -1; last = -1; spot = -1
      for (i = 0; i < n; i++) {
        if (L[i] "" == begin) first = i
        if (L[i] "" == end) last = i
      }
      if (first >= 0 && last >= 0) {
        if (first > last) { i = first; first = last; last = i }
        spot = first
        gone = last - first + 1
        for (i = first; i + gone < n; i++) L[i] = L[i + gone]
        n -= gone
      } else if (where == "first") spot = 0
      else if (where == "last") spot = n
      else {
        for (i = 0; i < n; i++) if (L[i] ~ ins) spot = i
        if (spot < 0) spot = n
        else if (where == "after") spot++
      }
      if (spot > 0 && L[spot - 1] !~ /\n$/) L[spot - 1] = L[spot - 1] "\n"
      ORS = ""
      for (i = 0; i < spot; i++) print L[i]
      print block
      for (; i < n; i++) print L[i]
    }' "$m_old" >"$m_new" || ll_fail "awk could not edit $m_dest"
  [ ! -s "$m_info" ] || ll_fail "$m_dest holds NUL bytes: it is not a text file"
  if [ "$m_old" = /dev/null ]; then
    m_msg='File created'
  elif ll_same "$m_old" "$m_new"; then
    m_msg=''
  elif [ -z "$m_block" ]; then
    m_msg='Block removed'
  else
    m_msg='Block inserted'
  fi
}
