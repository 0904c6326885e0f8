# shellcheck shell=sh
#
# Every touch of a host's files: looking, reading, writing, making, removing, owning. In check mode each function
# predicts (memory.sh) what it would otherwise do; outside it, what it overwrites or removes is journalled first
# (journal.sh). ll_w_… are variables of the function under way; what a caller may read is in docs/writing-a-module.md.

# ---- looking

ll_stat() {
  # PATH [follow]
  if [ -n "$ll_check" ] && [ -d "$ll_mem/t" ]; then
    ll_look "$1" "$2"
    case $ll_from in
    memory) ll_recall ;;
    absent) ll_set_stat ;;
    *) ll_stat_real "$ll_p" ;;
    esac
  else
    ll_stat_real "$1" "$2"
  fi
}

ll_set_stat() {
  # KIND MODE UID GID USER GROUP SIZE MTIME INODE NLINK
  # shellcheck disable=SC2034 # modules read them
  ll_kind=${1:-absent} ll_mode=$2 ll_uid=$3 ll_gid=$4 ll_user=$5 ll_group=$6 ll_size=$7 ll_mtime=$8 ll_inode=$9
  ll_target=''
  [ "$#" -lt 10 ] || shift 9
  ll_nlink=$1
}

ll_stat_real() {
  if [ "$2" != follow ] && [ -L "$1" ]; then :; elif [ -e "$1" ]; then :; else
    ll_set_stat absent '' '' '' '' '' '' '' '' ''
    return 0
  fi
  if ll_seen b "$1"; then
    ll_stat_line "$ll_w_seen"
    case $ll_kind in link) ;; *) return 0 ;; esac
  fi
  ll_w_flag=''
  case $2 in follow) ll_w_flag=L ;; esac
  if ll_can stat; then
    ll_stat_line "$(stat ${ll_w_flag:+-L} -c "$ll_format" -- "$1" 2>/dev/null)"
  else
    # shellcheck disable=SC2046,SC2012 # the words are wanted; a name is not read from ls
    ll_ls_words $(LC_ALL=C ls "-lnid$ll_w_flag" -- "$1" 2>/dev/null)
    [ "$ll_kind" = absent ] || ll_mtime=$(date -r "$1" +%s 2>/dev/null)
  fi
  case $ll_kind in link) ll_target=$(readlink "$1" && echo .) ll_target=${ll_target%??} ;; esac
}

ll_there() {
  # PATH: whether there is something, be it a link to nothing
  if [ -n "$ll_check" ] && [ -d "$ll_mem/t" ]; then
    ll_stat "$1"
    [ "$ll_kind" != absent ]
  else
    [ -e "$1" ] || [ -L "$1" ]
  fi
}

ll_stat_line() {
  # As stat(1) writes it with ll_format
  ll_w_ifs=$IFS
  IFS=:
  # shellcheck disable=SC2086 # the words are wanted
  set -- $1
  IFS=$ll_w_ifs
  [ "$#" = 9 ] || {
    ll_set_stat absent '' '' '' '' '' '' '' '' ''
    return 0
  }
  case $(($1 & 0170000)) in
  32768) ll_w_kind='file' ;;
  16384) ll_w_kind=directory ;;
  40960) ll_w_kind='link' ;;
  24576) ll_w_kind=block ;;
  8192) ll_w_kind=char ;;
  4096) ll_w_kind=fifo ;;
  *) ll_w_kind=socket ;;
  esac
  ll_octal $(($1 & 07777))
  ll_set_stat "$ll_w_kind" "$ll_o" "$3" "$4" "$5" "$6" "$2" "$7" "$8" "$9"
  # A number without a name: GNU says UNKNOWN.
  case $ll_user in UNKNOWN) ll_user=$ll_uid ;; esac
  case $ll_group in UNKNOWN) ll_group=$ll_gid ;; esac
}

# NUMBER: sets ll_o to four octal digits, without a fork.
ll_octal() { ll_o=$(($1 >> 9 & 7))$(($1 >> 6 & 7))$(($1 >> 3 & 7))$(($1 & 7)); }

