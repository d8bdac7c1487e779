# What libvirt does not tell of a host, as lines of KEY<tab>VALUE. Reads only; POSIX sh.
PATH=/usr/sbin:/sbin:/usr/bin:/bin:$PATH
LC_ALL=C
export PATH LC_ALL

say() { printf '%s\t%s\n' "$1" "$2"; }
each() { while IFS= read -r line; do say "$1" "$line"; done; }
has() { command -v "$1" >/dev/null 2>&1; }
# A device is looked at and never opened: that alone could load a module.
device() {
	if [ ! -c "$1" ]; then say device "$1 absent"; elif [ -r "$1" ] && [ -w "$1" ]; then say device "$1 usable"; else say device "$1 unusable"; fi
}
bounded() { if has timeout; then timeout 5 "$@"; else "$@"; fi 2>/dev/null </dev/null; }
# Asks a program, and says whether it answered: one that fails, hangs or may not look is not taken for content.
ask() {
	key=$1
	shift
	if answer=$(bounded "$@"); then say told "$key"; else say failed "$key"; fi
}
answer() { [ -z "$answer" ] || printf '%s\n' "$answer" | tr '\t' ' ' | each "$key"; }
# An uncommented setting of a libvirt configuration file, without quotes.
settings() { sed -n 's/^[[:space:]]*\([a-z_0-9]*\)[[:space:]]*=[[:space:]]*"\{0,1\}\([^"#]*\)"\{0,1\}.*$/\1 \2/p' "$1" 2>/dev/null; }

say user "$(id -u)"
for device in /dev/kvm /dev/vhost-net /dev/net/tun; do device "$device"; done

if [ -r /sys/fs/cgroup/cgroup.controllers ]; then
	tr ' ' '\n' </sys/fs/cgroup/cgroup.controllers | each cgroup2
elif [ -r /proc/cgroups ]; then
	awk '$4 == 1 { print $1 }' /proc/cgroups | each cgroup1
fi

say kernel "$(uname -r)"
say arch "$(uname -m)"
for file in /boot/vmlinuz-*; do [ -e "$file" ] && say installed "${file#/boot/vmlinuz-}"; done
{ [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; } && say reboot required
for file in /sys/devices/system/cpu/vulnerabilities/*; do
	[ -r "$file" ] && say vulnerability "${file##*/} $(head -n 1 "$file")"
done
for module in kvm_intel kvm_amd; do
	[ -r /sys/module/$module/parameters/nested ] && say nested "$(cat /sys/module/$module/parameters/nested)"
done

say clock "$(date +%s)"
if has timedatectl; then
	bounded timedatectl show -p NTPSynchronized | sed -n 's/^NTPSynchronized=//p' | each synchronized
fi
say zone "$(date +%z) $(readlink /etc/localtime 2>/dev/null)"
sed -n 's/^[[:space:]]*nameserver[[:space:]]*//p' /etc/resolv.conf 2>/dev/null | each nameserver
[ -r /etc/resolv.conf ] && say resolver read
say repositories "$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources /etc/yum.repos.d/*.repo /etc/zypp/repos.d/*.repo 2>/dev/null | grep -v '^[[:space:]]*#' | grep -v '^[[:space:]]*$' | sort | cksum)"

awk '/^SwapTotal:|^SwapFree:|^MemTotal:|^MemAvailable:/ { sub(":", "", $1); print $1, $2 }' /proc/meminfo 2>/dev/null | each memory
for what in cpu memory io; do
	[ -r /proc/pressure/$what ] && say pressure "$what $(sed -n 's/^some .*avg300=\([0-9.]*\).*/\1/p' /proc/pressure/$what 2>/dev/null)"
done

# Port 16509 is libvirt's without TLS; 0A is "listens".
if [ -r /proc/net/tcp ]; then
	say tcp "$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" && $2 ~ /:407D$/ { count++ } END { print count + 0 }')"
fi
for file in /etc/libvirt/libvirtd.conf /etc/libvirt/virtproxyd.conf /etc/libvirt/virtqemud.conf /etc/libvirt/qemu.conf; do
	[ -r "$file" ] || continue
	name=${file##*/}
	say file "$name"
	settings "$file" | each "${name%.conf}"
done
for file in /etc/pki/libvirt/servercert.pem /etc/pki/libvirt/clientcert.pem /etc/pki/qemu/server-cert.pem /etc/pki/CA/cacert.pem; do
	[ -e "$file" ] || continue
	say certificate "$file"
	has openssl && say expires "$file $(bounded openssl x509 -noout -enddate -in "$file" | sed 's/^notAfter=//')"
done

if has lvs; then
	ask thin lvs --noheadings --readonly -S 'segtype=thin-pool' -o vg_name,lv_name,data_percent,metadata_percent
	answer
else
	say lvm absent
fi
has zpool && ask zpool zpool list -H -o name,health && answer
if mdstat=$(cat /proc/mdstat 2>/dev/null); then
	say told raid
	# An array that did not come up has no members in brackets.
	printf '%s\n' "$mdstat" | awk '/^md/ { name = $1 } $3 == "inactive" { print name, $3 } /\[[U_]+\]/ { print name, $NF }' | each raid
fi
# smartctl's status has bits for what it found: what counts is whether it names a result.
health() {
	result=$(bounded smartctl -n standby -H "/dev/$1" | sed -n 's/.*\(self-assessment test result\|Health Status\): *//p')
	if [ -n "$result" ]; then say smart "$1 $result"; else say silent "$1"; fi
}
if has smartctl; then
	say told smart
	for disk in /sys/block/sd* /sys/block/nvme*; do
		[ -e "$disk/device" ] && health "${disk##*/}"
	done
fi
if has multipathd; then
	ask path multipathd show paths format '%m %d %t'
	# It ends well with one of these words, too; else its first line is a header.
	case $answer in fail* | timeout*) say failed path ;; esac
	answer=$(printf '%s\n' "$answer" | sed 1d)
	answer
fi

for file in /proc/net/bonding/*; do
	[ -r "$file" ] || continue
	say bond "${file##*/} $(awk '/^Slave Interface:/ { slave = 1; all++ } /^MII Status: up/ && slave { up++; slave = 0 } END { print up + 0, all + 0 }' "$file")"
done
for link in /sys/class/net/*; do
	name=${link##*/}
	if [ -e "$link/device" ] || [ -d "$link/bridge" ] || [ -d "$link/bonding" ]; then
		say mtu "$name $(cat "$link/mtu" 2>/dev/null)"
	fi
	[ -r "$link/bridge/vlan_filtering" ] && say bridge "$name $(cat "$link/bridge/vlan_filtering")"
done
sed -n 's/^\(ID\|VERSION_ID\|PRETTY_NAME\|SUPPORT_END\)="\{0,1\}\([^"]*\)"\{0,1\}$/\1 \2/p' /etc/os-release 2>/dev/null | each os
say end end
