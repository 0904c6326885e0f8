# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/group.ts sets
#
# The group module, after ansible/modules/group.py of 2.14. It goes with accounts.sh.

g_main() {
  a_start
  if a_group_named; then m_there=1; else m_there=''; fi
  "g_$m_state"
  a_said
  if [ "$m_state" = present ]; then ll_ret gid "$g_gid"; fi
}

a_group_named() {
  # A name of digits is a name all the same.
  g_gid=''
  if [ -n "$ll_check" ] && ll_predicted group "$m_name"; then
    g_gid=$ll_value
    [ "$ll_value" != absent ]
    return
  fi
  a_known group "$m_name" || return 1
  a_split "$m_line"
  g_gid=$m_3
}

g_absent() {
  [ -n "$m_there" ] || return 0
  a_differs state present absent
  if command -v "$m_l"groupdel >/dev/null; then a_run "$m_l"groupdel "$m_name"; else a_run delgroup "$m_name"; fi
  ll_predict group "$m_name" absent
}

g_present() {
  set --
  if [ -n "$m_there" ]; then
    if [ -z "$m_gid" ] || [ "$m_gid" = "$g_gid" ]; then return 0; fi
    g_free
    a_differs gid "$g_gid" "$m_gid"
    if command -v "$m_l"groupmod >/dev/null; then
      a_run "$m_l"groupmod -g "$m_gid" ${m_non_unique:+-o} "$m_name"
    elif [ -n "$ll_check" ]; then ll_changed; else a_field group "$m_name" 3 "$m_gid"; fi
  else
    if [ -n "$m_gid" ]; then g_free; fi
    a_differs state absent present
    if command -v "$m_l"groupadd >/dev/null; then
      if [ -n "$m_gid" ]; then set -- -g "$m_gid" ${m_non_unique:+-o}; fi
      a_run "$m_l"groupadd "$@" ${m_system:+-r} "$m_name"
    else
      a_run addgroup ${m_system:+-S} ${m_gid:+-g "$m_gid"} "$m_name"
    fi
  fi
  g_gid=$m_gid
  ll_predict group "$m_name" "$g_gid"
  [ -n "$ll_check" ] || a_group_named
}

g_free() {
  # What groupadd would say, said in check mode too.
  [ -z "$m_non_unique" ] || return 0
  m_other=''
  while IFS=: read -r m_1 m_2 m_3 m_4; do
    if [ "$m_3" = "$m_gid" ] && [ "$m_1" != "$m_name" ]; then m_other=$m_1; fi
  done </etc/group
  [ -n "$m_other" ] || return 0
  if [ -n "$ll_check" ] && ll_predicted group "$m_other"; then return 0; fi
  if [ -n "$m_local" ]; then ll_fail "GID '$m_gid' already exists with group '$m_other'"; fi
  [ -z "$ll_check" ] || ll_fail "groupadd: GID '$m_gid' already exists"
}