ll_ls_words() {
  # Where there is no stat(1): INODE -rwxr-xr-x LINKS UID GID SIZE …
  [ "$#" -ge 6 ] || {
    ll_set_stat absent '' '' '' '' '' '' '' '' ''
    return 0
  }
  case $2 in
  -*) ll_w_kind='file' ;;
  d*) ll_w_kind=directory ;;
  l*) ll_w_kind='link' ;;
  b*) ll_w_kind=block ;;
  c*) ll_w_kind=char ;;
  p*) ll_w_kind=fifo ;;
  *) ll_w_kind=socket ;;
  esac
  ll_w_letters=${2#?} ll_w_bits=0
  for ll_d in 256 128 64 32 16 8 4 2 1; do
    ll_w_c=${ll_w_letters%"${ll_w_letters#?}"} ll_w_letters=${ll_w_letters#?}
    case $ll_w_c in [rwxst]) ll_w_bits=$((ll_w_bits | ll_d)) ;; esac
    case $ll_d$ll_w_c in
    64[sS]) ll_w_bits=$((ll_w_bits | 2048)) ;;
    8[sS]) ll_w_bits=$((ll_w_bits | 1024)) ;;
    1[tT]) ll_w_bits=$((ll_w_bits | 512)) ;;
    esac
  done
  ll_octal "$ll_w_bits"
  case $ll_w_kind in block | char) set -- "$1" "$2" "$3" "$4" "$5" 0 ;; esac
  ll_name_of passwd "$4"
  ll_w_user=$ll_value
  ll_name_of group "$5"
  ll_set_stat "$ll_w_kind" "$ll_o" "$4" "$5" "$ll_w_user" "$ll_value" "$6" '' "$1" "$3"
}

ll_name_of() {
  # passwd|group NUMBER: sets ll_value to the name, or to the number
  ll_value=$2
  while IFS=: read -r ll_w_name ll_w_x ll_w_id ll_w_x; do
    if [ "$ll_w_id" = "$2" ]; then
      ll_value=$ll_w_name
      return 0
    fi
  done <"/etc/$1"
}

ll_id_of() {
  # passwd|group NAME: sets ll_value to the number. In check mode one that would be made by then is known by its name.
  ll_value=$2
  case $2 in *[!0-9]* | '') ;; *) return 0 ;; esac
  while IFS=: read -r ll_w_name ll_w_x ll_w_id ll_w_x; do
    if [ "$ll_w_name" = "$2" ]; then
      ll_value=$ll_w_id
      return 0
    fi
  done <"/etc/$1"
  # Users of a directory service.
  if ll_has getent && ll_line=$(getent "$1" "$2" 2>/dev/null); then
    ll_line=${ll_line#*:*:}
    ll_value=${ll_line%%:*}
    return 0
  fi
  [ -n "$ll_check" ] || return 1
  case $1 in passwd) ll_w_kind=user ;; *) ll_w_kind=group ;; esac
  if ll_predicted "$ll_w_kind" "$2" || ll_predicted user "$2" || ll_predicted_any package; then
    ll_value=$2
    return 0
  fi
  return 1
}

ll_read() {
  # PATH: status 1 absent, 2 not readable, 3 a directory
  ll_at=$1
  if [ -n "$ll_check" ] && [ -d "$ll_mem/t" ]; then
    ll_look "$1" follow
    case $ll_from in
    absent) return 1 ;;
    memory)
      ll_recall
      case $ll_kind in absent) return 1 ;; directory) return 3 ;; esac
      ll_at=$ll_n/c
      [ -f "$ll_at" ] || ll_at=$ll_p
      ;;
    *) ll_at=$ll_p ;;
    esac
  fi
  [ -e "$ll_at" ] || return 1
  [ ! -d "$ll_at" ] || return 3
  [ -r "$ll_at" ] || return 2
}

