# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's
#
# Steps that are left running (`async`), and what became of them. A job's file, ~/.ansible_async/JID, is for its owner alone:
#   HEAD                                  what the controller has to know to read it, one line
#   pid PID START                         while it runs: its process, and when that started, in ticks since boot
#   end STATUS SECONDS STDOUT STDERR      when it has ended: STATUS as in runtime.sh, and how many bytes of each follow
#   then stdout, stderr and the step's records

x_job() {
  # DIRECTORY JID SECONDS FLAGS HEAD BODY: starts a step as a job of its own, which outlives this shell
  ll_home "$1"
  m_file=$ll_path/$2
  umask 077
  mkdir -p "$ll_path" || ll_fail "could not create directory: $ll_path"
  printf '%s\n' "$5" >"$m_file" || ll_fail "cannot write $m_file"
  # Before it is started: a connection that ends at once may hang up on it.
  trap '' HUP
  x_job_run "$3" "$4" "$5" "$6" </dev/null >/dev/null 2>&1 3>/dev/null &
  ll_ret ansible_job_id "$2"
  ll_ret results_file "$m_file"
  ll_changed
}

x_job_run() {
  # SECONDS FLAGS HEAD BODY, in a process of its own; its scratch is swept like a session's, should it be killed
  trap - EXIT
  m_head=$3
  m_pid=$(exec sh -c 'echo "$PPID"')
  ll_started "$m_pid"
  m_start=$ll_value
  ll_dir=$ll_base/scratch.$m_pid.$m_start
  mkdir -p "$ll_dir"
  printf '%s\n' "$m_head" "pid $m_pid $m_start" | x_job_write
  m_since=$(date +%s)
  # A job may outlive its block, so what it changes does not go back with it.
  ll_away=1 ll_fresh='' ll_place=-
  ll_limit "$ll_id" "$2:$1" "$4"
  m_since=$(($(date +%s) - m_since))
  [ "$ll_rc" != 106 ] || ll_rc=0
  {
    printf '%s\n' "$m_head" "end $ll_rc $m_since $(($(wc -c <"$ll_dir/o$ll_id"))) $(($(wc -c <"$ll_dir/e$ll_id")))"
    cat "$ll_dir/o$ll_id" "$ll_dir/e$ll_id"
    [ ! -f "$ll_dir/r$ll_id" ] || ll_records "$ll_id"
    cat "$ll_dir/f$ll_id"
  } | x_job_write
  rm -rf "$ll_dir"
}

x_job_write() { cat >"$m_file.tmp" && mv -f "$m_file.tmp" "$m_file"; }

x_job_status() {
  # DIRECTORY JID SECONDS: returns the job's file when it has ended, after waiting so long for that
  ll_home "$1"
  m_file=$ll_path/$2 m_left=$3
  ll_ret path "$m_file"
  while x_job_runs; do
    [ "$m_left" -gt 0 ] || return 0
    # Most jobs that are waited for end soon; not every sleep knows parts of a second.
    if [ "$m_left" = "$3" ]; then sleep 0.2 2>/dev/null || sleep 1; else sleep 1; fi
    m_left=$((m_left - 1))
  done
  ll_ret_bytes job "$m_file"
}

x_job_runs() {
  x_job_line
  case $m_kind in
  end) return 1 ;;
  pid)
    if ll_started "$m_pid" && [ "$ll_value" = "$m_start" ]; then return 0; fi
    # It may have ended between the two looks.
    x_job_line
    [ "$m_kind" != end ] || return 1
    ll_fail 'the job ended without a result: it was killed, or the host was restarted'
    ;;
  esac
}

x_job_line() {
  [ -f "$m_file" ] || ll_fail 'could not find job'
  m_kind=''
  { IFS= read -r m_head && IFS=' ' read -r m_kind m_pid m_start; } 2>/dev/null <"$m_file" || :
}

x_job_erase() {
  # DIRECTORY JID
  ll_home "$1"
  ll_ret path "$ll_path/$2"
  [ -f "$ll_path/$2" ] || ll_fail 'could not find job'
  rm -f "$ll_path/$2" || ll_fail "cannot remove $ll_path/$2"
}
