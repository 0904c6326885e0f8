# shellcheck shell=sh disable=SC2154,SC2034,SC2086
# Opens a port in the firewall that is active on the host: ufw, or nftables where its input is filtered. The step sets m_port,
# m_proto, m_from (ranges, or nothing for all) and m_conf (the file that nftables is loaded from at boot).

fw_main() {
  if fw_ufw_active; then
    ll_ret firewall ufw
    for m_range in ${m_from:-any}; do fw_ufw "$m_range"; done
    return 0
  fi
  fw_nft_chain
  if [ -n "$m_chain" ]; then
    ll_ret firewall nftables
    fw_nft
    return 0
  fi
  ll_ret firewall none
}

fw_ufw_active() {
  command -v ufw >/dev/null || return 1
  case $(LC_ALL=C ufw status 2>/dev/null 3>&-) in *'Status: active'*) return 0 ;; esac
  return 1
}

# RANGE: ufw's own dry run says whether the rule is there
fw_ufw() {
  m_rule="allow proto $m_proto from $1 to any port $m_port"
  m_said=$(LC_ALL=C ufw --dry-run $m_rule 2>&1 3>&-) || ll_fail "ufw $m_rule: $m_said"
  case $m_said in *'Skipping adding existing rule'*) m_new='' ;; *) m_new=1 ;; esac
  [ -n "$m_new" ] || return 0
  if ll_predicted command "ufw $m_rule"; then return 0; fi
  ll_changed
  ll_diff_text ufw "" "$m_rule
"
  ll_predict command "ufw $m_rule" there
  [ -z "$ll_check" ] || return 0
  ll_journal_note "the firewall (ufw)"
  m_said=$(LC_ALL=C ufw $m_rule 2>&1 3>&-) || ll_fail "ufw $m_rule: $m_said"
}

# m_chain: `FAMILY TABLE CHAIN` of the first chain that filters what comes in: by its policy, or by a last rule without conditions
fw_nft_chain() {
  m_chain=''
  command -v nft >/dev/null || return 0
  ll_temp
  nft list ruleset >"$ll_tmp" 2>/dev/null || return 0
  m_chain=$(awk '
    $1 == "table" { family = $2; table = $3 }
    $1 == "chain" { chain = $2; filters = input = 0 }
    /type filter hook input/ && (family == "inet" || family == "ip") { input = 1; if (/policy drop/) filters = 1 }
    input && ($1 == "drop" || $1 == "reject") { filters = 1 }
    $1 == "}" && input { if (filters) { print family, table, chain; exit } input = 0 }' "$ll_tmp")
  m_rules=$ll_tmp
}

# Lines `insert rule …`, which are also what the file for the boot ends with: each stands before what drops.
fw_nft() {
  m_missing='' m_lines=''
  for m_range in ${m_from:-any}; do
    case $m_range in
    any) m_match='' ;;
    *:*) case $m_chain in 'ip '*) continue ;; esac; m_match="ip6 saddr ${m_range%/128} " ;;
    *) m_match="ip saddr ${m_range%/32} " ;;
    esac
    m_rule="${m_match}$m_proto dport $m_port accept"
    fw_nft_has "$m_rule" || m_missing="$m_missing$m_rule
"
    m_lines="${m_lines}insert rule $m_chain $m_rule
"
  done
  fw_nft_file
  if [ -n "$m_missing" ]; then
    ll_changed
    ll_diff_text "nft $m_chain" "" "$m_missing"
    if [ -z "$ll_check" ]; then
      ll_journal_note "the firewall (nftables)"
      ll_temp
      printf '%s' "$m_missing" | sed "s/^/insert rule $m_chain /" >"$ll_tmp"
      ll_try nft -f "$ll_tmp" || ll_fail "nft refused to open port $m_port: $ll_why"
    fi
  fi
}

# RULE: is it in the chain as it runs now?
fw_nft_has() {
  awk -v chain="$m_chain" -v rule="$1" '
    BEGIN { split(chain, want, " ") }
    $1 == "table" { here = $2 == want[1] && $3 == want[2] }
    $1 == "chain" { inside = here && $2 == want[3] }
    inside { line = $0; gsub(/^[ \t]+|[ \t]+$/, "", line); sub(/ counter packets [0-9]+ bytes [0-9]+/, "", line); if (line == rule) found = 1 }
    END { exit !found }' "$m_rules"
}

# What is loaded at boot; where there is no such file the rules last until then, and that is said.
fw_nft_file() {
  if ! ll_read "$m_conf"; then
    ll_warn "port $m_port is open until the next boot: there is no $m_conf that nftables is loaded from"
    return 0
  fi
  m_at=$ll_at
  ll_temp
  m_after=$ll_tmp
  awk -v lines="$m_lines" '
    { print; have[$0] = 1 }
    END { n = split(lines, list, "\n"); for (i = 1; i <= n; i++) if (list[i] != "" && !(list[i] in have)) print list[i] }' "$m_at" >"$m_after"
  if ll_same "$m_at" "$m_after"; then return 0; fi
  ll_diff "$m_conf" "$m_at" "$m_after"
  ll_write "$m_after" "$m_conf"
}
