# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034,SC2016 # the variables ll_… are the runtime's, m_… the arguments that tasks/authorized_key.ts sets
#
# authorized_key on the host, after ansible.posix 1.5. It goes with accounts.sh and content.sh.

k_main() {
  k_where
  if [ -n "$m_follow" ]; then ll_resolve "$m_file"; else ll_path=$m_file; fi
  m_dest=$ll_path
  ll_ret keyfile "$m_file"
  ll_ret written "$m_dest"
  ll_temp
  m_new=$ll_tmp
  if ll_read "$m_dest"; then m_old=$ll_at; else m_old=/dev/null; fi
  export m_state m_exclusive m_keys m_new
  m_verdict=$(k_edit) || ll_fail "awk could not edit $m_dest"
  if [ "$m_verdict" = changed ]; then k_install; fi
  # Of a path that was named Ansible tells what it is.
  if [ -n "$m_path" ]; then
    ll_stat "$m_path"
    ll_ret_stat
  fi
}

k_where() {
  # m_file, and the numbers of the user
  m_uid='' m_gid=''
  if a_user "$m_user"; then
    m_uid=${u_uid:-$m_user} m_gid=$u_gid
  elif [ -n "$ll_check" ] && [ -n "$m_path" ]; then :; elif ll_predicted_any package; then
    ll_unknown "the user $m_user may come with a package that is not installed yet"
  else
    ll_fail "Failed to lookup user $m_user: \"getpwnam(): name not found: '$m_user'\""
  fi
  m_file=$m_path
  if [ -z "$m_path" ]; then m_file=${u_home%/}/.ssh/authorized_keys; fi
}

k_install() {
  ll_above "$m_dest"
  if [ -n "$m_manage_dir" ]; then
    ll_above "$m_file"
    ll_stat "$ll_up" follow
    if [ "$ll_kind" = absent ]; then
      m_dir=$ll_up
      ll_above "$m_dir"
      ll_stat "$ll_up" follow
      [ "$ll_kind" = directory ] || ll_fail "Failed to create directory $m_dir : [Errno 2] No such file or directory: '$m_dir'"
      ll_mkdir "$m_dir" 0700 "$m_uid" "$m_gid"
    else
      ll_attributes "$ll_up" 0700 "$m_uid" "$m_gid"
    fi
  fi
  ll_above "$m_dest"
  ll_mkdir "$ll_up"
  if ll_read "$m_dest"; then ll_diff "$m_dest" "$ll_at" "$m_new"; else ll_diff "$m_dest" /dev/null "$m_new"; fi
  m_diff=$ll_diff ll_diff=''
  ll_write "$m_new" "$m_dest" 0600 "$m_uid" "$m_gid"
  ll_diff=$m_diff
}

k_edit() {
  # m_old -> m_new; says whether they differ in what they mean
  awk '
    # Options of a key, in an order of their own, so that two can be compared.
    function canon(text,   n, i, j, c, q, part, p, k, key, out) {
      n = 0; part = ""; q = ""
      for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (q != "") { part = part c; if (c == q) q = "" }
        else if (c == "\"" || c == "'"'"'") { q = c; part = part c }
        else if (c == ",") { if (part != "") p[++n] = part; part = "" }
        else part = part c
      }
      if (part != "") p[++n] = part
      plain = ""
      for (i = 1; i <= n; i++) {
        plain = plain (i > 1 ? "," : "") p[i]
        k[i] = index(p[i], "=") ? substr(p[i], 1, index(p[i], "=") - 1) : p[i]
      }
      for (i = 2; i <= n; i++) for (j = i; j > 1 && k[j - 1] "" > k[j] ""; j--) {
        c = k[j]; k[j] = k[j - 1]; k[j - 1] = c
        c = p[j]; p[j] = p[j - 1]; p[j - 1] = c
      }
      out = ""
      for (i = 1; i <= n; i++) out = out p[i] "\037"
      return out
    }
    function put(id, line, mark, r) {
      if (!(id in rank)) count++
      text[id] = line; means[id] = mark; rank[id] = r
    }
    function key(type, blob, options, comment) {
      mark = canon(options) "\036" type "\036" comment
      return (plain != "" ? plain " " : "") type " " blob " " comment "\n"
    }
    BEGIN {
      n = split("sk-ecdsa-sha2-nistp256@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com " \
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp256-cert-v01@openssh.com " \
        "ecdsa-sha2-nistp384 ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521 " \
        "ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ssh-ed25519@openssh.com sk-ssh-ed25519-cert-v01@openssh.com " \
        "ssh-ed25519 ssh-ed25519-cert-v01@openssh.com ssh-dss ssh-rsa ssh-xmss@openssh.com " \
        "ssh-xmss-cert-v01@openssh.com rsa-sha2-256 rsa-sha2-512 ssh-rsa-cert-v01@openssh.com " \
        "rsa-sha2-256-cert-v01@openssh.com rsa-sha2-512-cert-v01@openssh.com ssh-dss-cert-v01@openssh.com", types, " ")
      for (i = 1; i <= n; i++) valid[types[i]] = 1
      count = 0; changed = 0
    }
    {
      line = $0; gsub(/\\#/, "#", line)
      n = split(line, t, " "); at = 0
      for (i = 1; i <= n; i++) if (t[i] in valid) { at = i; break }
      if (t[1] == "#" || !at || at == n) { put($0, $0 "\n", "", NR); next }
      options = ""; comment = ""
      for (i = 1; i < at; i++) options = options (i > 1 ? " " : "") t[i]
      for (i = at + 2; i <= n; i++) comment = comment (i > at + 2 ? " " : "") t[i]
      out = key(t[at], t[at + 1], options, comment)
      put(t[at + 1], out, mark, NR)
    }
    END {
      base = count
      m = split(ENVIRON["m_keys"], wanted, "\n")
      for (w = 1; w <= m; w++) {
        split(wanted[w], f, "\037")
        id = f[1]; exists[id] = 1
        out = key(f[2], id, f[3], f[4])
        if (ENVIRON["m_state"] == "absent") {
          if (id in rank) { delete rank[id]; delete text[id]; delete means[id]; changed = 1 }
        } else if (!(id in rank) || means[id] != mark) {
          put(id, out, mark, 1e9 + base + w); changed = 1
        }
      }
      if (ENVIRON["m_state"] == "present" && ENVIRON["m_exclusive"] != "")
        for (id in rank) if (!(id in exists)) { gone[id] = 1; changed = 1 }
      for (id in gone) delete rank[id]
      n = 0
      for (id in rank) order[++n] = id
      for (i = 2; i <= n; i++) for (j = i; j > 1 && rank[order[j - 1]] > rank[order[j]]; j--) {
        c = order[j]; order[j] = order[j - 1]; order[j - 1] = c
      }
      for (i = 1; i <= n; i++) printf "%s", text[order[i]] > ENVIRON["m_new"]
      print changed ? "changed" : "same"
    }' "$m_old"
}
