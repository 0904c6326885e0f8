# shellcheck shell=sh
#
# The journal: what a run is about to overwrite or remove, on disk before it does. For root under
# /var/lib/lamplighter/journal, for others under ~/.local/state/lamplighter/journal; 0700, files 0600.
#
#   RUN/SESSION.STEP.COUNT.entry   lines `KEY VALUE`; `path` is the last and runs to the end of the file
#   RUN/SESSION.STEP.COUNT.pre     the content before: a file's bytes, or a directory as tar (`pre tar`)
#
# Keys: format 1, run, time (seconds), action (write remove link mkdir attributes), kind mode uid gid mtime target (the
# state before), before and after (sha256; `-` for none), pre (file, tar, none, too-big), path. An entry may be undone
# while the path still has the after-hash; entries of one run are undone from the newest, by time, then step and count.

ll_journal() {
  # ACTION PATH [AFTER_FILE]: the state before is what ll_stat just said
  ll_open_journal || return 0
  ll_count=$((ll_count + 1))
  ll_w_entry=$ll_journal/$$.$ll_id.$ll_count
  ll_w_pre=none ll_w_before=- ll_w_after=-
  umask 077
  case $1:$ll_kind in
  attributes:* | mkdir:*) ;;
  *:file)
    if [ "$ll_size" -gt 67108864 ]; then ll_w_pre=too-big; else
      ll_w_pre='file'
      ll_keep_before dd "if=$2" "of=$ll_w_entry.pre" bs=65536 conv=fsync
    fi
    ll_hash_real "$2"
    ll_w_before=$ll_sum
    ;;
  remove:directory)
    ll_w_kb=$(du -sk -- "$2" 2>/dev/null)
    if [ "${ll_w_kb%%[!0-9]*}" -gt 65536 ] || ! ll_has tar; then ll_w_pre=too-big; else
      ll_w_pre=tar
      ll_keep_before tar -cf "$ll_w_entry.pre" -C "$2" .
    fi
    ;;
  esac
  if [ -n "$3" ]; then
    ll_hash_real "$3"
    ll_w_after=$ll_sum
  fi
  ll_w_now=$(date +%s)
  printf '%s\n' "format 1" "run $ll_run" "time $ll_w_now" "action $1" "kind $ll_kind" "mode ${ll_mode:--}" \
    "uid ${ll_uid:--}" "gid ${ll_gid:--}" "mtime ${ll_mtime:--}" "target ${ll_target:--}" "before $ll_w_before" \
    "after $ll_w_after" "pre $ll_w_pre" "path $2" >"$ll_w_entry.entry" ||
    ll_fail "cannot write the journal of $2: $ll_journal is full or read-only; nothing was changed"
  ll_keep_before dd if=/dev/null "of=$ll_w_entry.entry" conv=fsync,notrunc
  umask "$ll_umask"
}

ll_keep_before() {
  ll_try "$@" || {
    rm -f "$ll_w_entry.pre" "$ll_w_entry.entry"
    ll_fail "cannot keep the state before the change in $ll_journal: $ll_why; nothing was changed"
  }
}

ll_hash_real() {
  ll_sum=-
  if ll_has sha256sum; then
    ll_sum=$(sha256sum <"$1")
    ll_sum=${ll_sum%% *}
  elif ll_has openssl; then
    ll_sum=$(openssl dgst -sha256 <"$1")
    ll_sum=${ll_sum##* }
  fi
}

ll_open_journal() {
  # Sets ll_journal to this run's directory; the first entry of a run clears away what is old. Status 1: there can be none.
  if [ -n "$ll_journals" ]; then ll_w_base=$ll_journals; elif [ "$ll_me" = 0 ]; then ll_w_base=/var/lib/lamplighter/journal; else
    ll_w_base=${XDG_STATE_HOME:-$HOME/.local/state}/lamplighter/journal
  fi
  ll_journal=$ll_w_base/$ll_run
  if [ -d "$ll_journal" ]; then return 0; fi
  umask 077
  if mkdir -p "$ll_journal" 2>/dev/null; then
    chmod 700 "$ll_w_base"
    ll_prune_journal
    umask "$ll_umask"
    return 0
  fi
  umask "$ll_umask"
  ll_warn "no journal can be kept in $ll_w_base: changes of this run cannot be undone"
  return 1
}

ll_prune_journal() {
  # At most 30 days and 256 MB, the oldest runs first; never this one.
  find "$ll_w_base" -mindepth 1 -maxdepth 1 -type d -mtime +30 ! -path "$ll_journal" -exec rm -rf {} + 2>/dev/null
  ll_w_kb=$(du -sk "$ll_w_base" 2>/dev/null)
  [ "${ll_w_kb%%[!0-9]*}" -gt 262144 ] || return 0
  # shellcheck disable=SC2012 # names of runs hold no blanks; ls alone sorts by age
  ls -1tr "$ll_w_base" | while IFS= read -r ll_w_old; do
    [ "$ll_w_base/$ll_w_old" != "$ll_journal" ] || continue
    rm -rf "${ll_w_base:?}/$ll_w_old"
    ll_w_kb=$(du -sk "$ll_w_base" 2>/dev/null)
    [ "${ll_w_kb%%[!0-9]*}" -gt 262144 ] || break
  done
}
