# shellcheck shell=sh disable=SC2154,SC2034,SC2086
# Puts back what the journal says that a run changed (run/shell/journal.sh has its form). The step sets, before it calls
# undo_main: u_run, the run, or nothing for this one; u_block, what the places of a block begin with, or nothing for the
# whole run; u_force, 1 to overwrite what was changed since. undo_list tells of all runs.
# undo-files.sh and undo-state.sh put one thing back; the functions of units and packages come from their own modules.

undo_main() {
  u_nl='
' u_put='' u_left='' u_conflicts='' u_gone='' u_did='' u_own=''
  if [ -z "$u_run" ] || [ "$u_run" = "$ll_run" ]; then
    u_run=$ll_run u_own=1
    if [ -n "$ll_check" ]; then undo_memory; return 0; fi
  fi
  ll_find_journals
  u_dir=$ll_w_base/$u_run
  ll_ret run "$u_run"
  [ -d "$u_dir" ] || return 0
  undo_split "$u_dir"
  undo_plan
  u_judging=1
  undo_each
  if [ -n "$u_conflicts" ] && [ -z "$u_force" ]; then
    ll_ret conflicts "$u_conflicts"
    ll_fail "changed by somebody else since run $u_run, and nothing was put back: $(undo_line "$u_conflicts")"
  fi
  u_judging=''
  undo_each
  undo_apply
  undo_notes
  [ -n "$ll_check" ] || [ -n "$u_block" ] || undo_mark
  ll_ret put_back "$u_put"
  ll_ret left "$u_left"
  ll_ret conflicts "$u_conflicts"
}