ll_hash() {
  # ALGORITHM PATH
  ll_sum=''
  ll_read "$2" || return
  if [ "$1" = sha1 ] && ll_seen c "$ll_at"; then
    ll_sum=$ll_w_seen
    return 0
  fi
  if ll_has "$1sum"; then
    ll_line=$("$1sum" <"$ll_at") || return 1
    ll_sum=${ll_line%% *}
  elif ll_has openssl; then
    ll_line=$(openssl dgst "-$1" <"$ll_at") || return 1
    ll_sum=${ll_line##* }
  else
    ll_fail "the host has no program for $1 checksums"
  fi
}

ll_same() {
  # FILE FILE: the same content
  if ll_has cmp; then
    ll_read "$1" || return 1
    ll_w_at=$ll_at
    ll_read "$2" || return 1
    cmp -s "$ll_w_at" "$ll_at"
    return
  fi
  ll_hash sha256 "$1" || return 1
  ll_w_sum=$ll_sum
  ll_hash sha256 "$2" && [ "$ll_w_sum" = "$ll_sum" ]
}

ll_home() {
  # PATH: sets ll_path, as os.path.expanduser(os.path.expandvars(…)): what is not set stays as it is written
  ll_path=$1
  case $1 in *'$'*) ll_expand "$1" ;; esac
  case $ll_path in '~'*) ;; *) return 0 ;; esac
  ll_w_user=${ll_path%%/*} ll_w_user=${ll_w_user#?}
  case $ll_path in */*) ll_w_rest=/${ll_path#*/} ;; *) ll_w_rest='' ;; esac
  if [ -z "$ll_w_user" ] && [ -n "$HOME" ]; then
    ll_path=${HOME%/}$ll_w_rest
    return 0
  fi
  while IFS=: read -r ll_w_name ll_w_x ll_w_id ll_w_x ll_w_x ll_w_home ll_w_x; do
    case $ll_w_user in '') [ "$ll_w_id" = "$ll_me" ] ;; *) [ "$ll_w_name" = "$ll_w_user" ] ;; esac || continue
    ll_path=${ll_w_home%/}$ll_w_rest
    return 0
  done </etc/passwd
  if [ -n "$ll_w_user" ] && ll_has getent && ll_line=$(getent passwd "$ll_w_user"); then
    ll_line=${ll_line%:*}
    ll_path=${ll_line##*:}$ll_w_rest
  fi
}

ll_expand() {
  ll_path='' ll_w_rest=$1
  while :; do
    case $ll_w_rest in *'$'*) ;; *) break ;; esac
    ll_path=$ll_path${ll_w_rest%%'$'*} ll_w_rest=${ll_w_rest#*'$'}
    case $ll_w_rest in
    '{'*'}'*) ll_w_name=${ll_w_rest#?} ll_w_name=${ll_w_name%%'}'*} ll_w_word="{$ll_w_name}" ;;
    *) ll_w_name=${ll_w_rest%%[!A-Za-z0-9_]*} ll_w_word=$ll_w_name ;;
    esac
    ll_w_rest=${ll_w_rest#"$ll_w_word"} ll_w_x=
    case $ll_w_name in
    # The shell's own variables are not the environment's.
    '' | [0-9]* | *[!A-Za-z0-9_]* | ll_* | IFS | OPTIND | OPTARG | PPID | PS[0-9] | _) ;;
    *) eval "ll_w_x=\${$ll_w_name+set}" ;;
    esac
    if [ -n "$ll_w_x" ]; then eval "ll_path=\$ll_path\$$ll_w_name"; else ll_path="$ll_path\$$ll_w_word"; fi
  done
  ll_path=$ll_path$ll_w_rest
}

ll_resolve() {
  # PATH: sets ll_path to what a link at PATH leads to in the end, there or not
  ll_path=$1
  if [ -n "$ll_check" ] && [ -d "$ll_mem/t" ]; then
    ll_look "$1" follow
    ll_path=$ll_p
  elif [ -L "$1" ]; then
    ll_path=$(readlink -f "$1") || ll_fail "cannot follow the link $1"
  fi
}

ll_ret_stat() {
  # What ll_stat said, as the field `stat`
  ll_w_x="$ll_kind ${ll_mode:--} ${ll_uid:--} ${ll_gid:--} ${ll_size:--} ${ll_mtime:--} ${ll_inode:--} ${ll_nlink:--}"
  ll_ret stat "$ll_w_x ${ll_user:--}:${ll_group:--}"
}

