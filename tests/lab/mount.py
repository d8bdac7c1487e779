"""A file system of one file that a program keeps: when the program stands still, so does whatever touches the mount.

That is what a dead NFS server does to a host, but can be ended: once the program is killed, the kernel answers every
call that waits. `python mount.py FOLDER FILE` speaks the kernel's FUSE protocol by itself, says "ready" when the mount
is there, and ends with it. The protocol: include/uapi/linux/fuse.h.
"""

import ctypes
import errno
import os
import stat
import struct
import sys
from collections.abc import Callable

_SIZE = 1 << 20
_BLOCK = 4096
_ROOT, _FILE = 1, 2
_IN = struct.Struct("<IIQQIIII")
_OUT = struct.Struct("<IiQ")
_REQUEST_BYTES = 1 << 18
_MOST_WRITTEN = 1 << 16
_SILENT = {2, 36, 42}  # FORGET, INTERRUPT, BATCH_FORGET: the kernel wants no answer
# cli; hlt; jmp -3, as in disks.py: what boots from the file costs nothing.
_BOOT_SECTOR = b"\xfa\xf4\xeb\xfd".ljust(510, b"\0") + b"\x55\xaa"

Handler = Callable[[int, bytes], bytes | int]
"""What a request's node and body are answered with; a negative errno refuses it."""


class FileSystem:
    """The folder and its one file, in memory."""

    def __init__(self, name: str) -> None:
        self.name = name.encode()
        self.data = bytearray(_BOOT_SECTOR.ljust(_SIZE, b"\0"))
        self.handlers: dict[int, Handler] = {
            1: self.lookup,
            3: self.attributes,
            4: self.attributes,  # SETATTR changes nothing here
            **dict.fromkeys((14, 27), self.open),
            15: self.read,
            16: self.write,
            17: self.statistics,
            26: self.begin,
            28: self.list,
            **dict.fromkeys((18, 20, 25, 29, 30, 34, 38, 43), lambda *_: b""),  # RELEASE, FSYNC, FLUSH, ACCESS …
        }

    def answer(self, request: bytes) -> bytes | None:
        """Give the kernel's answer to one request; None where it wants none."""
        _, code, unique, node, *_ = _IN.unpack_from(request)
        if code in _SILENT:
            return None
        handler = self.handlers.get(code)
        body = handler(node, request[_IN.size :]) if handler else -errno.ENOSYS
        error, found = (body, b"") if isinstance(body, int) else (0, body)
        return _OUT.pack(_OUT.size + len(found), error, unique) + found

    def begin(self, _: int, body: bytes) -> bytes:
        major, _minor, ahead, _flags = struct.unpack_from("<IIII", body)
        return struct.pack("<IIIIHHIIHHI28x", major, 31, ahead, 0, 0, 0, _MOST_WRITTEN, 1, 0, 0, 0)

    def lookup(self, _: int, body: bytes) -> bytes | int:
        if body.rstrip(b"\0") != self.name:
            return -errno.ENOENT
        return struct.pack("<QQQQII", _FILE, 0, 0, 0, 0, 0) + self._attributes(_FILE)

    def attributes(self, node: int, _: bytes) -> bytes:
        return struct.pack("<QII", 0, 0, 0) + self._attributes(node)  # valid for no time: each stat asks again

    def _attributes(self, node: int) -> bytes:
        mode, size = (stat.S_IFDIR | 0o755, 0) if node == _ROOT else (stat.S_IFREG | 0o644, _SIZE)
        return struct.pack("<6Q10I", node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, _BLOCK, 0)

    def open(self, _: int, __: bytes) -> bytes:
        return struct.pack("<QII", 0, 0, 0)

    def read(self, _: int, body: bytes) -> bytes:
        _handle, offset, size = struct.unpack_from("<QQI", body)
        return bytes(self.data[offset : offset + size])

    def write(self, _: int, body: bytes) -> bytes:
        _handle, offset, size = struct.unpack_from("<QQI", body)
        self.data[offset : offset + size] = body[40 : 40 + size]
        return struct.pack("<II", size, 0)

    def statistics(self, _: int, __: bytes) -> bytes:
        blocks = _SIZE // _BLOCK
        return struct.pack("<5Q4I24x", 2 * blocks, blocks, blocks, 1, 0, _BLOCK, 255, _BLOCK, 0)

    def list(self, _: int, body: bytes) -> bytes:
        _handle, offset = struct.unpack_from("<QQ", body)
        entries = ((_ROOT, 4, b"."), (_ROOT, 4, b".."), (_FILE, 8, self.name))
        found = b""
        for place, (node, kind, name) in enumerate(entries):
            if place >= offset:
                entry = struct.pack("<QQII", node, place + 1, len(name), kind) + name
                found += entry.ljust(-(-len(entry) // 8) * 8, b"\0")
        return found


def main(folder: str, name: str) -> None:
    """Mount, say so, and answer until the mount or this process is ended."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"lab", folder.encode(), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), folder)
    print("ready", flush=True)
    files = FileSystem(name)
    while True:
        try:
            request = os.read(device, _REQUEST_BYTES)
        except OSError as error:
            if error.errno == errno.ENODEV:  # unmounted
                return
            raise
        answer = files.answer(request)
        if answer is not None:
            os.write(device, answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
