"""The lab: real KVM hosts on one machine, for the tests, the benchmarks and a user's first look.

Each host has its own network, mount, pid, ipc and uts namespaces, its own sshd and its own libvirt; its guests are real
QEMU processes. All hosts live below one process, the hub's init: when that ends, nothing is left but the lab's folder.

- `lab.Lab` brings hosts up and takes them down, `host.Host` is one of them;
- `guests`, `disks`, `image` and `contents` put guests, disks, pools and networks on a host;
- `site` writes the folder that `omc --site` reads;
- `faults` and `relay` break things on purpose; `fleet` makes a thousand cheap hosts;
- `fixtures` offers all of that to pytest, and `python -m tests.lab` to a person.

Needs root on Linux and the packages of `packages.txt`; guests run without KVM, in QEMU's own translator (TCG),
because nested KVM is rarely to be had.
"""
