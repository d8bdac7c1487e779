#!/bin/bash
# machine.sh FOLDER PACKAGES CHECKOUT: one machine, as the first process of its namespaces. FOLDER holds name, packages come
# from PACKAGES/*.deb, CHECKOUT (this one) is there under its own path. FOLDER gets: pid (of systemd, as this machine counts),
# log (what systemd says).
set -eu
folder=$1 packages=$2 checkout=$3
# /proc is still the machine's below, so it tells that machine's pid.
read -r pid _ </proc/self/stat

# All that it writes lies in memory, and is gone with its namespace.
mount -t tmpfs -o mode=755 machine /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work machine /mnt/root
cd /mnt/root
# Unpacked and not installed: what packages do at installation would be done for a machine that lives ten seconds.
for package in "$packages"/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink; done

chroot . ldconfig

mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
: >"$folder/log"
: >dev/console
mount --bind "$folder/log" dev/console

mount -t proc proc proc
# The kernel is everybody's: only what belongs to this network may be set.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,rw proc/sys/net
mount -t sysfs sysfs sys
mount --bind sys/devices/virtual/net sys/devices/virtual/net
mount -o remount,bind,ro sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -p srv ".$checkout"
mount --bind "$checkout" ".$checkout"
mount -o remount,bind,ro ".$checkout"
mount --bind "$folder" srv

name=$(<"$folder/name")
hostname "$name"
echo "$name" >etc/hostname
# No name server: who asks for a name is told at once.
rm -f etc/resolv.conf
: >etc/resolv.conf
printf '127.0.0.1 localhost %s\n' "$name" >etc/hosts
# A systemd that starts nothing of what is installed here, until it is asked to.
rm -rf var/lib/omc etc/systemd/system etc/systemd/network etc/netplan etc/NetworkManager/system-connections etc/rc?.d etc/init.d etc/fstab
mkdir -p etc/systemd/system/multi-user.target.wants etc/systemd/network
for unit in systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udev-trigger.service \
  systemd-journal-flush.service systemd-tmpfiles-setup-dev.service systemd-update-utmp.service dev-hugepages.mount \
  dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
  proc-sys-fs-binfmt_misc.automount kmod-static-nodes.service systemd-remount-fs.service systemd-sysctl.service \
  systemd-resolved.service apt-daily.timer apt-daily-upgrade.timer man-db.timer e2scrub_all.timer fstrim.timer \
  dpkg-db-backup.timer systemd-firstboot.service getty.target cloud-init.target NetworkManager-wait-online.service \
  systemd-networkd-wait-online.service; do
  ln -s /dev/null "etc/systemd/system/$unit"
done
for user in _chrony:chrony prometheus keepalived_script syslog; do
  id "${user%:*}" >/dev/null 2>&1 || echo "${user%:*}:x:$((RANDOM + 10000)):65534::/:/usr/sbin/nologin" >>etc/passwd
done
ip link set lo up

mkdir -p mnt/machine
pivot_root . mnt/machine
umount -l /mnt/machine
echo "$pid" >/srv/pid
exec env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=console \
  --log-level=warning --unit=multi-user.target
