"""Finds the answer of a script in what came from a host: what is between the marks, without a login shell's noise."""

from omc.drivers.shell.request import READY

_NOISE = 16 << 10
"""How much of what a host says outside an answer is kept, for messages."""


class Stream:
    """One of the two streams: noise, the mark, the answer's bytes, the mark again with the rest of its line."""

    def __init__(self, mark: str) -> None:
        self._begin = f"{mark}(\n".encode()
        self._end = f"{mark})".encode()
        self._noise = bytearray()
        self._content = bytearray()
        self._searched = 0
        self.begun = False
        self.last: bytes | None = None
        """What stands behind the closing mark; None before it came."""

    @property
    def noise(self) -> bytes:
        """The end of what came before the answer, or all that came where there is none."""
        return bytes(self._noise)

    @property
    def content(self) -> bytes:
        """The answer's bytes so far."""
        return bytes(self._content)

    @property
    def size(self) -> int:
        """How many bytes the answer has so far."""
        return len(self._content)

    def feed(self, data: bytes) -> None:
        """Take what came next; what comes behind the closing mark's line is dropped."""
        if not data or self.last is not None:
            return
        if self.begun:
            self._content += data
        else:
            self._noise += data
            at = self._noise.find(self._begin)
            if at < 0:
                del self._noise[:-_NOISE]
                return
            self.begun = True
            self._content += self._noise[at + len(self._begin) :]
            del self._noise[at:]
        self._find_end()

    def _find_end(self) -> None:
        at = self._content.find(self._end, self._searched)
        if at < 0:
            self._searched = max(0, len(self._content) - len(self._end))
            return
        self._searched = at
        line_end = self._content.find(b"\n", at)
        if line_end >= 0:
            self.last = bytes(self._content[at + len(self._end) : line_end])
            del self._content[at:]


class Reading:
    """Both streams of one script."""

    def __init__(self, mark: str) -> None:
        self.output = Stream(mark)
        self.errors = Stream(mark)

    def feed(self, output: bytes, errors: bytes) -> None:
        """Take what came next on each."""
        self.output.feed(output)
        self.errors.feed(errors)

    @property
    def ready(self) -> bool:
        """Whether the shell that will run the script is there."""
        return self.output.begun or f"{READY}\n".encode() in self.output.noise

    @property
    def begun(self) -> bool:
        """Whether the script runs."""
        return self.output.begun

    @property
    def whole(self) -> bool:
        """Whether nothing more of the answer can come."""
        return self.output.last is not None and self.errors.last is not None

    @property
    def size(self) -> int:
        """How many bytes came as the answer."""
        return self.output.size + self.errors.size

    @property
    def said(self) -> str:
        """The words outside the answer, errors first, as text that nobody vouches for."""
        return b"\n".join((self.errors.noise, self.output.noise)).decode(errors="replace").strip()
