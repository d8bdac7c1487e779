"""What this machine lacks for the lab, in words that say what to do."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

PACKAGES = Path(__file__).with_name("packages.txt")

_COMMANDS = (
    *("libvirtd", "virsh", "qemu-system-x86_64", "qemu-img", "dmidecode", "dnsmasq", "certtool"),
    *("sshd", "ssh", "ssh-keygen", "ip", "tini", "nsenter", "unshare", "cpio"),
)


def missing() -> str:
    """Why the lab cannot run here, in one line; empty if it can."""
    return missing_for("the lab needs", _COMMANDS)


def missing_for(need: str, commands: Sequence[str]) -> str:
    """Why something with namespaces and these commands cannot run here, in one line that `need` begins; or empty."""
    if not sys.platform.startswith("linux"):
        return f"{need} Linux, this is {sys.platform}"
    path = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
    absent = [command for command in commands if not shutil.which(command, path=path)]
    if absent:
        return f"{need} {', '.join(absent)}: apt-get install the packages of {PACKAGES}"
    if os.geteuid() != 0:
        return f"{need} root, for its namespaces: use sudo"
    return ""
