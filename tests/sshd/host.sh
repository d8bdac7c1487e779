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
root=/mnt/root
# In one process, as hosts come up by the hundred. The kernel and the network are the machine's, and so are their settings.
echo "host $root overlay lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work
/dev $root/dev none rbind
/sys $root/sys none rbind
$folder $root/srv none rbind
proc $root/proc proc
$root/proc/sys $root/proc/sys none bind,ro
run $root/run tmpfs mode=755
tmp $root/tmp tmpfs mode=1777" >/mnt/fstab
mount --all --fstab /mnt/fstab
cp -a "$folder/files/." "$root/"
echo "$name" >/proc/sys/kernel/hostname
cd "$root"
mkdir -p mnt/machine run/sshd
pivot_root . mnt/machine
umount -l /mnt/machine
/usr/sbin/sshd -f /srv/sshd_config -E /srv/sshd.log
# It goes into the background before it listens, and writes its pid after that.
until [ -e /run/sshd.pid ]; do sleep 0.01; done
echo "$pid" >/srv/pid
echo "$init" >/srv/init
: >/srv/ready
exec sleep infinity
