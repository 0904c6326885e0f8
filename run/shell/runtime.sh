# shellcheck shell=sh
#
# Lamplighter's runtime: sent once to the `sh` that a host runs for a whole play. Frames, steps, lock, scratch.
#
# Rules that keep a host whole when a stream is cut, a step misbehaves or a client goes silent:
# - Function definitions and nothing else at top level: a stream cut anywhere runs nothing by half.
# - Every call ends in the word `.`, without which it does nothing.
# - stdout carries frames alone; each write of a frame is followed by `|| exit`.
# - A step runs in a subshell: /dev/null in, files out, fd 3 for what it returns. Its guard and its test do not.
# - No command substitution and no external program between two silent steps: forks are what costs.
#
# A frame is a line that starts with the run's random token:
#   hello VERSION UID PID KERNEL              begin ID       end ID STATUS
#   data ID STATUS, then stdout, `err ID`, stderr, `fields ID`, fields, `done ID`
#   said ID STATUS, then the lines of a step that said nothing else, `done ID`
#   (no `begin` for a step that did not have to run)
#   wait RUN PID STEP SINCE                   (another run holds the host)
# STATUS: 0 ok, 100 changed, 101 skipped, 102 unknown, 103 guarded, 104 stopped, 105 timed out, others failed
# (106, which never leaves the host: ok, and the step has told of all that it changes).
#
# A step's fields are records, NUL after each part (MARK: a word random to the session):
#   R key value    F key content MARK    B key content MARK    W warning    M message    C status (the body's own, when it is 100 to 109)
#   D path before MARK after MARK        A path attribute before after
# A short value of one line is no record but a line `KEY VALUE`, which the shell can read without a program.

ll_hello() {
  # TOKEN MARK RUN SCRATCH JOURNAL SINCE . : says who is there and waits for the lock; may be asked again. SCRATCH and
  # JOURNAL are directories, empty for the usual ones; SINCE is the controller's time, for who finds the host locked.
  { [ "$#" = 7 ] && [ "$7" = . ]; } || exit 3
  [ -z "$ll_token" ] || {
    ll_more=0
    ll_greet
    return 0
  }
  ll_token=$1 ll_mark=$2 ll_run=$3 ll_scratch=$4 ll_journals=$5 ll_stop='' ll_last=0 ll_litter=0 ll_away='' ll_dir=''
  ll_more=0 ll_held='' ll_fresh='' ll_looks='' ll_settling='' ll_check='' ll_told='' ll_ifs=$IFS ll_nl='
'
  # A user's or a group's name may hold blanks, but no colon.
  ll_format=0x%f:%s:%u:%g:%U:%G:%Y:%i:%h
  for ll_d in /usr/local/sbin /usr/sbin /sbin /usr/local/bin /usr/bin /bin; do
    case ":$PATH:" in *":$ll_d:"*) ;; *) PATH=$PATH:$ll_d ;; esac
  done
  export PATH
  ll_who
  ll_make_base || {
    printf '\n%s broken no directory for scratch files: %s\n' "$ll_token" "$ll_why"
    exit 3
  }
  trap ll_leave EXIT
  # A signal that is looked at only when the input has ended skips the EXIT trap, in all three shells.
  trap 'll_leave; exit 129' HUP
  trap 'll_leave; exit 130' INT
  trap 'll_leave; exit 141' PIPE
  trap 'll_leave; exit 143' TERM
  ll_started "$$"
  ll_own="$ll_run $ll_value $6"
  ll_dir=$ll_base/scratch.$$.$ll_value ll_lock=$ll_base/lock
  ll_sweep
  # One program for both: the lock is had if nobody else holds it.
  if mkdir -m 700 "$ll_dir" "$ll_lock" 2>/dev/null; then ll_first=1; else ll_first=''; fi
  [ -d "$ll_dir" ] || exit 3
  # Without the fork of a command substitution
  umask >"$ll_dir/umask" && read -r ll_umask <"$ll_dir/umask" || exit 3
  umask 077
  ll_greet
  ll_take_lock
}

