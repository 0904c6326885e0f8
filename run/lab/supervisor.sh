#!/bin/sh
# Keeps one lab host: boots it, boots it again when it reboots, ends when it powers off.
# Started in network and mount namespaces of its own, which end with it, and so does all that it mounts.
# Usage: supervisor.sh DIR BASE MACHINE HOSTNAME ADDRESS GATEWAY MTU CGROUP
set -eu
dir=$1 base=$2 machine=$3 hostname=$4 address=$5 gateway=$6 mtu=$7 cgroup=$8

mkdir -p "$cgroup/keeper" "$cgroup/box" "$dir/cgroup" "$dir/root"
echo $$ >"$cgroup/keeper/cgroup.procs"

mount -t overlay overlay -o "lowerdir=$base,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
# A new sysfs shows the interfaces of this namespace, but hides the control groups that nspawn needs.
mount --rbind /sys/fs/cgroup "$dir/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$dir/cgroup" /sys/fs/cgroup
umount -l "$dir/cgroup"
# What nspawn leaves in /run is nobody else's.
mount -t tmpfs -o mode=755 tmpfs /run

tries=0
until [ -e /sys/class/net/eth0 ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 500 ]; then
    echo 'eth0 was not plugged in' >&2
    exit 1
  fi
  sleep 0.02
done

status=133
while [ "$status" -eq 133 ]; do
  ip link set lo up
  ip link set eth0 mtu "$mtu" up
  ip address replace "$address/24" dev eth0
  ip route replace default via "$gateway"
  status=0
  (
    # With --keep-unit nspawn lives in the group that it finds itself in.
    sh -c 'echo $PPID' >"$cgroup/box/cgroup.procs"
    export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
    exec systemd-nspawn --quiet --register=no --keep-unit --directory="$dir/root" --machine="$machine" \
      --hostname="$hostname" --boot --console=pipe --resolv-conf=off --timezone=off --link-journal=no \
      --capability=CAP_NET_ADMIN </dev/null
  ) || status=$?
done
exit "$status"
