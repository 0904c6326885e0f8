# shellcheck shell=sh
# shellcheck disable=SC2154 # the variables ll_… are the runtime's, m_… the arguments that tasks/hostname.ts sets
#
# The hostname module, after ansible/modules/hostname.py of 2.14, and OpenWrt's uci besides.

h_main() {
  h_strategy
  m_now=$(uname -n)
  if ll_predicted command hostname; then m_now=$ll_value; fi
  "h_$m_how"
  if [ "$m_now" != "$m_name" ]; then m_before=$m_now; else m_before=$m_kept; fi
  if [ "$m_kept" != "$m_name" ] || [ "$m_now" != "$m_name" ]; then
    ll_changed
    ll_journal_note "the host's name"
    ll_ret before "$m_before"
    ll_predict command hostname "$m_name"
  fi
  m_fqdn=''
  if [ -z "$ll_check" ]; then m_fqdn=$(hostname -f 2>/dev/null); fi
  ll_ret fqdn "${m_fqdn:-$m_name}"
}

h_strategy() {
  case $m_use in
  debian | systemd) m_how=systemd ;;
  openrc) m_how=conf m_file=/etc/conf.d/hostname m_key=hostname m_quote='"' ;;
  redhat) m_how=conf m_file=/etc/sysconfig/network m_key=HOSTNAME m_quote='' ;;
  sles) m_how='file' m_file=/etc/HOSTNAME ;;
  alpine) m_how='file' m_file=/etc/hostname ;;
  generic) m_how=none ;;
  *)
    if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null; then m_how=systemd
    elif command -v uci >/dev/null && [ -f /etc/config/system ]; then m_how=uci
    elif [ -f /etc/conf.d/hostname ] && [ ! -f /etc/alpine-release ]; then
      m_how=conf m_file=/etc/conf.d/hostname m_key=hostname m_quote='"'
    else m_how='file' m_file=/etc/hostname; fi
    ;;
  esac
}

h_none() { m_kept=$m_name; }

h_read() {
  # FILE: sets m_kept to its first line that is not empty
  m_kept=''
  ll_read "$1" || return 0
  while read -r m_line || [ -n "$m_line" ]; do
    case $m_line in
    '' | '#'*) ;;
    *)
      m_kept=$m_line
      return 0
      ;;
    esac
  done <"$ll_at"
}

h_put() {
  # FILE: holds the name and nothing else
  ll_temp
  printf '%s\n' "$m_name" >"$ll_tmp"
  ll_write "$ll_tmp" "$1"
}

h_kernel() {
  # The name in use now, where nothing else sets it.
  if [ "$m_now" = "$m_name" ] || [ -n "$ll_check" ]; then return 0; fi
  if command -v hostname >/dev/null; then
    ll_try hostname "$m_name" || ll_fail "Command failed: hostname $m_name: $ll_why"
  else
    ll_try sysctl -q -w "kernel.hostname=$m_name" || ll_fail "cannot set the name of the host: $ll_why"
  fi
}

h_systemd() {
  [ "${#m_name}" -le 64 ] ||
    ll_fail 'name cannot be longer than 64 characters on systemd servers, try a shorter name'
  h_read /etc/hostname
  if [ -n "$ll_check" ]; then
    if [ "$m_kept" != "$m_name" ]; then h_put /etc/hostname; fi
    return 0
  fi
  # The permanent name first: NetworkManager complains of the other order.
  if [ "$m_kept" != "$m_name" ]; then
    ll_try hostnamectl --pretty --static set-hostname "$m_name" || ll_fail "Command failed: hostnamectl set-hostname: $ll_why"
  fi
  if [ "$m_now" != "$m_name" ]; then
    ll_try hostnamectl --transient set-hostname "$m_name" || ll_fail "Command failed: hostnamectl set-hostname: $ll_why"
  fi
}

h_file() {
  h_read "$m_file"
  if [ "$m_kept" != "$m_name" ]; then h_put "$m_file"; fi
  h_kernel
}

h_conf() {
  # KEY="NAME" in a file of settings
  ll_temp
  m_tmp=$ll_tmp
  if ll_read "$m_file"; then m_old=$ll_at; else m_old=/dev/null; fi
  m_kept=$(sed -n "s/^[[:space:]]*$m_key=\"\{0,1\}\([^\"]*\).*/\1/p" "$m_old" | head -n 1)
  if [ "$m_kept" != "$m_name" ]; then
    m_new_line=$m_key=$m_quote$m_name$m_quote awk -v key="$m_key=" '
      index($0, key) == 1 && !done { print ENVIRON["m_new_line"]; done = 1; next }
      { print }
      END { if (!done) print ENVIRON["m_new_line"] }' "$m_old" >"$m_tmp"
    ll_write "$m_tmp" "$m_file"
  fi
  h_kernel
}

h_uci() {
  m_kept=$(uci -q get 'system.@system[0].hostname')
  if ll_predicted command hostname; then m_kept=$ll_value; fi
  if [ "$m_kept" != "$m_name" ] && [ -z "$ll_check" ]; then
    if ! uci set "system.@system[0].hostname=$m_name" || ! uci commit system; then ll_fail 'uci could not set the name'; fi
  fi
  h_kernel
}
