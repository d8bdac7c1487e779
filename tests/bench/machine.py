"""The machine in words: a figure means nothing without it."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import libvirt


def describe() -> str:
    """Processors, memory, system and the versions that decide the figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    number = libvirt.getVersion()
    parts = (
        f"{os.cpu_count()} x {_processor()}",
        f"{memory:.0f} GiB of memory",
        _system(),
        f"Python {platform.python_version()}",
        f"libvirt {number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}",
        f"libvirt-python {version('libvirt-python')}",
    )
    return ", ".join(parts)


def load() -> float:
    """How many processes wanted a processor in the last minute: above the number of processors, figures are worse."""
    return os.getloadavg()[0]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()