ll_tree() {
  # PATH: sets ll_tmp to a file with the paths of all that is below it, a line each, as check mode remembers it. Names
  # with line feeds are left out.
  ll_temp
  if [ -z "$ll_check" ] || [ ! -d "$ll_mem/t" ]; then
    find "$1" -mindepth 1 ! -name '*
*' -print >"$ll_tmp"
    return 0
  fi
  ll_w_list=$ll_tmp
  {
    if [ -d "$1" ]; then find "$1" -mindepth 1 ! -name '*
*' -print; fi
    ll_look "$1" follow
    if [ -d "$ll_n" ]; then
      # Nodes are `…/=NAME/s`: back to paths.
      find "$ll_n" -mindepth 2 -name s | while IFS= read -r ll_line; do
        ll_line=${ll_line#"$ll_n"} ll_line=${ll_line%/s} ll_w_rest=$1
        while [ -n "$ll_line" ]; do
          ll_line=${ll_line#/=}
          ll_w_rest=$ll_w_rest/${ll_line%%/=*}
          case $ll_line in */=*) ll_line=/=${ll_line#*/=} ;; *) ll_line='' ;; esac
        done
        printf '%s\n' "$ll_w_rest"
      done
    fi
  } | sort -u | while IFS= read -r ll_line; do
    ll_stat "$ll_line"
    [ "$ll_kind" = absent ] || printf '%s\n' "$ll_line"
  done >"$ll_w_list"
}

# ---- modes and owners

ll_mode_bits() {
  # SPEC CURRENT KIND: sets ll_o to the mode (four digits) that a file of mode CURRENT gets, as Ansible reads SPEC.
  case $1 in
  *[!0-7]*) ;;
  *)
    ll_octal "$((0$1))"
    return 0
    ;;
  esac
  ll_w_old=$((0$2)) ll_w_new=$((0$2)) ll_w_spec=$1,
  ll_w_big=0
  if [ "$3" = directory ] || [ "$((ll_w_old & 73))" != 0 ]; then ll_w_big=1; fi
  while [ -n "$ll_w_spec" ]; do
    ll_w_rest=${ll_w_spec%%,*} ll_w_spec=${ll_w_spec#*,}
    ll_w_who=${ll_w_rest%%[-+=]*}
    case $ll_w_rest in *[-+=]*) ;; *) ll_fail "mode must be in octal or symbolic form" ;; esac
    ll_w_rest=${ll_w_rest#"$ll_w_who"} ll_w_mask=511
    case $ll_w_who in '') ll_w_mask=$((511 & ~0$ll_umask)) ;; esac
    while [ -n "$ll_w_rest" ]; do
      ll_w_op=${ll_w_rest%"${ll_w_rest#?}"} ll_w_rest=${ll_w_rest#?}
      ll_w_perms=${ll_w_rest%%[-+=]*} ll_w_rest=${ll_w_rest#"${ll_w_rest%%[-+=]*}"}
      for ll_w_u in u g o; do
        case $ll_w_who in '' | *a* | *"$ll_w_u"*) ll_mode_part ;; esac
      done
    done
  done
  ll_octal "$ll_w_new"
}

ll_mode_part() {
  case $ll_w_u in
  u) ll_w_shift=6 ll_w_clear=2496 ll_w_s=2048 ll_w_t=0 ;;
  g) ll_w_shift=3 ll_w_clear=1080 ll_w_s=1024 ll_w_t=0 ;;
  o) ll_w_shift=0 ll_w_clear=519 ll_w_s=0 ll_w_t=512 ;;
  esac
  ll_w_left=$ll_w_perms ll_w_add=0
  while [ -n "$ll_w_left" ]; do
    ll_w_c=${ll_w_left%"${ll_w_left#?}"} ll_w_left=${ll_w_left#?}
    case $ll_w_c in
    r) ll_w_bit=$((4 << ll_w_shift & ll_w_mask)) ;;
    w) ll_w_bit=$((2 << ll_w_shift & ll_w_mask)) ;;
    x) ll_w_bit=$((1 << ll_w_shift & ll_w_mask)) ;;
    X) ll_w_bit=$((ll_w_big << ll_w_shift)) ;;
    s) ll_w_bit=$ll_w_s ;;
    t) ll_w_bit=$ll_w_t ;;
    u) ll_w_bit=$(((ll_w_old >> 6 & 7) << ll_w_shift)) ;;
    g) ll_w_bit=$(((ll_w_old >> 3 & 7) << ll_w_shift)) ;;
    o) ll_w_bit=$(((ll_w_old & 7) << ll_w_shift)) ;;
    *) ll_fail "mode must be in octal or symbolic form" ;;
    esac
    ll_w_add=$((ll_w_add | ll_w_bit))
  done
  case $ll_w_op in
  =) ll_w_new=$((ll_w_new & ~ll_w_clear | ll_w_add)) ;;
  +) ll_w_new=$((ll_w_new | ll_w_add)) ;;
  -) ll_w_new=$((ll_w_new & ~ll_w_add)) ;;
  esac
}