ll_greet() {
  printf '\n%s hello 1 %s %s %s\n' "$ll_token" "$ll_me" "$$" "$ll_kernel" || exit
}

ll_who() {
  # The user and the kernel, without a program where /proc tells
  ll_me='' ll_kernel=''
  if [ -r /proc/self/status ]; then
    while read -r ll_d _ ll_me _; do
      case $ll_d in Uid:) break ;; esac
      ll_me=''
    done </proc/self/status
  fi
  if [ -r /proc/sys/kernel/ostype ]; then read -r ll_kernel </proc/sys/kernel/ostype; fi
  ll_me=${ll_me:-$(id -u)} ll_kernel=${ll_kernel:-$(uname -s)}
}

# PROGRAM: whether the host has it
ll_has() { command -v "$1" >/dev/null 2>&1; }

ll_can() {
  # stat: there is a stat(1) that knows -c. copyattr: cp can carry attributes alone. Asked once a session, when it matters.
  if [ -f "$ll_dir/can.$1" ]; then return 0; fi
  if [ -f "$ll_dir/cannot.$1" ]; then return 1; fi
  case $1 in
  stat) stat -c %h / >/dev/null 2>&1 ;;
  *) case $(cp --attributes-only 2>&1) in *nrecognized* | *nknown* | *nvalid*) ! : ;; esac ;;
  esac && : >"$ll_dir/can.$1" && return 0
  : >"$ll_dir/cannot.$1"
  return 1
}

ll_make_base() {
  # A directory of this user's own, in memory where there is such a file system.
  ll_why=''
  set -- "/dev/shm/lamplighter-$ll_me"
  # A container may have its /run on a disk, where each small file costs a millisecond.
  if [ "$ll_me" = 0 ]; then if ll_is_memory /run; then set -- /run/lamplighter "$@"; else set -- "$@" /run/lamplighter; fi; fi
  if [ -n "$ll_scratch" ]; then set -- "$ll_scratch"; else set -- "$@" "/tmp/lamplighter-$ll_me" "/var/tmp/lamplighter-$ll_me"; fi
  for ll_base in "$@"; do
    [ -d "$ll_base" ] || mkdir -m 700 "$ll_base" 2>/dev/null
    # A directory that someone else made first in a place open to all is left alone.
    # shellcheck disable=SC3067 # -O is not in POSIX, but dash, bash and busybox have it
    if [ -d "$ll_base" ] && [ ! -L "$ll_base" ] && [ -O "$ll_base" ] && [ -w "$ll_base" ]; then return 0; fi
    ll_why="$ll_why $ll_base"
  done
  return 1
}

ll_is_memory() {
  # MOUNT_POINT
  [ -r /proc/mounts ] || return 0
  while read -r _ ll_d ll_line _; do
    case "$ll_d $ll_line" in "$1 tmpfs" | "$1 ramfs") return 0 ;; esac
  done </proc/mounts
  return 1
}

ll_started() {
  # PID: sets ll_value to the time it started (ticks since boot), which tells a process from a later one of its number.
  ll_value=0
  kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ] || return 1
  [ -r "/proc/$1/stat" ] || return 0
  IFS= read -r ll_line 2>/dev/null <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086 # the words are wanted
  set -- ${ll_line#*) }
  # The name of a program may hold what ends it; to look for its last end takes long.
  case $1:$2 in
  ?:*[!0-9]* | ??*)
    # shellcheck disable=SC2086
    set -- ${ll_line##*) }
    ;;
  esac
  ll_value=${20}
}

