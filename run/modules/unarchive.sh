# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # the variables ll_… are the runtime's, m_… the arguments that tasks/unarchive.ts sets
#
# unarchive on the host, after ansible/modules/unarchive.py of 2.14. It goes with http.sh. GNU tar compares an archive by
# itself; others, and zip, are unpacked beside the destination and compared file by file.

z_dest() {
  # DEST
  ll_home "$1"
  m_dest=${ll_path%/}
  m_dest=${m_dest:-/}
  ll_ret dest "$m_dest"
  ll_stat "$m_dest" follow
  if [ "$ll_kind" != directory ]; then
    if ll_may_come "$m_dest"; then ll_unknown "$m_dest may come with a package that is not installed yet"; fi
    ll_fail "dest '$m_dest' must be an existing dir"
  fi
}

z_created() {
  # PATH of `creates`
  [ -n "$1" ] || return 0
  ll_home "$1"
  ll_stat "$ll_path"
  [ "$ll_kind" = absent ] || ll_skip "skipped, since $ll_path exists"
}

z_source() {
  # PATH on the host: m_src
  ll_home "$1"
  m_src=$ll_path
  ll_ret src "$m_src"
  ll_stat "$m_src" follow
  if [ "$ll_kind" = absent ]; then
    if ll_may_come "$m_src"; then ll_unknown "$m_src may come with a package that is not installed yet"; fi
    ll_fail "Source '$m_src' does not exist"
  fi
  if ! ll_read "$m_src"; then
    [ -z "$ll_check" ] || ll_unknown "what $m_src holds is not known before it is there"
    ll_fail "Source '$m_src' not readable"
  fi
  m_src=$ll_at
}

z_main() {
  # m_src into m_dest; z_words and z_words_zip end the command lines of tar and unzip
  [ -s "$m_src" ] || ll_fail "Invalid archive '$m_src', the file is 0 bytes"
  z_kind
  z_scratch
  if [ "$m_kind" = zip ]; then z_list_zip; else z_list_tar; fi
  [ -s "$m_list" ] || z_fail "found no files in archive. Empty archive files are not supported."
  ll_ret handler "$m_handler"
  if z_needed; then z_unpack; fi
  if [ -n "$m_mode$m_owner$m_group$m_flags" ]; then z_attributes; fi
  if [ -n "$m_list_files" ]; then ll_ret_file files "$m_list"; fi
  rm -rf "$m_beside"
  ll_stat "$m_dest" follow
  ll_ret_stat
}

z_kind() {
  # By the first bytes: m_kind, m_handler, and m_flag for tar
  case $(dd if="$m_src" bs=4 count=1 2>/dev/null | LC_ALL=C tr '\000\037\213\375\050\265\057' '0gGXzZs') in
  PK*) m_kind=zip m_handler=ZipArchive m_flag='' ;;
  gG*) m_kind=tar m_handler=TgzArchive m_flag=-z ;;
  BZh*) m_kind=tar m_handler=TarBzipArchive m_flag=-j ;;
  X7zX) m_kind=tar m_handler=TarXzArchive m_flag=-J ;;
  zZsX) m_kind=tar m_handler=TarZstdArchive m_flag=--use-compress-program=zstd ;;
  *) m_kind=tar m_handler=TarArchive m_flag='' ;;
  esac
  m_gnu=''
  if [ "$m_kind" = tar ]; then
    command -v tar >/dev/null || z_fail "Unable to find required 'gtar' or 'tar' binary in the path"
    case $(tar --version 2>/dev/null) in *GNU*) m_gnu=1 ;; esac
  else
    command -v unzip >/dev/null || z_fail "Unable to find required 'unzip' binary in the path."
  fi
}

z_fail() {
  rm -rf "$m_beside"
  ll_fail "Failed to find handler for \"$m_src\". Make sure the required command to extract the file is installed.
$1"
}

z_scratch() {
  # m_beside: a directory for what is unpacked to be compared; m_list, what the archive holds
  ll_temp
  m_err=$ll_tmp
  ll_temp
  m_list=$ll_tmp
  ll_temp
  m_says=$ll_tmp
  m_beside=''
}

z_tar() {
  # VERB DIRECTORY WORDS…
  m_verb=$1 m_in=$2
  shift 2
  LC_ALL=C tar "$m_verb" -C "$m_in" ${m_flag:+"$m_flag"} "$@" 3>&-
}

z_list_tar() {
  m_at=$m_dest
  if [ ! -d "$m_at" ]; then m_at=/; fi
  z_words z_tar -t "$m_at" >"$m_list" 2>"$m_err" || z_fail "Command \"tar\" could not handle archive: $(head -n 3 "$m_err")"
  sed -i 's|^/||' "$m_list"
}

