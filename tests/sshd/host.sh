#!/bin/bash
# host.sh FOLDER: one host. FOLDER holds sshd_config, files/ (what the host has in place of this machine's files), name,
# and gets: log, pid and init (of this process and of its parent, as the machine counts), ready (once sshd takes
# connections).
set -eu
folder=$1
name=$(<"$folder/name")
# /proc is still the machine's, so it tells the machine's pids.
read -r pid _ _ init _ </proc/self/stat

# All that the host writes lies in memory, and is gone with its namespace.
mount -t tmpfs -o mode=755 host /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work host /mnt/root
root=/mnt/root
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount --rbind "$folder" "$root/srv"
mount -t proc proc "$root/proc"
# The kernel and the network are the machine's, and so are their settings.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir "$root/run/sshd"
cp -a "$folder/files/." "$root/"
hostname "$name"
cd "$root"
mkdir -p mnt/machine
pivot_root . mnt/machine
umount -l /mnt/machine
/usr/sbin/sshd -f /srv/sshd_config -E /srv/sshd.log
# It goes into the background before it listens, and writes its pid after that.
until [ -e /run/sshd.pid ]; do sleep 0.01; done
echo "$pid" >/srv/pid
echo "$init" >/srv/init
: >/srv/ready
exec sleep infinity