ll_want() {
  # MODE OWNER GROUP, against what ll_stat said: sets ll_w_mode, ll_w_uid, ll_w_gid, each empty when it is so already
  ll_w_mode='' ll_w_uid='' ll_w_gid=''
  if [ -n "$2" ] && [ "$2" != "$ll_user" ]; then
    ll_id_of passwd "$2" || ll_fail "chown failed: failed to look up user $2"
    if [ "$ll_value" != "$ll_uid" ]; then ll_w_uid=$ll_value; fi
  fi
  if [ -n "$3" ] && [ "$3" != "$ll_group" ]; then
    ll_id_of group "$3" || ll_fail "chgrp failed: failed to look up group $3"
    if [ "$ll_value" != "$ll_gid" ]; then ll_w_gid=$ll_value; fi
  fi
  if [ -n "$1" ] && [ "$ll_kind" != link ]; then
    ll_mode_bits "$1" "$ll_mode" "$ll_kind"
    if [ "$ll_o" != "$ll_mode" ]; then ll_w_mode=$ll_o; fi
  fi
}

# What mode and owners will be, for the journal: ll_w_to
ll_say_to() {
  ll_w_x=${ll_w_mode:-$ll_mode} ll_w_u=${ll_w_uid:-$ll_uid} ll_w_g=${ll_w_gid:-$ll_gid}
  ll_w_to="${ll_w_x:--} ${ll_w_u:--} ${ll_w_g:--}"
}

ll_say_wanted() {
  # PATH: what differs, for the diff
  [ -n "$ll_diff" ] || return 0
  [ -z "$ll_w_uid" ] || printf 'A%s\0owner\0%s\0%s\0' "$1" "$ll_uid" "$ll_w_uid" >&3
  [ -z "$ll_w_gid" ] || printf 'A%s\0group\0%s\0%s\0' "$1" "$ll_gid" "$ll_w_gid" >&3
  [ -z "$ll_w_mode" ] || printf 'A%s\0mode\0%s\0%s\0' "$1" "$ll_mode" "$ll_w_mode" >&3
}

ll_attributes() {
  # PATH MODE OWNER GROUP [nofollow]
  [ -n "$2$3$4" ] || return 0
  case $5 in nofollow) ll_stat "$1" ;; *) ll_stat "$1" follow ;; esac
  ll_set_attributes "$@"
}

ll_set_attributes() {
  # The same where ll_stat has just been called for the path.
  [ -n "$2$3$4" ] || return 0
  if [ "$ll_kind" = absent ]; then ll_fail "cannot set attributes of $1: it does not exist"; fi
  ll_want "$2" "$3" "$4"
  [ -n "$ll_w_mode$ll_w_uid$ll_w_gid" ] || return 0
  ll_say_wanted "$1"
  ll_changed
  if [ -n "$ll_check" ]; then
    case $5 in nofollow) ll_look "$1" ;; *) ll_look "$1" follow ;; esac
    ll_change_predicted
    return 0
  fi
  ll_say_to
  ll_journal attributes "$1" '' "$ll_w_to"
  if [ -n "$ll_w_uid$ll_w_gid" ]; then
    case $ll_kind in link) ll_w_flag=-h ;; *) ll_w_flag='' ;; esac
    # shellcheck disable=SC2086 # no word when there is no flag
    ll_try chown $ll_w_flag -- "$ll_w_uid${ll_w_gid:+:$ll_w_gid}" "$1" || ll_fail "chown failed: $ll_why"
    # The kernel takes set-user-ID away when an owner changes.
    if [ -n "$2" ] && [ "$ll_kind" != link ]; then ll_w_mode=${ll_w_mode:-$ll_mode}; fi
  fi
  if [ -n "$ll_w_mode" ]; then
    ll_try chmod -- "$ll_w_mode" "$1" || ll_fail "chmod failed: $ll_why"
  fi
}

# ---- making and writing

ll_above() {
  # PATH: sets ll_up to the directory that holds it
  ll_up=${1%/*}
  case $1 in
  */*) ll_up=${ll_up:-/} ;;
  *) ll_up=. ;;
  esac
}

ll_need_above() {
  # PATH: ends the step unless the directory above is there, or would be by then: a package may bring its own.
  ll_above "$1"
  if [ -z "$ll_check" ]; then
    [ -d "$ll_up" ] || ll_fail "Destination directory $ll_up does not exist"
    return 0
  fi
  ll_stat "$ll_up" follow
  case $ll_kind in
  directory) return 0 ;;
  absent) if ll_predicted_any package; then return 0; fi ;;
  esac
  ll_fail "Destination directory $ll_up does not exist"
}

ll_part_beside() {
  # PATH: sets ll_part to a new name beside it, which no program that reads a directory of `*.conf` takes up
  ll_above "$1"
  ll_count=$((ll_count + 1))
  ll_part=$ll_up/.lamplighter.$$.$ll_id.$ll_count
}