z_list_zip() {
  z_words_zip unzip -Z1 "$m_src" >"$m_list" 2>"$m_err" || z_fail "Command \"unzip\" could not handle archive: $(head -n 3 "$m_err")"
}

z_needed() {
  # Whether something differs; what does is in m_says
  if [ ! -d "$m_dest" ]; then
    sed 's/$/: missing/' "$m_list" >"$m_says"
    return 0
  fi
  if [ -n "$m_gnu" ]; then z_diff_tar; else z_diff_files; fi
  [ -s "$m_says" ]
}

z_diff_tar() {
  z_words z_tar -d "$m_dest" >"$m_err" 2>&1
  awk -v root="$ll_me" -v owner="$m_owner" -v group="$m_group" -v mode="$m_mode" '
    /: : Warning: Cannot stat: No such file or directory$/ { next }
    /: Uid differs$/ { if (root == "0" && owner == "") print; next }
    /: Gid differs$/ { if (root == "0" && group == "") print; next }
    /: Mode differs$/ { if (mode == "") print; next }
    /: (Mod time|Contents|Size|Symlink|File type|Not linked).*(differs?|to .*)$/ { print; next }
    /: Warning: Cannot stat: No such file or directory$/ { print; next }
    /: Invalid (owner|group)/ { print }' "$m_err" >"$m_says"
}

z_diff_files() {
  # Unpacked beside, and compared by content and kind.
  m_beside=$(mktemp -d /var/tmp/.lamplighter.XXXXXX) || ll_fail 'cannot make a directory in /var/tmp'
  if ! z_extract "$m_beside" >"$m_err" 2>&1; then
    m_why=$(tail -n 3 "$m_err")
    rm -rf "$m_beside"
    ll_fail "failed to unpack $m_src to $m_dest: $m_why"
  fi
  (CDPATH='' cd -- "$m_beside" && find . ! -name . -print) | while IFS= read -r m_each; do
    m_each=${m_each#./}
    m_a=$m_beside/$m_each m_b=$m_dest/$m_each
    if [ -L "$m_a" ]; then
      [ -L "$m_b" ] && [ "$(readlink "$m_a")" = "$(readlink "$m_b")" ] && continue
    elif [ -d "$m_a" ]; then
      [ -d "$m_b" ] && continue
    elif [ -f "$m_b" ] && { [ -n "$m_newer" ] || ll_same "$m_a" "$m_b"; }; then
      continue
    fi
    if [ -e "$m_b" ] || [ -L "$m_b" ]; then printf '%s: Contents differ\n' "$m_each"; else printf '%s: missing\n' "$m_each"; fi
  done >"$m_says"
}

z_extract() {
  # DIRECTORY
  if [ "$m_kind" = zip ]; then z_words_zip unzip -o ${m_newer:+-u} -d "$1" "$m_src"; else z_words z_tar -x "$1"; fi
}

z_unpack() {
  ll_changed
  ll_ret differs "$(head -n 200 "$m_says")"
  if [ -n "$ll_check" ]; then
    z_predict
    return 0
  fi
  ll_temp
  m_out=$ll_tmp
  z_extract "$m_dest" >"$m_out" 2>"$m_err"
  m_rc=$?
  ll_ret rc "$m_rc"
  ll_ret_file out "$m_out"
  ll_ret_file err "$m_err"
  if [ "$m_rc" != 0 ]; then
    rm -rf "$m_beside"
    ll_fail "failed to unpack $m_src to $m_dest"
  fi
}

z_predict() {
  # What is missing would be there, with a content that nobody knows yet.
  while IFS= read -r m_each; do
    ll_stat "$m_dest/${m_each%/}"
    [ "$ll_kind" = absent ] || continue
    case $m_each in
    */) ll_mkdir "$m_dest/${m_each%/}" "$m_mode" "$m_owner" "$m_group" ;;
    *)
      ll_above "$m_dest/$m_each"
      ll_mkdir "$ll_up"
      h_unknown_content "$m_dest/$m_each" "$m_mode" "$m_owner" "$m_group"
      ;;
    esac
  done <"$m_list"
}

z_attributes() {
  # Every file of the archive, and the directories at its top.
  m_tops=' '
  while IFS= read -r m_each; do
    ll_stat "$m_dest/${m_each%/}"
    if [ "$ll_kind" != absent ]; then
      ll_attributes "$m_dest/${m_each%/}" "$m_mode" "$m_owner" "$m_group" nofollow
      if [ "$ll_kind" != link ]; then ll_flags "$m_dest/${m_each%/}" "$m_flags"; fi
    fi
    case $m_each in
    */*)
      case $m_tops in *" ${m_each%%/*} "*) continue ;; esac
      m_tops="$m_tops${m_each%%/*} "
      ll_attributes "$m_dest/${m_each%%/*}" "$m_mode" "$m_owner" "$m_group"
      ;;
    esac
  done <"$m_list"
}