# DIRECTORY: makes one file of each entry that was written together with others.
undo_split() {
  set +f
  for u_entries in "$1"/*.entries; do
    [ -f "$u_entries" ] || continue
    u_text=${u_entries%.entries}
    umask 077
    LC_ALL=C awk -v base="${u_text%.*}" -v count="${u_text##*.}" '
      $1 == "format" { head = "" }
      $1 == "after" { after = $0; next }
      $1 == "path" { file = base "." count++ ".entry"; printf "%s%s\n%s\n", head, after, $0 >file; close(file); next }
      { head = head $0 "\n" }' "$u_entries" && rm -f "$u_entries"
    umask "$ll_umask"
  done
}

undo_line() { printf '%s' "$1" | awk '{ line = line (NR > 1 ? ", " : "") $0 } END { print line }'; }

undo_put() { u_put="$u_put${u_put:+$u_nl}$1"; }
undo_left() { u_left="$u_left${u_left:+$u_nl}$1"; }
undo_conflict() { u_conflicts="$u_conflicts${u_conflicts:+$u_nl}$1"; }

# Check mode has changed nothing: its memory goes back to what it was.
undo_memory() {
  if [ -z "$u_block" ]; then set -- "$ll_mem"; else
    # The oldest: a list of tasks inside the block comes later.
    set -- "$ll_mem.${u_block%-}"
  fi
  [ -d "$ll_mem" ] || return 0
  if [ -n "$u_block" ] && [ ! -d "$1" ]; then return 0; fi
  ll_changed
  if [ -z "$u_block" ]; then rm -rf "$ll_mem"; return 0; fi
  rm -rf "$ll_mem"
  cp -R "$1" "$ll_mem"
}

# u_plan: a file with a line for each thing that the run changed, the newest first: its class (f file, a active, e enabled,
# p packages, r unit that is to take up its files anew) and its entries, the oldest first.
undo_plan() {
  ll_temp
  u_plan=$ll_tmp
  set +f
  set -- "$u_dir"/*.entry
  [ -e "$1" ] || return 0
  LC_ALL=C awk '
    function flush() {
      if (!whole) return
      gsub(/\\/, "\\\\", path); gsub(/\n/, "\\n", path)
      class = "f"
      if (v["action"] == "packages") { class = "p"; path = file }
      if (v["action"] == "state") class = v["kind"] == "unit-active" ? "a" : v["kind"] == "unit-enabled" ? "e" : "r"
      split(file, part, ".")
      print v["time"], v["tick"] + 0, part[2], part[3], file, v["place"] == "" ? "-" : v["place"], class, path
    }
    FNR == 1 { flush(); split("", v); whole = 0; file = FILENAME; sub(/.*\//, "", file) }
    whole { path = path "\n" $0; next }
    $1 == "path" { path = substr($0, 6); whole = 1; next }
    { v[$1] = substr($0, length($1) + 2) }
    END { flush() }' "$@" | sort -n -k1,1 -k2,2 -k3,3 -k4,4 | LC_ALL=C awk -v block="$u_block" '
    block != "" && index($6, block) != 1 && !($7 == "r" && n) { next }
    {
      key = $0
      for (i = 1; i < 7; i++) sub(/^[^ ]* /, "", key)
      if (key in list) { list[key] = list[key] " " $5; next }
      order[++n] = key
      list[key] = $5
    }
    END {
      for (i = n; i > 0; i--) if (order[i] !~ /^r /) print substr(order[i], 1, 1), list[order[i]]
      for (i = 1; i <= n; i++) if (order[i] ~ /^r /) print "r", list[order[i]]
    }' >"$u_plan"
}

undo_each() {
  while read -r u_class u_entries <&4; do
    case $u_class in
    f) undo_file ;;
    a | e) undo_unit ;;
    p) undo_packages ;;
    esac
  done 4<"$u_plan"
}

# ENTRY: its values in e_action e_kind e_mode e_uid e_gid e_target e_before e_after e_to e_pre e_path
undo_load() {
  e_action='' e_kind='' e_mode='' e_uid='' e_gid='' e_target='' e_before='' e_after='' e_to=- e_pre=none e_path='' u_whole=''
  while IFS= read -r u_text; do
    if [ -n "$u_whole" ]; then e_path=$e_path$u_nl$u_text; continue; fi
    case $u_text in
    'path '*) e_path=${u_text#path } u_whole=1 ;;
    'action '* | 'kind '* | 'mode '* | 'uid '* | 'gid '* | 'target '* | 'before '* | 'after '* | 'to '* | 'pre '*)
      u_key=${u_text%% *} u_value=${u_text#* }
      eval "e_$u_key=\$u_value"
      ;;
    esac
  done <"$u_dir/$1"
  u_pre=$u_dir/${1%.entry}.pre
}

# What was changed by ways that leave nothing to put back.
undo_notes() {
  [ -f "$u_dir/notes" ] || return 0
  ll_temp
  awk '{ n[$0]++; if (n[$0] == 1) order[++k] = $0 }
    END { for (i = 1; i <= k; i++) print order[i] (n[order[i]] > 1 ? " (" n[order[i]] " times)" : "") }' "$u_dir/notes" >"$ll_tmp"
  while IFS= read -r u_text; do
    case $u_text in "$u_block"*) undo_left "${u_text#* }" ;; esac
  done <"$ll_tmp"
}

# The run is marked as put back, and this one as what did it.
undo_mark() {
  [ -z "$u_own" ] || return 0
  umask 077
  printf '%s\n' "$ll_run" >"$u_dir/undone"
  if [ -n "$u_did" ] && ll_open_journal quiet; then printf '%s\n' "$u_run" >"$ll_journal/undoes"; fi
  # What an undo had put back is there again.
  if [ -f "$u_dir/undoes" ] && IFS= read -r u_text <"$u_dir/undoes"; then rm -f "$ll_w_base/$u_text/undone"; fi
  umask "$ll_umask"
}

# Field runs: lines `RUN TIME FILES UNITS PACKAGES OTHERS UNDONE UNDOES`, the newest last (`-` for none).
undo_list() {
  ll_find_journals
  set +f
  ll_ret runs "$(for u_dir in "$ll_w_base"/*/; do
    u_dir=${u_dir%/}
    [ -d "$u_dir" ] || continue
    u_undone=- u_undoes=- u_notes=0
    [ ! -f "$u_dir/undone" ] || IFS= read -r u_undone <"$u_dir/undone"
    [ ! -f "$u_dir/undoes" ] || IFS= read -r u_undoes <"$u_dir/undoes"
    undo_split "$u_dir"
    [ ! -f "$u_dir/notes" ] || u_notes=$(sort -u "$u_dir/notes" | wc -l)
    set -- "$u_dir"/*.entry
    if [ ! -e "$1" ]; then
      [ "$u_notes" = 0 ] || printf '%s - 0 0 0 %s %s %s\n' "${u_dir##*/}" "$((u_notes))" "$u_undone" "$u_undoes"
      continue
    fi
    LC_ALL=C awk -v run="${u_dir##*/}" -v rest="$((u_notes)) $u_undone $u_undoes" '
      FNR == 1 { path = 0 }
      path { next }
      $1 == "time" && (time == "" || $2 < time) { time = $2 }
      $1 == "action" { action = $2 }
      $1 == "path" {
        path = 1
        if (action == "packages") packages++
        else if (action == "state") { if (!($0 in units)) { units[$0]; u++ } }
        else if (!($0 in files)) { files[$0]; f++ }
      }
      END { print run, time, f + 0, u + 0, packages + 0, rest }' "$@"
  done | sort -k2,2n)"
}
