"""Why a target is down or its page incomplete: in few words for a label, and in full for the people who read the page.

Prometheus keeps labels and drops comments. A message of libvirt or ssh holds times, numbers and paths, and as a label
would begin a new series each time: the label has one sentence a code, and the message stands in a comment.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from omc.ports import Fault
from omc.text import cut, safe

REASONS: Mapping[str, str] = {
    "authentication": "the host refuses this user, key, password or certificate",
    "connection-lost": "the connection broke while the host was read",
    "deadline": "the host did not answer in time",
    "no-daemon": "libvirt's daemon does not run there",
    "refused": "the machine answers, and nothing listens on this port",
    "resolve": "the host's name is not known",
    "site": "the site gives no usable URI for this host",
    "unknown-host-key": "ssh does not know the host's key, or the key has changed",
    "unreachable": "no way to the machine: it is off, or a firewall is in between",
    "unsupported": "no part of omc reads metrics of this kind of host",
    "uri": "the host's URI is none",
}
OTHER = "libvirt refuses, the page says why in a comment"
_ASKED = ("daemon",)
MOST_COMMENTS = 20
MOST_LETTERS = 400


class Down(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing of a target could be read: a word of omc's, the message, and what to do."""

    code: str
    message: str
    hint: str = ""

    @property
    def reason(self) -> str:
        """The reason in few words, of a bounded number of texts."""
        return REASONS.get(self.code, OTHER)

    def __str__(self) -> str:
        """Say all in one line."""
        return f"{self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")


def down_comments(down: Down) -> bytes:
    """Write the comments at the top of the page of a target that is down."""
    hint = [f"what to do: {down.hint}"] if down.hint else []
    return _comments([f"down: {down.code}: {down.message}", *hint])


def fault_comments(faults: Iterable[Fault]) -> bytes:
    """Write the comments at the top of an incomplete page: what failed, the first ones where that is much.

    Of what this host or connection does not give, only what is off unless somebody asks for it.
    """
    told = (one for one in faults if one.failed or one.subject.partition("/")[0] in _ASKED)
    texts = [f"incomplete: {one.subject}, {one.call}, {one.code}: {one.message}" for one in told]
    beyond = len(texts) - MOST_COMMENTS
    return _comments([*texts[:MOST_COMMENTS], *([f"incomplete: and {beyond} more"] if beyond > 0 else [])])


def _comments(texts: Iterable[str]) -> bytes:
    return "".join(_lines(texts)).encode("utf-8", "backslashreplace")


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield f"# {cut(safe(text), MOST_LETTERS)}\n"