ll_sweep() {
  # Scratch of shells that were killed. Where there is much, its processes are told by their numbers alone.
  set -- "$ll_base"/scratch.*
  for ll_d; do
    [ -d "$ll_d" ] || continue
    ll_pid=${ll_d#"$ll_base"/scratch.}
    ll_start=${ll_pid#*.} ll_pid=${ll_pid%%.*}
    if [ "$#" -gt 8 ] && [ -d "/proc/$ll_pid" ]; then continue; fi
    if ll_started "$ll_pid" && [ "$ll_value" = "$ll_start" ]; then continue; fi
    ll_drop_beside "$ll_d"
    rm -rf "$ll_d"
  done
}

# The lock: a directory with one file for each session of the run that holds it, named by pid, in it the run, the pid's
# start, since when, and the step under way. mkdir and rmdir decide every race: rmdir fails while a file is in it.

ll_take_lock() {
  ll_tries=0 ll_empty=0 ll_lost=0
  until ll_try_lock; do
    # A run that has just ended may be on its way out. Not every sleep knows parts of a second.
    if [ "$ll_tries" = 0 ]; then sleep 0.1 2>/dev/null || sleep 1; else
      if [ "$((ll_tries % 5))" = 1 ]; then
        printf '\n%s wait %s\n' "$ll_token" "$ll_holder" || exit
      fi
      sleep 1
    fi
    ll_tries=$((ll_tries + 1))
  done
  ll_mem=$ll_base/memory
}

ll_try_lock() {
  if [ -n "$ll_first" ] || mkdir "$ll_lock" 2>/dev/null; then
    ll_first=''
    # One that is slow between the two may be taken for dead, and its directory removed.
    ll_hold - || {
      ll_lost=$((ll_lost + 1))
      [ "$ll_lost" -lt 5 ] || exit 3
      return 1
    }
    # The first session of a run starts with an empty memory.
    set -- "$ll_base"/memory*
    [ ! -e "$1" ] || rm -rf "$@"
    return 0
  fi
  ll_holder='' ll_ours='' ll_dead=''
  for ll_f in "$ll_lock"/*; do
    [ -f "$ll_f" ] || continue
    ll_pid=${ll_f##*/} ll_other='' ll_start='' ll_from='' ll_step=''
    read -r ll_other ll_start ll_from ll_step 2>/dev/null <"$ll_f"
    if ! ll_started "$ll_pid" || { [ -n "$ll_start" ] && [ "$ll_start" != "$ll_value" ]; }; then
      rm -f "$ll_f"
      ll_dead=1
    elif [ "$ll_other" = "$ll_run" ]; then
      # Then nobody else holds it.
      ll_ours=1
      break
    else
      ll_holder="${ll_other:--} $ll_pid ${ll_step:--} ${ll_from:--}"
    fi
  done
  [ -z "$ll_holder" ] || return 1
  if [ -n "$ll_ours" ]; then
    # The last of our sessions may have left meanwhile: then its rmdir took the directory, and this fails.
    ll_hold - && return 0
    return 1
  fi
  ll_holder='- - - -'
  # Nobody is named: a holder that died, or one that is between mkdir and its file.
  ll_empty=$((ll_empty + 1))
  if [ -n "$ll_dead" ] || [ "$ll_empty" -gt 3 ]; then
    if rmdir "$ll_lock" 2>/dev/null; then
      ll_try_lock
      return
    fi
  fi
  return 1
}

# STEP: the file of this session in the lock.
ll_hold() { printf '%s %s\n' "$ll_own" "$1" 2>/dev/null >"$ll_lock/$$"; }

ll_leave() {
  trap - EXIT
  trap '' HUP INT PIPE TERM
  [ -n "$ll_dir" ] || return
  ll_drop_beside "$ll_dir"
  # One program for all, where rm knows -d; the lock goes only when it is empty.
  rm -f -d "${ll_dir:?}"/* "$ll_dir" "${ll_lock:?}/$$" "$ll_lock" 2>/dev/null
  if [ -d "$ll_dir" ] || [ -f "$ll_lock/$$" ]; then
    rm -rf "$ll_dir" "${ll_lock:?}/$$"
    rmdir "$ll_lock" 2>/dev/null
  fi
  if [ ! -d "$ll_lock" ] && [ -d "$ll_mem" ]; then rm -rf "$ll_mem"*; fi
}

ll_resume() {
  [ "$1" = . ] || exit 3
  ll_stop=''
}

ll_bye() {
  [ "$1" = . ] || exit 3
  exit 0
}

ll_learn() {
  # DEFINITIONS . : functions of a module, for the steps behind.
  { [ "$#" = 2 ] && [ "$2" = . ]; } || exit 3
  eval "$1"
}

ll_more() {
  # COUNT . : so many steps come right behind the next one; answers go with the announcement of the step behind them
  [ "$2" = . ] || exit 3
  ll_more=$1
}

ll_say() {
  # FRAMES
  if [ "$ll_more" -gt 0 ]; then
    ll_more=$((ll_more - 1)) ll_held=$ll_held$1
  else
    printf '%s%s' "$ll_held" "$1" || exit
    ll_held=''
  fi
}

ll_step() {
  # ID FLAGS GUARD TEST BODY . : flags k keep going, c check, d diff, @PLACE inside of blocks, and :SECONDS for a limit.
  # GUARD and TEST need no subshell: whether the step runs, and whether what was looked at ahead says that it has nothing to
  # do (ahead.sh). They are made of the runtime's and its modules' own words.
  { [ "$#" = 6 ] && [ "$6" = . ]; } || exit 3
  # What was sent again is not run again.
  [ "$1" -gt "$ll_last" ] || return 0
  ll_last=$1
  if [ -n "$ll_stop" ]; then
    ll_end_as "$1" 104
    return 0
  fi
  ll_place=-
  case $2 in
  *@*)
    ll_place=${2#*@} ll_place=${ll_place%%:*}
    case $2 in *c*@*) ll_snapshot ;; esac
    ;;
  esac
  if [ -n "$3" ] && ! eval "$3"; then
    ll_end_as "$1" 103
    return 0
  fi
  if [ -n "$4" ] && ll_settle "$1" "$2" "$4"; then
    ll_end_as "$1" 0
    return 0
  fi
  ll_hold "$1"
  printf '%s\n%s begin %s\n' "$ll_held" "$ll_token" "$1" || exit
  ll_held=''
  case $2 in
  *:*) ll_limit "$1" "$2" "$5" ;;
  *)
    (ll_enter "$1" "$2" "$5") </dev/null >"$ll_dir/o$1" 2>"$ll_dir/e$1" 3>"$ll_dir/f$1"
    ll_rc=$?
    ;;
  esac
  # What was looked at ahead may have changed, unless the step says that it tells of all it changes.
  case $ll_rc in
  106) ll_rc=0 ;;
  101) ;;
  *) ll_fresh='' ;;
  esac
  case $ll_rc in
  0 | 10[0-2]) ;;
  *) case $2 in *k*) ;; *) ll_stop=1 ;; esac ;;
  esac
  if [ -f "$ll_dir/k$1" ]; then ll_kept "$1"; fi
  ll_told=''
  if [ -s "$ll_dir/o$1" ] || [ -s "$ll_dir/e$1" ] || [ -s "$ll_dir/f$1" ]; then
    ll_deliver "$1"
  else
    if [ -f "$ll_dir/r$1" ]; then ll_lines "$1"; fi
    ll_end_as "$1" "$ll_rc"
    ll_litter=$((ll_litter + 1))
  fi
  # Each step has files of its own, so that a child left behind cannot write into another step's answer.
  if [ "$ll_litter" -gt 64 ]; then
    rm -f "$ll_dir"/[oefkrtux]*
    ll_litter=0
  fi
}

ll_end_as() {
  # ID STATUS: the end of a step that has written nothing; ll_told are the lines of its fields
  eval "ll_r$1=$2"
  if [ -z "$ll_told" ]; then
    ll_say "$ll_nl$ll_token end $1 $2$ll_nl"
  else
    ll_say "$ll_nl$ll_token said $1 $2$ll_nl$ll_told$ll_nl$ll_token done $1$ll_nl"
    ll_told=''
  fi
}

ll_deliver() {
  eval "ll_r$1=$ll_rc"
  {
    printf '\n%s data %s %s\n' "$ll_token" "$1" "$ll_rc" &&
      { [ ! -s "$ll_dir/o$1" ] || cat "$ll_dir/o$1"; } &&
      printf '\n%s err %s\n' "$ll_token" "$1" &&
      { [ ! -s "$ll_dir/e$1" ] || cat "$ll_dir/e$1"; } &&
      printf '\n%s fields %s\n' "$ll_token" "$1" &&
      { [ ! -f "$ll_dir/r$1" ] || ll_records "$1"; } &&
      { [ ! -s "$ll_dir/f$1" ] || cat "$ll_dir/f$1"; } &&
      printf '\n%s done %s\n' "$ll_token" "$1"
  } || exit
  ll_litter=$((ll_litter + 8))
  [ "$ll_more" = 0 ] || ll_more=$((ll_more - 1))
}

ll_lines() {
  # ID: sets ll_told to the lines of the step
  ll_told=''
  while IFS= read -r ll_line; do ll_told=$ll_told$ll_line$ll_nl; done <"$ll_dir/r$1"
}

ll_records() {
  # ID: the lines of the step as records
  while IFS= read -r ll_line; do printf 'R%s\0%s\0' "${ll_line%%' '*}" "${ll_line#*' '}" || return; done <"$ll_dir/r$1"
}

ll_enter() {
  # ID FLAGS BODY: inside the subshell of a step
  trap ll_end EXIT
  unset ll_token
  ll_id=$1 ll_check='' ll_diff='' ll_did='' ll_how='' ll_part='' ll_count=0 ll_unsafe='' ll_noted='' ll_tells=''
  case $2 in *c*) ll_check=1 ;; esac
  case $2 in *d*) ll_diff=1 ;; esac
  umask "$ll_umask"
  ll_body=$3
  set --
  ll_inside
}

ll_inside() { eval "$ll_body"; }

ll_end() {
  ll_rc=$?
  [ -z "$ll_part" ] || rm -rf "$ll_part"
  # What a step changes past the runtime cannot be put back, and is said to.
  case $ll_did:$ll_check:$ll_noted in 1::) ll_journal_note 'a change that the journal does not have' ;; esac
  [ -z "$ll_how" ] || exit "$ll_how"
  case $ll_rc in
  0)
    [ -z "$ll_did" ] || exit 100
    [ -z "$ll_tells" ] || exit 106
    ;;
  10[0-9])
    printf 'C%s\0' "$ll_rc" >&3
    exit 1
    ;;
  esac
  exit "$ll_rc"
}

ll_limit() {
  # ID FLAGS BODY: a step with a limit runs beside a watchdog, which ends the whole tree of its processes.
  (ll_enter "$@") </dev/null >"$ll_dir/o$1" 2>"$ll_dir/e$1" 3>"$ll_dir/f$1" &
  ll_job=$!
  (
    [ -n "$ll_away" ] || trap - HUP INT PIPE TERM
    sleep "${2#*:}"
    : >"$ll_dir/x$1"
    ll_end_tree "$ll_job"
  ) </dev/null >/dev/null 2>&1 &
  ll_dog=$!
  wait "$ll_job"
  ll_rc=$?
  # A watch that has begun to end what it found finishes: else some of it would stay stopped for ever. One that has just been
  # started loses a TERM in dash, which forgets the signals that come before it has forgotten its traps.
  if [ -f "$ll_dir/x$1" ]; then ll_rc=105; else ll_end_tree "$ll_dog" KILL; fi
  wait "$ll_dog" 2>/dev/null
  return 0
}

ll_end_tree() {
  # PID [SIGNAL]: it and its descendants. Each is stopped before its children are looked for, so that none is missed or started
  # meanwhile; all are ended together.
  ll_tree=$1 ll_found=''
  while [ -n "$ll_tree" ]; do
    ll_pid=${ll_tree%% *}
    case $ll_tree in *' '*) ll_tree=${ll_tree#* } ;; *) ll_tree='' ;; esac
    kill -STOP "$ll_pid" || continue
    ll_found="$ll_found $ll_pid"
    for ll_f in /proc/[0-9]*/stat; do
      ll_line=''
      IFS= read -r ll_line <"$ll_f" || continue
      ll_line=${ll_line##*) } ll_f=${ll_f#/proc/}
      ll_line=${ll_line#* }
      case ${ll_line%% *} in "$ll_pid") ll_tree="$ll_tree${ll_tree:+ }${ll_f%/stat}" ;; esac
    done
  done
  for ll_pid in $ll_found; do
    kill "-${2:-TERM}" "$ll_pid"
    kill -CONT "$ll_pid"
  done
} 2>/dev/null

# What later guards ask. Statuses are variables of the shell; other values pass through a file, if there are any.

ll_kept() {
  while IFS=' ' read -r ll_name ll_value; do
    eval "ll_k$1_$ll_name=\$ll_value"
  done <"$ll_dir/k$1"
  ll_litter=$((ll_litter + 1))
}

ll_was() {
  # ID changed|ok|skipped|failed|succeeded|unknown
  eval "ll_value=\$ll_r$1"
  case $2:$ll_value in
  *:) return 2 ;;
  changed:100 | ok:0 | skipped:101 | skipped:103 | unknown:102) return 0 ;;
  failed:0 | failed:10[0-4] | changed:* | ok:* | skipped:* | unknown:*) return 1 ;;
  failed:*) return 0 ;;
  succeeded:0 | succeeded:10[0-4]) return 0 ;;
  *) return 1 ;;
  esac
}

