#!/bin/bash
# linux-guest.sh FOLDER: makes FOLDER/vmlinuz and FOLDER/initrd.gz of a Linux guest with a guest agent, which boots in 3 s without KVM.
# Kernel, agent and busybox come from the distribution's packages, which are downloaded and unpacked but not installed; the
# agent's libraries are this machine's own, which libvirt and QEMU need anyway.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Debian's kernel for clouds, or Ubuntu's for guests: the package that the meta package depends on, and its modules.
for meta in linux-image-cloud-amd64 linux-image-virtual; do
  image=$(apt-cache depends "$meta" 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
  [ -z "$image" ] || break
done
version=${image#linux-image-}
modules=$(apt-cache search --names-only "^linux-modules-$version\$" | awk '{ print $1 }')
# shellcheck disable=SC2086 # no package of modules means no word
apt-get download -q -o APT::Sandbox::User=root "$image" $modules qemu-guest-agent busybox-static >/dev/null
mkdir packages root
for package in *.deb; do dpkg-deb -x "$package" packages; done

cd root
mkdir -p bin sbin etc proc sys dev run tmp data mod usr/sbin
busybox=$(find ../packages -type f -path '*/bin/busybox' | head -1)
cp "$busybox" bin/busybox
ln -s busybox bin/sh
ln -s bin/busybox init
cp ../packages/usr/sbin/qemu-ga usr/sbin/
ldd usr/sbin/qemu-ga | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p ".${library%/*}"
  cp -L "$library" ".$library"
done

# What the kernel has as modules, in the order in which they need each other; what is not there is built in.
number=10
for name in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_console virtio_blk failover \
  net_failover virtio_net virtio_balloon; do
  file=$(find ../packages -name "$name.ko*" | head -1)
  case $file in
    *.ko) cp "$file" "mod/$number-$name.ko" ;;
    *.ko.xz) xz -dc "$file" >"mod/$number-$name.ko" ;;
    *.ko.zst) zstd -qdc "$file" >"mod/$number-$name.ko" ;;
  esac
  number=$((number + 1))
done

cat >etc/os-release <<X
PRETTY_NAME="Lab guest 1.0 (Linux $version)"
NAME="Lab guest"
ID=labguest
VERSION_ID="1.0"
VERSION="1.0"
X
echo root:x:0:0:root:/:/bin/sh >etc/passwd
echo root:x:0: >etc/group
cat >etc/inittab <<'X'
::sysinit:/etc/start
::respawn:/etc/agent
::shutdown:/bin/busybox umount -a -r
X

cat >etc/start <<'X'
#!/bin/sh
# The kernel's command line says omc.name=NAME and for each nic omc.ip0=dhcp or omc.ip0=ADDRESS/PREFIX.
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/virtio-ports
mount -t tmpfs run /run
for module in /mod/*.ko; do insmod "$module"; done
option() { for word in $(cat /proc/cmdline); do case $word in "$1"=*) echo "${word#*=}" ;; esac; done; }
hostname "$(option omc.name)"
ip link set lo up
number=0
for device in $(ls /sys/class/net | grep -v '^lo$'); do
  ip link set "$device" up
  address=$(option "omc.ip$number")
  case $address in
    dhcp) udhcpc -i "$device" -b -q -t 10 -T 1 -s /etc/lease & ;;
    */*) ip addr add "$address" dev "$device" ;;
  esac
  number=$((number + 1))
done
if [ -b /dev/vda ]; then
  mount -t ext4 /dev/vda /data 2>/dev/null || { mke2fs /dev/vda >/dev/null && mount -t ext4 /dev/vda /data; }
fi
echo "lab guest up after $(cut -d' ' -f1 /proc/uptime) s"
X
cat >etc/agent <<'X'
#!/bin/sh
# The port's name comes to sysfs only after the handshake with QEMU.
port=/dev/virtio-ports/org.qemu.guest_agent.0
until [ -e "$port" ]; do
  for entry in /sys/class/virtio-ports/*; do
    name=$(cat "$entry/name" 2>/dev/null)
    [ -z "$name" ] || ln -sf "../${entry##*/}" "/dev/virtio-ports/$name"
  done
  [ -e "$port" ] || sleep 0.2
done
exec /usr/sbin/qemu-ga -m virtio-serial -p "$port" -t /run
X
cat >etc/lease <<'X'
#!/bin/sh
[ "$1" != bound ] || ip addr add "$ip/${mask:-24}" dev "$interface"
X
cat >sbin/shutdown <<'X'
#!/bin/sh
# The agent calls this as its system's shutdown.
case "$*" in *-r*) exec /bin/busybox reboot -f ;; *) exec /bin/busybox poweroff -f ;; esac
X
chmod +x etc/start etc/agent etc/lease sbin/shutdown

find . | cpio -o -H newc -R 0:0 --quiet | gzip -9 >"$folder/initrd.new"
cp ../packages/boot/vmlinuz-"$version" "$folder/vmlinuz"
mv "$folder/initrd.new" "$folder/initrd.gz"
