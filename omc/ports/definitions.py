"""libvirt's objects as their host keeps them, read and defined: what templates of such objects ask."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import msgspec


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A libvirt object as its host keeps it: `xml` is what counts from its next start on, passwords included.

    `live` is what runs: the definition of a network or pool as it is in force, of a guest a number that no other start
    of it has. It is empty for what does not run.
    """

    kind: str  # network, pool, secret, nwfilter, guest
    name: str
    xml: str
    active: bool = False  # it runs now
    live: str = ""


class LiveUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a network that runs, in libvirt's words: `command` add-last, modify or delete of an element.

    `section` is ip-dhcp-host, dns-txt and so on; `parent` the place of the element's <ip> among its like, else -1.
    """

    command: str
    section: str
    xml: str
    parent: int = -1


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """The running guests that use an object, and why it is not restarted all the same; "" where it can be."""

    guests: tuple[str, ...] = ()
    hindrance: str = ""


class Definitions(Protocol):
    """The definitions of libvirt objects of one host, over a read-write connection. Used by one thread at a time.

    Every call raises HostError where libvirt refuses, DeadlineError at the deadline that the connection was opened
    with. `start` and `restart` alone start or stop anything. A secret's name is its usage, or its UUID.
    """

    def read(self, kind: str, name: str) -> Definition | None:
        """Return the definition; None where there is no such object. Raises also where it may not be defined."""

    def faults(self, kind: str, xml: str) -> str:
        """Say, without asking the host, why the XML does not follow libvirt's schema; "" where that is not known."""

    def define(self, kind: str, name: str, xml: str) -> Definition:
        """Define it anew, checked by the host against its schema; return it as libvirt keeps it."""

    def undefine(self, kind: str, name: str) -> None:
        """Take the definition away; refused for an object that runs. One that is not there is no error."""

    def usage(self, kind: str, name: str) -> Usage:
        """Say which running guests use a network or pool, and whether it may be restarted under them."""

    def update(self, name: str, updates: Sequence[LiveUpdate]) -> None:
        """Change a network that runs, and nothing of its definition."""

    def restart(self, kind: str, name: str) -> None:
        """Stop and start it. A network's guests are attached again; a guest is asked to shut down.

        Refused with code "in_use" where `usage` has a hindrance; a guest that does not shut down is left as it is.
        """

    def start(self, kind: str, name: str) -> None:
        """Do what is missing of a `restart` that was cut off after the object was stopped."""

    def close(self) -> None:
        """End the connection; never waits for what does not answer."""


@runtime_checkable
class DefinitionsProvider(Protocol):
    """A provider whose hosts' objects can also be defined."""

    def definitions(self, uri: str, deadline: float) -> Definitions:
        """Connect to write; `deadline` is time.monotonic(). Raises HostError where that may not be."""