ll_rc_is() {
  # ID OP NUMBER, OP as in test(1): -eq -ne -lt …; the rc the step kept, or else the status of its body.
  eval "ll_value=\${ll_k$1_rc:-\$ll_r$1}"
  case $ll_value in 100) ll_value=0 ;; '') return 2 ;; esac
  case $2 in
  -eq) [ "$ll_value" -eq "$3" ] ;;
  -ne) [ "$ll_value" -ne "$3" ] ;;
  -lt) [ "$ll_value" -lt "$3" ] ;;
  -le) [ "$ll_value" -le "$3" ] ;;
  -gt) [ "$ll_value" -gt "$3" ] ;;
  -ge) [ "$ll_value" -ge "$3" ] ;;
  *) return 2 ;;
  esac
}

ll_flag() {
  # ID NAME: the step kept NAME as 1.
  eval "ll_value=\$ll_k$1_$2"
  [ "$ll_value" = 1 ]
}

ll_is() {
  # ID NAME VALUE: the step kept NAME with this value.
  eval "ll_value=\$ll_k$1_$2"
  [ "$ll_value" = "$3" ]
}

# What a step says: records to fd 3, each by one write, and short fields as lines of their own.

ll_changed() { ll_did=1; }
ll_ret() {
  # KEY VALUE
  if [ -n "$ll_settling" ]; then
    ll_told="$ll_told$1 $2$ll_nl"
    return
  fi
  case $2 in *"$ll_nl"*) ;; *)
    # Long ones are faster by cat(1): a shell reads byte by byte.
    if [ "${#2}" -lt 1000 ]; then
      printf '%s %s\n' "$1" "$2" >>"$ll_dir/r$ll_id"
      return
    fi
    ;;
  esac
  printf 'R%s\0%s\0' "$1" "$2" >&3
}
ll_warn() { printf 'W%s\0' "$1" >&3; }

