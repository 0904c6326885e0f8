# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables ll_… are the runtime's, m_… the arguments that tasks/locale_gen.ts sets
#
# locale_gen on the host, after community.general 6: Debian's /etc/locale.gen, or Ubuntu's own locale-gen.

l_main() {
  m_ubuntu='' m_list=/etc/locale.gen
  if [ -d /var/lib/locales/supported.d ]; then m_ubuntu=1 m_list=/usr/share/i18n/SUPPORTED; fi
  if ! ll_read "$m_list"; then
    if ll_may_come "$m_list"; then l_with_package; fi
    ll_fail '/etc/locale.gen and /var/lib/locales/supported.d/local are missing. Is the package "locales" installed?'
  fi
  m_old=$ll_at
  export m_name m_state
  awk '{ sub(/^#?[ \t]*/, "") } $1 == ENVIRON["m_name"] && NF == 2 && $1 ~ /_/ { found = 1 } END { exit !found }' "$m_old" ||
    ll_fail "The locale you've entered is not available on your system."
  if l_present; then m_now=present; else m_now=absent; fi
  ll_ret before "$m_now"
  [ "$m_now" != "$m_state" ] || return 0
  ll_changed
  ll_predict command "locale $m_name" "$m_state"
  if [ -n "$m_ubuntu" ]; then l_ubuntu; else l_debian; fi
}

l_with_package() {
  # Check mode, and the package locales may be there by then.
  if ll_predicted command "locale $m_name" && [ "$ll_value" = "$m_state" ]; then
    ll_ret before "$m_state"
    return 0
  fi
  ll_unknown 'the package locales may not be installed yet'
}

l_present() {
  if ll_predicted command "locale $m_name"; then
    [ "$ll_value" = present ]
    return
  fi
  # locale -a writes `utf8` for UTF-8.
  locale -a 2>/dev/null | awk '
    function same(text) { text = tolower(text); at = index(text, "."); if (at) { tail = substr(text, at); gsub(/-/, "", tail); text = substr(text, 1, at - 1) tail } return text }
    same($0) == same(ENVIRON["m_name"]) { found = 1 }
    END { exit !found }'
}

l_debian() {
  ll_temp
  awk '{
    text = $0
    sub(/^#?[ \t]*/, "", text)
    split(text, word, " ")
    if (word[1] == ENVIRON["m_name"]) print (ENVIRON["m_state"] == "present" ? "" : "# ") text
    else print
  }' "$m_old" >"$ll_tmp"
  if ! ll_same "$m_old" "$ll_tmp"; then
    ll_diff "$m_list" "$m_old" "$ll_tmp"
    ll_write "$ll_tmp" "$m_list"
  fi
  l_run locale-gen
}

l_ubuntu() {
  if [ "$m_state" = present ]; then
    l_run locale-gen "$m_name"
    return 0
  fi
  if ll_read /var/lib/locales/supported.d/local; then
    ll_temp
    awk '$1 != ENVIRON["m_name"]' "$ll_at" >"$ll_tmp"
    ll_write "$ll_tmp" /var/lib/locales/supported.d/local
  fi
  l_run locale-gen --purge
}

l_run() {
  [ -z "$ll_check" ] || return 0
  ll_try "$@" >/dev/null || ll_fail "locale.gen failed to execute: $ll_why"
}
