#!/bin/sh
# Makes the upper directory of a lab host what a first boot needs: its name, host keys, login user.
# Runs in a mount namespace of its own. Usage: prepare.sh DIR BASE NAME USER PUBLIC_KEY
# DIR/seed holds the files to copy over the image as they are.
set -eu
umask 022
dir=$1 base=$2 name=$3 user=$4 public=$5
root=$dir/root

mkdir -p "$dir/upper" "$dir/work" "$root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$dir/upper,workdir=$dir/work" "$root"
echo "$name" >"$root/etc/hostname"
cp -R "$dir/seed/." "$root/"
for key in "$dir"/keys/ssh_host_*_key; do
  install -m 0600 "$key" "$root/etc/ssh/"
  install -m 0644 "$key.pub" "$root/etc/ssh/"
done

chroot "$root" useradd --create-home --shell /bin/bash --groups adm,sudo --password '*' "$user"
echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/90-$user"
chmod 0440 "$root/etc/sudoers.d/90-$user"
mkdir -m 0700 "$root/home/$user/.ssh"
install -m 0600 "$public" "$root/home/$user/.ssh/authorized_keys"
chroot "$root" chown -R "$user:" "/home/$user/.ssh"