ll_ret_file() {
  printf 'F%s\0' "$1" >&3
  cat "$2" >&3 || ll_fail "cannot read $2"
  printf '%s\0' "$ll_mark" >&3
}

ll_ret_bytes() {
  # KEY PATH: any content; the field is its base64, made by the controller
  printf 'B%s\0' "$1" >&3
  cat "$2" >&3 || ll_fail "cannot read $2"
  printf '%s\0' "$ll_mark" >&3
}

ll_keep() {
  # NAME VALUE (one line): for the guards of later steps.
  if [ -n "$ll_settling" ]; then eval "ll_k${ll_id}_$1=\$2"; else printf '%s %s\n' "$1" "$2" >>"$ll_dir/k$ll_id"; fi
}

ll_fail() {
  printf 'M%s\0' "$1" >&3
  ll_how=1
  exit 1
}

ll_skip() {
  printf 'M%s\0' "$1" >&3
  ll_how=101
  exit 101
}

ll_unknown() {
  printf 'M%s\0' "$1" >&3
  ll_how=102
  exit 102
}

ll_temp() {
  # A name of the step's own in the scratch; 0600 whatever the umask.
  ll_count=$((ll_count + 1))
  ll_tmp=$ll_dir/t$ll_id.$ll_count
  umask 077
  : >"$ll_tmp"
  umask "$ll_umask"
}

