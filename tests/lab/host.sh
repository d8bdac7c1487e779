#!/bin/bash
# host.sh NAME FOLDER ADDRESS HUB FLAVOUR: brings up one KVM host, as the first child of the init of the host's own namespaces.
# FOLDER holds the host's /run, /var/lib/libvirt, /etc/libvirt …; ADDRESS is 10.77.0.11/24; HUB is the pid of the hub's init;
# FLAVOUR is what listens: monolithic, modular, tls or lxc. Says "ready" on stdout once sshd and libvirt take connections.
set -eu
name=$1 folder=$2 address=$3 hub=$4 flavour=$5

# Containers get control groups (of version 1) below one of the host's own, so that the take-down finds what they leave.
# libvirt does not start them where both versions are mounted.
containers_groups() {
  local lab=${folder%/hosts/*} controller file
  local own=omc-lab.${lab##*/}.$name
  ! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified
  for controller in /sys/fs/cgroup/*/; do
    mountpoint -q "$controller" || continue
    mkdir -p "$controller$own"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -e "$controller$file" ] || cat "$controller$file" >"$controller$own/$file"
    done
    mount --bind "$controller$own" "$controller"
  done
}

# While /proc is still the machine's, it tells the machine's pid of this host's init.
read -r _ _ _ init _ </proc/self/stat
echo "$init" >"$folder/pid"

# A bridge br0 with the address on it, as KVM hosts have it; the other end of eth0 is a port of the hub's bridge.
port=v-${address##*.}
port=${port%/*}
ip link add eth0 type veth peer name "$port" netns "/proc/$hub/ns/net"
nsenter --net="/proc/$hub/ns/net" ip link set "$port" master lab up
ip link set lo up
ip link add br0 type bridge
ip link set eth0 master br0 up
ip link set br0 up
ip addr add "$address" dev br0

# What is written into /etc is the host's own, in memory, and so is what omc keeps on it; the machine's stays as it is.
mount -t tmpfs -o mode=755 own /mnt
mkdir /mnt/upper /mnt/work "$folder/omc"
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work etc /etc
umount -l /mnt
tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
mkdir -p /var/lib/omc
mount --bind "$folder/omc" /var/lib/omc
for pair in run:/run lib:/var/lib/libvirt etc:/etc/libvirt log:/var/log/libvirt cache:/var/cache/libvirt shadow:/etc/shadow hosts:/etc/hosts; do
  [ -e "${pair#*:}" ] || mkdir -p "${pair#*:}"
  mount --bind "$folder/${pair%%:*}" "${pair#*:}"
done
mount --bind "$(dirname "$0")/dmidecode" "$(command -v dmidecode)"
# sshd runs commands through bash, which reads this for them: what this machine's root has there is no host's business.
[ ! -e /root/.bashrc ] || mount --bind /dev/null /root/.bashrc
hostname "$name"
mount -t proc proc /proc
# The kernel is the machine's, so are its settings; only those of the network are the host's own.
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net

# /sys as this network namespace sees it, with the machine's control groups in their place.
mkdir -p "$folder/cgroup"
mount --rbind /sys/fs/cgroup "$folder/cgroup"
mount -t sysfs sysfs /sys
mount --move "$folder/cgroup" /sys/fs/cgroup
for machines in /sys/devices/system /sys/kernel; do
  mount --bind "$machines" "$machines"
  mount -o remount,bind,ro "$machines"
done
if [ "$flavour" = lxc ]; then
  containers_groups
fi

mkdir -p /run/sshd /run/libvirt
/usr/sbin/sshd -f "$folder/ssh/sshd_config" -E "$folder/log/sshd.log"
"$(dirname "$0")/daemons.sh" "$flavour"
echo ready
exec sleep infinity >/dev/null 2>&1
