"""What this machine lacks for the lab, in words that say what to do."""

import os
import shutil
import sys
from pathlib import Path

PACKAGES = Path(__file__).with_name("packages.txt")

_COMMANDS = (
    *("libvirtd", "virsh", "qemu-system-x86_64", "qemu-img", "dmidecode", "dnsmasq", "certtool"),
    *("sshd", "ssh", "ssh-keygen", "ip", "tini", "nsenter", "unshare", "cpio"),
)


def missing() -> str:
    """Why the lab cannot run here, in one line; empty if it can."""
    if not sys.platform.startswith("linux"):
        return f"the lab needs Linux, this is {sys.platform}"
    path = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
    absent = [command for command in _COMMANDS if not shutil.which(command, path=path)]
    if absent:
        return f"the lab needs {', '.join(absent)}: apt-get install the packages of {PACKAGES}"
    if os.geteuid() != 0:
        return "the lab needs root, for its namespaces: use sudo"
    return ""
