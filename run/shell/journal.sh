# shellcheck shell=sh
#
# The journal: what a run is about to change, on disk before it does. For root under /var/lib/lamplighter/journal, for
# others under ~/.local/state/lamplighter/journal; 0700, files 0600.
#
#   RUN/SESSION.STEP.COUNT.entry   lines `KEY VALUE`; `path` is the last and runs to the end of the file
#   RUN/SESSION.STEP.COUNT.entries many new files: lines that the entries behind have in common (from `format` on), then `after`
#                                  and `path` of each; the first is that of COUNT
#   RUN/SESSION.STEP.COUNT.pre     the content before: a file's bytes, a directory as tar (`pre tar`), a list of packages
#   RUN/notes                      lines `PLACE WHAT`: changes that cannot be put back
#   RUN/undone, RUN/undoes         the run that put this one back, and the one that this one put back
#
# Keys: format 1, run, time (seconds), tick (hundredths of a second since boot, 0 where that is not known), place (of the
# task among the blocks of its play, `-` outside of blocks), action.
# Actions on files (write remove link mkdir attributes): kind mode uid gid mtime target (the state before), before and
# after (sha256; `-` for none), to (a link's target after, or MODE UID GID, `-` for what is not known), pre (file, tar,
# none, too-big), path. A content whose SHA-1 the controller told has `sha1:` before that in place of a SHA-256.
# Action state: kind (unit-active unit-enabled unit-applied), before, after, path (the unit). Action packages: path (apt).
#
# Entries of one run are put back from the newest, by time, tick, step and count, as long as a path is as the run left it.

ll_journal() {
  # ACTION PATH [AFTER_FILE] [TO] [SHA1 of AFTER_FILE]: the state before is what ll_stat just said
  ll_open_journal || return 0
  ll_next_entry
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
  if [ -n "$5" ]; then ll_w_after=sha1:$5; elif [ -n "$3" ]; then
    ll_hash_real "$3"
    ll_w_after=$ll_sum
  fi
  ll_put_entry "action $1" "kind $ll_kind" "mode ${ll_mode:--}" "uid ${ll_uid:--}" "gid ${ll_gid:--}" \
    "mtime ${ll_mtime:--}" "target ${ll_target:--}" "before $ll_w_before" "after $ll_w_after" "to ${4:--}" \
    "pre $ll_w_pre" "path $2"
  umask "$ll_umask"
}

ll_journal_state() {
  # KIND NAME BEFORE AFTER: a unit, before it is started, stopped, enabled … KIND unit-applied: it is told to take up
  # its files anew, AFTER says how (restart, reload)
  [ -z "$ll_check" ] && ll_open_journal || return 0
  ll_next_entry
  umask 077
  ll_put_entry "action state" "kind $1" "before ${3:--}" "after ${4:--}" "path $2"
  umask "$ll_umask"
}

ll_journal_note() {
  # WHAT: a change that cannot be put back; no secret in it
  [ -z "$ll_check" ] || return 0
  ll_noted=1
  ll_open_journal quiet || return 0
  umask 077
  printf '%s %s\n' "$ll_place" "$1" >>"$ll_journal/notes"
  umask "$ll_umask"
}

ll_next_entry() {
  ll_count=$((ll_count + 1)) ll_noted=1
  ll_w_entry=$ll_journal/$$.$ll_id.$ll_count
}

ll_put_entry() {
  # LINE…: on disk as a whole or not at all
  ll_entry_time
  ll_entry_text "$@" >"$ll_w_entry.new" || ll_no_entry
  ll_keep_before dd if=/dev/null "of=$ll_w_entry.new" conv=fsync,notrunc
  ll_keep_before mv -f "$ll_w_entry.new" "$ll_w_entry.entry"
}

ll_no_entry() { ll_fail "cannot write the journal: $ll_journal is full or read-only; nothing was changed"; }

ll_entry_time() {
  # When the entries behind were made
  ll_w_now=$(date +%s) ll_w_tick=0
  if [ -r /proc/uptime ]; then
    IFS=' .' read -r ll_w_tick ll_w_x _ </proc/uptime
    ll_w_tick=$ll_w_tick$ll_w_x
  fi
}

ll_entry_text() {
  # LINE…: an entry, without a fork
  printf '%s\n' "format 1" "run $ll_run" "time $ll_w_now" "tick $ll_w_tick" "place $ll_place" "$@"
}

ll_keep_before() {
  ll_try "$@" || {
    rm -f "$ll_w_entry.pre" "$ll_w_entry.new"
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

ll_find_journals() {
  # Sets ll_w_base to where this user's journals are
  if [ -n "$ll_journals" ]; then ll_w_base=$ll_journals; elif [ "$ll_me" = 0 ]; then ll_w_base=/var/lib/lamplighter/journal; else
    ll_w_base=${XDG_STATE_HOME:-$HOME/.local/state}/lamplighter/journal
  fi
}

ll_open_journal() {
  # [quiet]: sets ll_journal to this run's directory; the first entry of a run clears away what is old. Status 1: there
  # can be none.
  ll_find_journals
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
  [ -n "$1" ] || ll_warn "no journal can be kept in $ll_w_base: changes of this run cannot be undone"
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
