# shellcheck shell=sh
# Ahead of the installation, in the installer: refuses to erase what it should not. The plan's DISKS are the arguments after
# FIRMWARE. A status other than 0 ends the installation before a disk is touched.
before_install() {
  firmware=$1
  shift
  if [ -d /sys/firmware/efi ]; then is=uefi; else is=bios; fi
  [ "$is" = "$firmware" ] || refuse "this machine starts by $is and the seed was made for $firmware: --firmware $is"
  for disk in "$@"; do
    is_disk "$disk" || refuse "there is no disk $disk here: $(lsblk -dnro PATH,SIZE,MODEL | tr '\n' ';')"
    lsblk -nro LABEL,MOUNTPOINT "$disk" | while read -r label mounted; do
      case "$label $mounted" in
      [Cc][Ii][Dd][Aa][Tt][Aa]*) refuse "$disk is the stick with this seed" ;;
      *'/cdrom'*) refuse "$disk is the stick that the installer runs from" ;;
      esac
    done || exit 1
  done
}
is_disk() { [ -b "$1" ]; }
refuse() {
  echo "Lamplighter: not installing: $1" >&2
  exit 1
}
