# shellcheck shell=sh
#
# Check mode's memory: what the host would be by now. It lives in scratch, for as long as a session of the run lives, and
# is shared by the sessions of one user; another user's sessions cannot read it, since it may hold secrets.
#
#   t/=etc/=mosquitto/…   one directory for each component of a predicted path; in it
#     s   kind mode uid gid user group size mtime inode nlink below   (`-` for empty; below: `real` or `none`, what an
#         unpredicted name in this directory is: the host's, or nothing)
#     c   the content, when it is not the host's        l   a link's target
#   k/KIND/NAME           a package, unit, user, group or command: its value; k/KIND+ when any would be there

ll_snapshot() {
  # Before the first step of a list of tasks in a block: what `rollback` goes back to
  ll_snap=$ll_mem.${ll_place%-*}
  [ ! -d "$ll_snap" ] || return 0
  umask 077
  if [ -d "$ll_mem" ]; then cp -R "$ll_mem" "$ll_snap"; else mkdir "$ll_snap"; fi
}

ll_look() {
  # PATH [follow]: walks it component by component through predicted and real links. Sets ll_p (the resolved path),
  # ll_n (its node) and ll_from: memory, host or absent.
  case $1 in /*) ll_w_todo=$1 ;; *) ll_w_todo=$PWD/$1 ;; esac
  ll_w_hops=0
  ll_look_start
  while :; do
    while case $ll_w_todo in /*) : ;; *) ! : ;; esac do ll_w_todo=${ll_w_todo#/}; done
    [ -n "$ll_w_todo" ] || break
    ll_w_part=${ll_w_todo%%/*}
    case $ll_w_todo in */*) ll_w_todo=${ll_w_todo#*/} ;; *) ll_w_todo='' ;; esac
    case $ll_w_part in
    .) continue ;;
    ..)
      ll_w_todo=${ll_p%/*}/$ll_w_todo
      ll_look_start
      continue
      ;;
    esac
    ll_w_up=$ll_w_below ll_n=$ll_n/=$ll_w_part ll_p=$ll_p/$ll_w_part ll_w_link=''
    if [ -f "$ll_n/s" ]; then
      # What ll_stat said of another path stays.
      IFS=' ' read -r ll_w_k _ _ _ _ _ _ _ _ _ ll_below <"$ll_n/s"
      ll_from=memory
      case $ll_w_k in
      directory) ll_w_below=$ll_below ;;
      link) ll_w_link=1 ;;
      absent) ll_w_below=none ll_from=absent ;;
      *) ll_w_below=none ;;
      esac
    elif [ "$ll_w_below" = real ] && { [ -e "$ll_p" ] || [ -L "$ll_p" ]; }; then
      ll_from=host
      if [ -L "$ll_p" ]; then ll_w_link=1; fi
    else
      ll_from=absent
      if [ -z "$ll_w_todo" ]; then break; fi
      ll_w_below=none
    fi
    if [ -n "$ll_w_link" ]; then
      case ${ll_w_todo%%/}$2 in
      '') ;;
      *)
        ll_w_hops=$((ll_w_hops + 1))
        if [ "$ll_w_hops" -gt 40 ]; then
          ll_from=absent
          return 0
        fi
        if [ "$ll_from" = host ]; then ll_target=$(readlink "$ll_p"); else ll_target=$(cat "$ll_n/l"); fi
        case $ll_target in
        /*)
          ll_w_todo=$ll_target/$ll_w_todo
          ll_look_start
          ;;
        *)
          ll_w_todo=$ll_target/$ll_w_todo
          ll_p=${ll_p%/*} ll_n=${ll_n%/=*} ll_w_below=$ll_w_up
          ;;
        esac
        ;;
      esac
    fi
  done
  if [ -z "$ll_p" ]; then ll_p=/ ll_from=host; fi
}

ll_look_start() { ll_p='' ll_n=$ll_mem/t ll_w_below=real ll_from=host; }

ll_recall() {
  # What the node ll_n remembers, in the variables of ll_stat.
  IFS=' ' read -r ll_kind ll_mode ll_uid ll_gid ll_user ll_group ll_size ll_mtime ll_inode ll_nlink ll_below <"$ll_n/s"
  case $ll_gid in -) ll_gid='' ;; esac
  case $ll_user in -) ll_name_of passwd "$ll_uid" && ll_user=$ll_value ;; esac
  case $ll_group in -) ll_group='' ;; esac
  case $ll_mtime in -) ll_mtime='' ;; esac
  case $ll_inode in -) ll_inode='' ;; esac
  ll_target=''
  if [ "$ll_kind" = link ]; then ll_target=$(cat "$ll_n/l" && echo .) ll_target=${ll_target%?}; fi
}

ll_remember() {
  # BELOW: the variables of ll_stat, with what ll_want found, into the node ll_n
  umask 077
  mkdir -p "$ll_n"
  if [ -n "$ll_w_uid" ]; then
    ll_uid=$ll_w_uid
    case $ll_w_uid in *[!0-9]*) ll_user=$ll_w_uid ;; *) ll_user='' ;; esac
  fi
  if [ -n "$ll_w_gid" ]; then
    ll_gid=$ll_w_gid
    case $ll_w_gid in *[!0-9]*) ll_group=$ll_w_gid ;; *) ll_name_of group "$ll_w_gid" && ll_group=$ll_value ;; esac
  fi
  ll_mode=${ll_w_mode:-$ll_mode}
  # Blanks part the words of a node: such a name is looked up again, or stays a number.
  case $ll_user in *' '*) ll_user='' ;; esac
  case $ll_group in *' '*) ll_group='' ;; esac
  printf '%s %s %s %s %s %s %s %s %s %s %s\n' "$ll_kind" "${ll_mode:--}" "${ll_uid:--}" "${ll_gid:--}" "${ll_user:--}" \
    "${ll_group:--}" "${ll_size:--}" "${ll_mtime:--}" "${ll_inode:--}" "${ll_nlink:--}" "$1" >"$ll_n/s"
  umask "$ll_umask"
}

ll_predict_content() {
  # SCRATCH: the path of ll_look would be a file of this content
  umask 077
  rm -rf "$ll_n"
  mkdir -p "$ll_n"
  cat "$1" >"$ll_n/c"
  ll_kind='file' ll_size=$(wc -c <"$1") ll_mtime=$(date +%s)
  # Some pad the number.
  ll_size=$((ll_size))
  ll_remember none
}

ll_change_predicted() {
  # Attributes alone: what is below, and the content, stay as they are.
  if [ "$ll_from" = memory ]; then ll_w_b=$ll_below; else ll_w_b=real; fi
  ll_remember "${ll_w_b:-real}"
}

ll_predict_directory() {
  ll_kind=directory
  ll_remember none
}

ll_predict_absent() {
  rm -rf "$ll_n"
  ll_kind=absent ll_w_mode='' ll_w_uid='' ll_w_gid=''
  ll_remember none
}

ll_predict_link() {
  # TARGET
  rm -rf "$ll_n"
  ll_w_mode='' ll_w_uid='' ll_w_gid=''
  ll_set_stat link 0777 "$ll_me" '' '' '' "${#1}" '' '' 1
  ll_remember none
  umask 077
  printf %s "$1" >"$ll_n/l"
  umask "$ll_umask"
}

ll_predict_hardlink() {
  # TARGET, whose state ll_stat has read
  ll_w_mode='' ll_w_uid='' ll_w_gid='' ll_w_n=$ll_n
  ll_read "$1" || ll_fail "cannot link to $1: it does not exist"
  ll_n=$ll_w_n
  ll_nlink=$((${ll_nlink:-1} + 1))
  umask 077
  rm -rf "$ll_n"
  mkdir -p "$ll_n"
  cat "$ll_at" >"$ll_n/c"
  ll_kind='file'
  ll_remember none
}

# ---- packages, units, users, groups, commands

ll_kind_file() {
  # KIND NAME: sets ll_value to the file; a slash in a name cannot stand in a file's
  ll_w_rest=$2 ll_value=$ll_mem/k/$1/
  while case $ll_w_rest in */*) : ;; *) ! : ;; esac do
    ll_value=$ll_value${ll_w_rest%%/*}%2F ll_w_rest=${ll_w_rest#*/}
  done
  ll_value=$ll_value$ll_w_rest
}