ll_upload_path() {
  # Sets ll_path to a name in the scratch that lasts as long as the session: for what a second channel brings.
  ll_count=$((ll_count + 1))
  ll_path=$ll_dir/big.$ll_id.$ll_count
}

ll_upload_beside() {
  # PATH: sets ll_path to a name beside it for a big content, which ll_write takes as it is: scratch is memory, and a copy
  # would cost as much again. What is not taken goes with the session. A dry run touches nothing but scratch.
  if [ -n "$ll_check" ]; then
    ll_upload_path
    return 0
  fi
  ll_part_beside "$1"
  ll_path=$ll_part ll_part=''
  printf '%s\n' "$ll_path" >>"$ll_dir/beside"
}

ll_drop_beside() {
  # SCRATCH: removes what was brought for its session and not taken; a line of `beside` may be a part of a path that has
  # line feeds, one of `stages` is a directory
  if [ -f "$1/beside" ]; then
    while IFS= read -r ll_line; do
      case $ll_line in */.lamplighter.*) rm -f -- "$ll_line" ;; esac
    done <"$1/beside"
  fi
  [ -f "$1/stages" ] || return 0
  while IFS= read -r ll_line; do rm -rf -- "$ll_line"; done <"$1/stages"
}

ll_try() {
  # COMMAND…: on failure ll_why has the first line it wrote to stderr (dd counts its blocks after it).
  "$@" 2>|"$ll_dir/u$ll_id" && return 0
  ll_code=$?
  ll_why=''
  while IFS= read -r ll_line || [ -n "$ll_line" ]; do ll_why=${ll_why:-$ll_line}; done <"$ll_dir/u$ll_id"
  ll_why=${ll_why:-"$1 ended with status $ll_code"}
  return "$ll_code"
}

