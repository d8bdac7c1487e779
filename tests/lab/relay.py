"""A line with a long way: a relay between two sockets that delays what passes, both ways, and loses nothing.

It is a process of its own, so that it takes no time from the program that is measured; it ends with the process that
started it. Delays are exact to 1 ms or so, the resolution of the kernel's poll.
"""

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.lab.process import LabError

_ROOT = Path(__file__).parents[2]
_CHUNK = 1 << 16
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextmanager
def relay(listen: str, target: str, *, round_trip: float) -> Iterator[str]:
    """Relay from `listen` to `target`, each a unix socket's path or HOST:PORT, `round_trip` seconds there and back.

    Gives the address it listens on: with 127.0.0.1:0 the kernel chooses a free port.
    """
    command = [sys.executable, "-m", __name__, listen, target, str(round_trip)]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise LabError(f"the relay from {listen} to {target} does not start")
        try:
            yield address
        finally:
            process.stdin.close()


def _is_path(address: str) -> bool:
    return "/" in address


def _host_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


async def _serve(listen: str, target: str, delay: float) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):  # cancelled: the relay ends, and its connections with it
            far = await _connect(target)
            await asyncio.gather(_pump(reader, far[1], delay), _pump(far[0], writer, delay))

    if _is_path(listen):
        await asyncio.start_unix_server(accept, listen)
        print(listen, flush=True)
    else:
        server = await asyncio.start_server(accept, *_host_port(listen))
        host, port = server.sockets[0].getsockname()[:2]
        print(f"{host}:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def _connect(target: str) -> Streams:
    return await (
        asyncio.open_unix_connection(target) if _is_path(target) else asyncio.open_connection(*_host_port(target))
    )


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Hand on what `reader` gives, each piece `delay` seconds after it came, and in the end its end."""
    clock = asyncio.get_running_loop().time
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def send() -> None:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0, due - clock()))
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    sender = asyncio.create_task(send())
    data = b"."
    while data:
        try:
            data = await reader.read(_CHUNK)
        except OSError:
            data = b""
        queue.put_nowait((clock() + delay, data))
    with suppress(OSError):
        await sender


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.relay", description=__doc__.splitlines()[0])
    parser.add_argument("listen", help="path of a unix socket, or HOST:PORT")
    parser.add_argument("target", help="path of a unix socket, or HOST:PORT")
    parser.add_argument("round_trip", type=float, help="seconds there and back")
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.listen, arguments.target, arguments.round_trip / 2))


if __name__ == "__main__":
    _main()