ll_write() {
  # SCRATCH PATH [MODE OWNER GROUP [SHA1]], of the content where it is known; ll_unsafe=1 writes in place where a rename is
  # refused
  ll_need_above "$2"
  ll_stat "$2"
  case $ll_kind in
  directory) ll_fail "cannot write $2: it is a directory" ;;
  file)
    ll_want "$3" "$4" "$5"
    ll_say_wanted "$2"
    ll_w_keep=1
    ;;
  *)
    ll_w_keep='' ll_w_before=$ll_kind
    ll_set_stat file "$ll_mode" "$ll_uid" "$ll_gid" "$ll_user" "$ll_group" '' '' '' 1
    ll_new_file_stat 438
    ll_want "$3" "$4" "$5"
    ;;
  esac
  ll_changed
  if [ -n "$ll_check" ]; then
    ll_look "$2"
    ll_predict_content "$1"
    return 0
  fi
  ll_say_to
  if [ -z "$ll_w_keep" ]; then
    ll_w_k=$ll_kind ll_kind=$ll_w_before
    ll_journal write "$2" "$1" "$ll_w_to" "$6"
    ll_kind=$ll_w_k
  else
    ll_journal write "$2" "$1" "$ll_w_to" "$6"
  fi
  ll_part_beside "$2"
  case $1 in
  "$ll_up/.lamplighter.$$."*)
    # It was brought here by ll_upload_beside.
    ll_part=$1
    ll_try dd if=/dev/null "of=$ll_part" conv=fsync,notrunc || ll_fail "cannot write $2: $ll_why; it is as it was"
    if [ -z "$ll_w_keep$3$4$5" ]; then ll_w_mode=$ll_mode; fi
    ;;
  *)
    # Nobody else may read it before it has its owner and mode; without either it is as any new file of this user.
    if [ -n "$ll_w_keep$3$4$5" ]; then umask 077; fi
    set -C
    ll_try ll_create "$ll_part" || {
      ll_w_part=$ll_part ll_part=''
      ll_in_place "$1" "$2" "cannot write $2: $ll_w_part: $ll_why"
      return 0
    }
    set +C
    umask "$ll_umask"
    ll_try dd "if=$1" "of=$ll_part" bs=65536 conv=fsync,notrunc || ll_fail "cannot write $2: $ll_why; it is as it was"
    ;;
  esac
  if [ -n "$ll_w_keep" ] && ll_can copyattr; then
    ll_try cp --attributes-only --preserve=mode,ownership,xattr -- "$2" "$ll_part" || ll_fail "cannot write $2: $ll_why"
  elif [ -n "$ll_w_keep" ]; then
    # Only root can give a file away.
    if [ "$ll_me" = 0 ]; then ll_w_uid=${ll_w_uid:-$ll_uid} ll_w_gid=${ll_w_gid:-$ll_gid}; fi
    ll_w_mode=${ll_w_mode:-$ll_mode}
  fi
  if [ -n "$ll_w_uid$ll_w_gid" ]; then
    ll_try chown -- "$ll_w_uid${ll_w_gid:+:$ll_w_gid}" "$ll_part" || ll_fail "chown failed: $ll_why"
    ll_w_mode=${ll_w_mode:-$ll_mode}
  fi
  if [ -z "$ll_w_keep" ] && [ -n "$3$4$5" ]; then ll_w_mode=${ll_w_mode:-$ll_mode}; fi
  if [ -n "$ll_w_mode" ]; then ll_try chmod -- "$ll_w_mode" "$ll_part" || ll_fail "chmod failed: $ll_why"; fi
  ll_rename "$ll_part" "$2" && {
    ll_part=''
    return 0
  }
  ll_in_place "$1" "$2" "cannot replace $2: $ll_why; a file that is mounted by itself can only be written with unsafe_writes"
}

ll_create() { printf '' >"$1"; }

ll_new_file_stat() {
  # BITS: what a new file (438: 0666) or directory (511: 0777) of this user is
  ll_octal $(($1 & ~0$ll_umask))
  ll_mode=$ll_o ll_uid=$ll_me ll_gid=''
  ll_user='' ll_group='' ll_inode='' ll_nlink=1
}