ll_diff() {
  # PATH BEFORE_FILE AFTER_FILE; contents beyond what Ansible shows (104448 bytes) are not sent.
  [ -n "$ll_diff" ] || return 0
  printf 'D%s\0' "$1" >&3
  for ll_f in "$2" "$3"; do
    if [ -f "$ll_f" ] && [ -s "$ll_f" ]; then
      ll_value=$(wc -c <"$ll_f")
      if [ "$ll_value" -gt 104448 ]; then printf '\0large\0' >&3; else cat "$ll_f" >&3; fi
    fi
    printf '%s\0' "$ll_mark" >&3
  done
}

ll_diff_text() {
  [ -n "$ll_diff" ] || return 0
  printf 'D%s\0%s%s\0%s%s\0' "$1" "$2" "$ll_mark" "$3" "$ll_mark" >&3
}

ll_command() {
  # CHDIR SCRIPT: a user's command; its status is returned and kept as rc.
  if [ -n "$1" ]; then
    [ -d "$1" ] || ll_fail "Unable to change directory before execution: [Errno 2] No such file or directory: b'$1'"
    cd "$1" 2>/dev/null || ll_fail "Unable to change directory before execution: cannot enter $1"
  fi
  # An argument holds 128 KB at most.
  if [ "${#2}" -gt 30000 ]; then
    ll_temp
    printf '%s\n' "$2" >"$ll_tmp"
    /bin/sh "$ll_tmp" 3>&-
  else
    /bin/sh -c "$2" 3>&-
  fi
  ll_rc=$?
  ll_keep rc "$ll_rc"
  return "$ll_rc"
}

ll_as_user() {
  # USER SCRIPT
  if [ "$ll_me" != 0 ]; then ll_fail "only root can run commands as $1"; fi
  if ll_has su; then
    su -s /bin/sh "$1" -c "$2" 3>&-
  elif ll_has runuser; then
    runuser -u "$1" -- /bin/sh -c "$2" 3>&-
  elif ll_has sudo; then
    sudo -n -u "$1" -- /bin/sh -c "$2" 3>&-
  else
    ll_fail "cannot run commands as $1: the host has neither su nor runuser nor sudo"
  fi
}
