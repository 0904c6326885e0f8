# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/ufw.ts sets
#
# ufw on the host, after community.general 6. In check mode ufw's own dry run says which rules would be there; what the
# settings would be by then is remembered.

w_start() {
  if ! command -v ufw >/dev/null; then
    if ll_predicted_any package; then ll_unknown 'ufw may come with a package that is not installed yet'; fi
    ll_fail 'Failed to find required executable "ufw" in paths: is the package ufw installed?'
  fi
  m_commands='' m_nl='
'
  w_status m_before
  w_rules >"$ll_dir/w$ll_id.before"
}

w_status() {
  w_out status verbose
  eval "$1=\$m_out"
}

w_rules() {
  grep -h '^### tuple' /lib/ufw/user.rules /lib/ufw/user6.rules /etc/ufw/user.rules /etc/ufw/user6.rules \
    /var/lib/ufw/user.rules /var/lib/ufw/user6.rules 2>/dev/null
}

w_out() {
  # WORDS…: what ufw says to them, or the end of the step
  m_commands="$m_commands${m_commands:+$m_nl}$(command -v ufw) $*"
  ll_temp
  if ! m_out=$(LANG=C LC_ALL=C ufw "$@" 2>"$ll_tmp" 3>&-); then
    ll_ret commands "$m_commands"
    m_err=$(cat "$ll_tmp")
    ll_fail "${m_err:-$m_out}"
  fi
}

w_now() {
  # KEY VALUE: what check mode remembers of a setting, or else VALUE, in m_now
  m_now=$2
  if ll_predicted command "ufw $1"; then m_now=$ll_value; fi
}

w_differs() {
  # KEY BEFORE AFTER
  [ "$2" != "$3" ] || return 0
  ll_ret "before.$1" "$2"
  ll_ret "after.$1" "$3"
  ll_changed
  ll_journal_note "the firewall (ufw)"
  ll_predict command "ufw $1" "$3"
}

w_state() {
  case $m_before in *' active'*) m_was=enabled ;; *) m_was=disabled ;; esac
  w_now state "$m_was"
  case $1 in
  enabled | disabled) w_differs state "$m_now" "$1" ;;
  *) ll_changed ;;
  esac
  [ -z "$ll_check" ] || return 0
  case $1 in
  enabled) w_out -f enable ;;
  disabled) w_out -f disable ;;
  reloaded) w_out -f reload ;;
  reset) w_out -f reset ;;
  esac
}

w_logging() {
  m_was=$(printf '%s\n' "$m_before" | sed -n 's/^Logging: off.*/off/p; s/^Logging: on (\(.*\))$/\1/p')
  w_now logging "$m_was"
  # `on` is any level.
  case $1:$m_now in on:off | on:) w_differs logging "$m_now" on ;; on:*) ;; *) w_differs logging "$m_now" "$1" ;; esac
  [ -n "$ll_check" ] || w_out logging "$1"
}

w_default() {
  # POLICY DIRECTION
  m_way=${2:-incoming}
  m_was=$(printf '%s\n' "$m_before" | sed -n "s/^Default:.* \([a-z]*\) ($m_way).*/\1/p")
  if [ -z "$m_was" ] && [ -r /etc/default/ufw ]; then
    case $m_way in incoming) m_key=INPUT ;; outgoing) m_key=OUTPUT ;; *) m_key=FORWARD ;; esac
    case $(sed -n "s/^DEFAULT_${m_key}_POLICY=//p" /etc/default/ufw) in
    *ACCEPT*) m_was=allow ;;
    *DROP*) m_was=deny ;;
    *REJECT*) m_was=reject ;;
    esac
  fi
  w_now "default $m_way" "$m_was"
  if [ "$m_now" = disabled ] && [ "$1" = deny ]; then m_now=deny; fi
  w_differs "default $m_way" "$m_now" "$1"
  # shellcheck disable=SC2086 # no word when there is no direction
  [ -n "$ll_check" ] || w_out default "$1" $2
}

w_rule() {
  # WORDS… of the rule; in check mode ufw tells what it would write
  if [ -z "$ll_check" ]; then
    w_out "$@"
    w_rules >"$ll_dir/w$ll_id.after"
  else
    m_key="ufw rule $*"
    if ll_predicted command "$m_key"; then return 0; fi
    w_out --dry-run "$@"
    case $m_nl$m_out in
    *"$m_nl### tuple"*) ;;
    # Only words about what is skipped: there is nothing to do.
    *) return 0 ;;
    esac
    printf '%s\n' "$m_out" | grep '^### tuple' >"$ll_dir/w$ll_id.after"
    # The dry run shows the rules of one family when the other has none to change.
    if ! grep -q '^### tuple.*:' "$ll_dir/w$ll_id.after" || ! grep -q '^### tuple.*\.' "$ll_dir/w$ll_id.after"; then w_family; fi
  fi
  if ! ll_same "$ll_dir/w$ll_id.before" "$ll_dir/w$ll_id.after"; then
    ll_changed
    ll_diff 'rules' "$ll_dir/w$ll_id.before" "$ll_dir/w$ll_id.after"
    ll_predict command "ufw rule $*" would-be
  fi
}

w_family() {
  # What is of neither the one nor the other family in the answer is left out of the comparison.
  if grep -q '::' "$ll_dir/w$ll_id.after"; then m_family='::'; else m_family='0\.0\.0\.0'; fi
  if grep -q "$m_family" "$ll_dir/w$ll_id.after"; then
    grep "$m_family" "$ll_dir/w$ll_id.before" >"$ll_dir/w$ll_id.some"
    mv -f "$ll_dir/w$ll_id.some" "$ll_dir/w$ll_id.before"
  fi
}

w_place() {
  # NUMBER RELATIVE: sets m_place, empty for the end
  m_place=$1
  [ "$2" != zero ] || return 0
  m_numbers=$(LANG=C ufw status numbered | awk -v base="$2" -v number="$1" '
    /^\[ *[0-9]+\] / {
      n = $0; sub(/^\[ */, "", n); n += 0; last = n
      if (index($0, "(v6)")) six = 1; else four = n
    }
    END {
      if (base == "first-ipv4") at = 1
      else if (base == "last-ipv4") at = four ? four : 1
      else if (base == "first-ipv6") at = four ? four + 1 : 1
      else at = six ? last : last + 1
      at += number
      if (at <= last) print at
    }')
  m_place=$m_numbers
}

w_end() {
  ll_ret commands "$m_commands"
  [ -z "$ll_check" ] || return 0
  m_told=$m_commands
  w_status m_after
  m_commands=$m_told
  if [ "$m_before" != "$m_after" ]; then ll_changed; fi
  ll_ret after "$m_after"
}
