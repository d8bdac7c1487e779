"""What `omc template` needs beside the site: the key of fingerprints, secrets, and the libvirt of hosts."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from omc.cli.context import Run
from omc.errors import HostError

if TYPE_CHECKING:
    from omc.ports import AppliedFile, Definitions
    from omc.templates.desired import Desired
    from omc.templates.fingerprint import Fingerprints
    from omc.templates.objects.looking import Objects


def fingerprints(run: Run) -> "Fingerprints":  # noqa: ARG001 - a site may come to have a key of its own
    """Return what makes and compares fingerprints, with this user's own key."""
    from omc.templates.fingerprint import Fingerprints

    return Fingerprints(_key)


def _key() -> bytes:
    from omc.inventory.store.location import state_folder  # only now: it loads the store
    from omc.templates.fingerprint import own_key

    return own_key(state_folder() / "omc" / "fingerprint.key")


def libvirt_of(run: Run) -> "Callable[[str, float], Definitions]":
    """Return what connects to the libvirt of a host, to write, before a time of time.monotonic()."""
    hosts = run.site.hosts

    def open_(name: str, deadline: float) -> "Definitions":
        from omc.providers import definitions_for

        host = hosts[name]
        if host.problem:
            raise HostError(host.problem, code="uri")
        return definitions_for(host.uri, deadline)

    return open_


def objects(run: Run, desired: "Sequence[Desired]", *, disruptive: bool) -> "Objects | None":
    """Return what looks at the libvirt objects of hosts; None where none is to have any, and no store is opened."""
    names = [one.host for one in desired if one.objects]
    if not names:
        return None
    from omc.templates.objects.looking import Objects

    applied: dict[str, dict[str, AppliedFile]] = {name: {} for name in names}
    for file in run.store.template_runs.applied(names):
        applied[file.host][file.path] = file

    def last(host: str) -> "Mapping[str, AppliedFile]":
        return applied[host]

    return Objects(libvirt_of(run), fingerprints(run), last, disruptive=disruptive)
