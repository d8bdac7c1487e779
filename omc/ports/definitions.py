"""libvirt's objects as their host keeps them, read and defined: what templates of such objects ask."""

from typing import Protocol, runtime_checkable

import msgspec


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A libvirt object as its host keeps it: `xml` is what counts from its next start on, passwords included."""

    kind: str  # network, pool, secret, nwfilter, guest
    name: str
    xml: str
    active: bool = False  # it runs now


class Definitions(Protocol):
    """The definitions of libvirt objects of one host, over a read-write connection. Used by one thread at a time.

    Every call raises HostError where libvirt refuses, DeadlineError at the deadline that the connection was opened
    with. Nothing is ever started, stopped or destroyed. A secret's name is its usage, or its UUID.
    """

    def read(self, kind: str, name: str) -> Definition | None:
        """Return the definition; None where there is no such object. Raises also where it may not be defined."""

    def faults(self, kind: str, xml: str) -> str:
        """Say, without asking the host, why the XML does not follow libvirt's schema; "" where that is not known."""

    def define(self, kind: str, name: str, xml: str) -> Definition:
        """Define it anew, checked by the host against its schema; return it as libvirt keeps it."""

    def undefine(self, kind: str, name: str) -> None:
        """Take the definition away; refused for an object that runs. One that is not there is no error."""

    def close(self) -> None:
        """End the connection; never waits for what does not answer."""


@runtime_checkable
class DefinitionsProvider(Protocol):
    """A provider whose hosts' objects can also be defined."""

    def definitions(self, uri: str, deadline: float) -> Definitions:
        """Connect to write; `deadline` is time.monotonic(). Raises HostError where that may not be."""