ll_in_place() {
  # SCRATCH PATH MSG: Ansible's unsafe_writes, only when asked for
  set +C
  umask "$ll_umask"
  [ "$ll_unsafe" = 1 ] || ll_fail "$3"
  ll_try dd "if=$1" "of=$2" bs=65536 conv=fsync || ll_fail "cannot write $2: $ll_why"
  if [ -n "$ll_part" ]; then
    rm -f "$ll_part"
    ll_part=''
  fi
  if [ -n "$ll_w_mode" ]; then ll_try chmod -- "$ll_w_mode" "$2" || ll_fail "chmod failed: $ll_why"; fi
}

ll_rename() {
  # FROM TO, where TO may be a link to a directory, which mv would move into
  if [ -L "$2" ] && [ -d "$2" ]; then
    ll_try mv -fT -- "$1" "$2" && return 0
    ll_try rm -f -- "$2" || return 1
  fi
  ll_try mv -f -- "$1" "$2"
}

ll_mkdir() {
  # PATH [MODE OWNER GROUP]: these for each directory that is made
  ll_stat "$1" follow
  case $ll_kind in
  directory) return 0 ;;
  absent) ;;
  *) ll_fail "$1 already exists as a $ll_kind" ;;
  esac
  case $1 in
  */)
    ll_mkdir "${1%/}" "$2" "$3" "$4"
    return 0
    ;;
  esac
  ll_above "$1"
  case $ll_up in / | .) ;; *) ll_mkdir "$ll_up" "$2" "$3" "$4" ;; esac
  ll_changed
  if [ -n "$ll_check" ]; then
    ll_set_stat directory '' '' '' '' '' 4096 '' '' 2
    ll_new_file_stat 511
    ll_want "$2" "$3" "$4"
    ll_look "$1" follow
    ll_predict_directory
    return 0
  fi
  ll_set_stat absent '' '' '' '' '' '' '' '' ''
  ll_journal mkdir "$1"
  ll_try mkdir -- "$1" || ll_fail "There was an issue creating $1 as requested: $ll_why"
  ll_w_diff=$ll_diff ll_diff=''
  ll_attributes "$1" "$2" "$3" "$4"
  ll_diff=$ll_w_diff
}

ll_remove() {
  # PATH: file, link or whole directory
  ll_stat "$1"
  [ "$ll_kind" != absent ] || return 0
  ll_changed
  if [ -n "$ll_check" ]; then
    ll_look "$1"
    ll_predict_absent
    return 0
  fi
  ll_journal remove "$1"
  if [ "$ll_kind" = directory ]; then
    # Out of sight first, so that no half of it is ever seen; a mount point cannot be renamed.
    ll_w_path=${1%/}
    ll_part_beside "$ll_w_path"
    ll_try mv -- "$ll_w_path" "$ll_part" || ll_part=''
    ll_try rm -rf -- "${ll_part:-$ll_w_path}" || ll_fail "rmtree failed: $ll_why"
    ll_part=''
  else
    ll_try rm -f -- "$1" || ll_fail "unlinking failed: $ll_why"
  fi
}

ll_link() {
  # TARGET PATH: a symbolic link; in place of a directory only when that is empty
  ll_stat "$2"
  [ "$ll_kind:$ll_target" != "link:$1" ] || return 0
  ll_changed
  if [ -n "$ll_check" ]; then
    ll_need_above "$2"
    ll_look "$2"
    ll_predict_link "$1"
    return 0
  fi
  ll_journal link "$2" '' "$1"
  ll_put_link "$2" ln -s -- "$1"
}

ll_hardlink() {
  # TARGET PATH
  ll_stat "$1"
  ll_w_inode=$ll_inode
  ll_stat "$2"
  if [ "$ll_kind" != absent ] && [ -n "$ll_inode" ] && [ "$ll_inode" = "$ll_w_inode" ]; then return 0; fi
  ll_changed
  if [ -n "$ll_check" ]; then
    ll_need_above "$2"
    ll_stat "$1"
    ll_look "$2"
    ll_predict_hardlink "$1"
    return 0
  fi
  ll_journal link "$2" "$1"
  ll_put_link "$2" ln -- "$1"
}

ll_put_link() {
  # PATH COMMAND…
  ll_w_path=$1
  shift
  if [ "$ll_kind" = absent ]; then
    ll_try "$@" "$ll_w_path" || ll_fail "Error while linking: $ll_why"
    return 0
  fi
  if [ "$ll_kind" = directory ]; then ll_try rmdir -- "$ll_w_path" || ll_fail "Error while replacing: $ll_why"; fi
  ll_part_beside "$ll_w_path"
  ll_try "$@" "$ll_part" || ll_fail "Error while replacing: $ll_why"
  ll_rename "$ll_part" "$ll_w_path" || ll_fail "Error while replacing: $ll_why"
  ll_part=''
}