ll_predict() {
  # KIND NAME VALUE; the value `absent` says that it would be gone
  [ -n "$ll_check" ] || return 0
  ll_kind_file "$1" "$2"
  umask 077
  [ -d "$ll_mem/k/$1" ] || mkdir -p "$ll_mem/k/$1"
  printf '%s' "$3" >"$ll_value"
  [ "$3" = absent ] || : >"$ll_mem/k/$1+"
  umask "$ll_umask"
}

ll_predicted() {
  # KIND NAME
  ll_kind_file "$1" "$2"
  ll_w_rest=$ll_value ll_value=''
  [ -n "$ll_check" ] && [ -f "$ll_w_rest" ] || return 1
  IFS= read -r ll_value <"$ll_w_rest" || :
}

# KIND: something of this kind would be there that is not yet.
ll_predicted_any() { [ -n "$ll_check" ] && [ -f "$ll_mem/k/$1+" ]; }

ll_may_come() {
  # PATH, which ll_stat found absent: a package that would be installed by now may bring it. Not where packages do not
  # put files, and not what this run removed itself.
  ll_predicted_any package || return 1
  case $1 in /home/* | /root/* | /tmp/* | /run/* | /dev/* | /proc/* | /sys/* | /var/tmp/* | /mnt/* | /media/*) return 1 ;; esac
  ll_look "$1" follow
  [ ! -f "$ll_n/s" ]
}
