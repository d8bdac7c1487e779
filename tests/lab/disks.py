"""Disks of guests: small files that cost nothing until written, and chains of them."""

import itertools
from pathlib import Path

from tests.lab.host import Host

INSIDE = Path("/var/lib/libvirt/images")
_SECTOR = 512
# cli; hlt; jmp -3: a processor that stops at once and costs its host nothing.
_HALT = b"\xfa\xf4\xeb\xfd"
# mov dx, 0x505; mov al, 1; out dx, al: says to a panic device of the ISA bus that the kernel gave up.
_PANIC = b"\xba\x05\x05\xb0\x01\xee" + _HALT
# Allows the power button's event (mov dx, 0x602; mov ax, 0x100; out dx, ax), says "!" on the serial port
# (mov dx, 0x3f8; mov al, '!'; out dx, al), looks for the event at each tick of the clock (sti; hlt;
# mov dx, 0x600; in ax, dx; test ah, 1; jz), and then turns the machine off (mov dx, 0x604; mov ax, 0x2000; out dx, ax).
_OBEY = bytes.fromhex("ba0206 b80001 ef  baf803 b021 ee  fb f4 ba0006 ed f6c401 74f5  ba0406 b80020 ef") + _HALT


def halting(host: Host, name: str, *, size: int = 1 << 20) -> str:
    """Make the raw disk `name` whose boot sector halts the guest; its path on the host."""
    return _booting(host, name, _HALT, size)


def panicking(host: Host, name: str) -> str:
    """Make the raw disk `name` whose boot sector panics at once: the guest crashes; its path on the host."""
    return _booting(host, name, _PANIC, 1 << 20)


def obeying(host: Host, name: str) -> str:
    """Make the raw disk `name` whose boot sector turns a guest, of the machine pc, off when it is asked to shut down.

    It hears that from when it says "!" on its serial port. The path is the host's.
    """
    return _booting(host, name, _OBEY, 1 << 20)


def _booting(host: Host, name: str, code: bytes, size: int) -> str:
    with (host.images / name).open("wb") as file:
        file.write(code.ljust(_SECTOR - 2, b"\0") + b"\x55\xaa")
        file.truncate(size)
    return str(INSIDE / name)


def empty(host: Host, name: str, *, size: int = 1 << 20) -> str:
    """Make the raw disk `name` with nothing on it; its path on the host."""
    with (host.images / name).open("wb") as file:
        file.truncate(size)
    return str(INSIDE / name)


def chain(host: Host, name: str, *, depth: int = 3) -> str:
    """Make a chain of `depth` qcow2 files that boots and halts; the path on the host of `name`.qcow2, its top.

    The files below the top are called `name`-base.qcow2, `name`-1.qcow2 and so on.
    """
    halting(host, f"{name}.raw")
    files = [f"{name}-{level or 'base'}.qcow2" for level in range(depth - 1)] + [f"{name}.qcow2"]
    commands = ["set -e", f'cd "{INSIDE}"', f'qemu-img convert -O qcow2 "{name}.raw" "{files[0]}"', f'rm "{name}.raw"']
    for below, above in itertools.pairwise(files):
        commands.append(f'qemu-img create -q -f qcow2 -F qcow2 -b "{below}" "{above}"')
    host.run("sh", "-c", "\n".join(commands))
    return str(INSIDE / files[-1])


def overlay(host: Host, name: str, base: str) -> str:
    """Make the qcow2 file `name`.qcow2 on top of the qcow2 file `base`; its path on the host."""
    top = str(INSIDE / f"{name}.qcow2")
    host.run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, top)
    return top