ll_touch() {
  # PATH MTIME ATIME: each `now`, YYYYMMDDhhmm.ss in the host's time, or empty to keep it. Makes the file.
  ll_stat "$1" follow
  if [ "$ll_kind" = absent ]; then
    ll_temp
    ll_write "$ll_tmp" "$1"
    ll_w_new=1
  else
    ll_w_new=''
  fi
  if [ -z "$2$3" ]; then return 0; fi
  if [ -n "$ll_check" ]; then
    if [ -n "$ll_w_new" ]; then return 0; fi
    ll_touch_needed "$1" "$2" "$3" || return 0
    ll_changed
    return 0
  fi
  if [ -n "$ll_w_new" ] && [ "$2$3" = nownow ]; then return 0; fi
  ll_touch_needed "$1" "$2" "$3" || return 0
  ll_changed
  ll_journal attributes "$1"
  ll_touch_one -m "$2" "$1"
  ll_touch_one -a "$3" "$1"
}

ll_touch_one() {
  case $2 in
  '') return 0 ;;
  now) ll_try touch "$1" -- "$3" ;;
  *) ll_try touch "$1" -t "$2" -- "$3" ;;
  esac || ll_fail "Error while updating modification or access time: $ll_why"
}

ll_touch_needed() {
  # PATH MTIME ATIME: compares with a scratch file of those times; `now` is never what it was
  case $2:$3 in now:* | *:now) return 0 ;; esac
  ll_temp
  ll_touch_one -m "$2" "$ll_tmp"
  if [ -n "$2" ]; then
    # shellcheck disable=SC3013 # -nt and -ot are not in POSIX, but dash, bash and busybox have them
    if [ "$1" -nt "$ll_tmp" ] || [ "$1" -ot "$ll_tmp" ]; then return 0; fi
  fi
  [ -n "$3" ] || return 1
  ll_touch_one -a "$3" "$ll_tmp"
  ll_access_time "$1"
  ll_w_time=$ll_value
  ll_access_time "$ll_tmp"
  [ "$ll_w_time" != "$ll_value" ]
}

ll_access_time() {
  if ll_can stat; then ll_value=$(stat -L -c %X -- "$1"); else
    # shellcheck disable=SC2012,SC2046 # words of ls, before the name
    ll_value=$(set -- $(LC_ALL=C ls -lndLu -- "$1") && echo "$6 $7 $8")
  fi
}

ll_backup() {
  # PATH: sets ll_value to the copy's name, in Ansible's form; nothing in check mode
  ll_value=''
  [ -z "$ll_check" ] || return 0
  ll_value=$1.$$.$(date +%Y-%m-%d@%H:%M:%S~)
  ll_try cp -p -- "$1" "$ll_value" || ll_fail "Could not make backup of $1 to $ll_value: $ll_why"
}

ll_flags() {
  # PATH FLAGS: chattr(1), as the argument `attributes`
  [ -n "$2" ] || return 0
  ll_stat "$1" follow
  if [ -n "$ll_check" ] && [ ! -e "$1" ]; then
    ll_changed
    return 0
  fi
  if ! ll_has lsattr || ! ll_has chattr; then ll_fail "the host has no lsattr and chattr: attributes cannot be set"; fi
  ll_line=$(lsattr -d -- "$1" 2>/dev/null) || ll_line=''
  ll_line=${ll_line%% *} ll_w_now=''
  while [ -n "$ll_line" ]; do
    case $ll_line in -*) ;; *) ll_w_now=$ll_w_now${ll_line%"${ll_line#?}"} ;; esac
    ll_line=${ll_line#?}
  done
  case $2 in [-+]*) ll_w_op=${2%"${2#?}"} ll_w_set=${2#?} ;; *) ll_w_op='=' ll_w_set=${2#=} ;; esac
  if [ "$ll_w_now" = "$ll_w_set" ] && [ "$ll_w_op" != - ]; then return 0; fi
  ll_changed
  [ -z "$ll_diff" ] || printf 'A%s\0attributes\0%s\0%s\0' "$1" "$ll_w_now" "$ll_w_op$ll_w_set" >&3
  [ -z "$ll_check" ] || return 0
  ll_try chattr "$ll_w_op$ll_w_set" "$1" || ll_fail "chattr failed: $ll_why"
}
