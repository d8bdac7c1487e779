"""Which part reads which kind of host: providers by the scheme of the host's URI.

Parts of others come in through the entry point group `omc.providers`; the built-in one is declared there too, and is
known here by name as well, because reading all entry points costs 60 ms of a command that may take 300.
"""

from functools import cache
from importlib import import_module

from omc.errors import HostError
from omc.ports import Definitions, DefinitionsProvider, Hypervisor, LiveHost, LiveOptions, LiveProvider, Provider

GROUP = "omc.providers"
LIBVIRT_SCHEMES = ("qemu", "lxc", "xen", "test", "esx", "vpx", "gsx", "ch", "bhyve", "vbox", "vz", "openvz", "hyperv")
BUILT_IN = {"libvirt": ("omc.drivers.hypervisor:PROVIDER", LIBVIRT_SCHEMES)}
"""Name of the entry point → the provider's object, and the URI schemes that it takes."""


def hypervisor_for(uri: str) -> Hypervisor:
    """Give the reader for a host's URI; raises HostError where no part takes its scheme."""
    return _provider(_scheme(uri)).hypervisor()


def live_host_for(uri: str, options: LiveOptions) -> LiveHost:
    """Give the lasting reader of one host; raises HostError where no part can read its kind that way."""
    scheme = _scheme(uri)
    provider = _provider(scheme)
    if not isinstance(provider, LiveProvider):
        hint = "omc inventory reads it, omc exporter cannot"
        raise HostError(f"hosts of the kind {scheme!r} give no metrics", code="unsupported", hint=hint)
    return provider.live(uri, options)


def definitions_for(uri: str, deadline: float) -> Definitions:
    """Connect to a host to define libvirt objects; raises HostError where no part does that for its kind."""
    scheme = _scheme(uri)
    provider = _provider(scheme)
    if not isinstance(provider, DefinitionsProvider):
        hint = "a template for such hosts can make files"
        raise HostError(f"hosts of the kind {scheme!r} take no libvirt objects", code="unsupported", hint=hint)
    return provider.definitions(uri, deadline)


def knows(scheme: str) -> bool:
    """Tell whether a part of omc, or one that is installed beside it, reads hosts whose URI has this scheme."""
    try:
        _provider(scheme)
    except HostError:
        return False
    return True


def _scheme(uri: str) -> str:
    return uri.partition(":")[0].partition("+")[0].lower()


@cache
def _provider(scheme: str) -> Provider:
    for target, schemes in BUILT_IN.values():
        if scheme in schemes:
            module, _, name = target.partition(":")
            provider: Provider = getattr(import_module(module), name)
            return provider
    known = {scheme for _, schemes in BUILT_IN.values() for scheme in schemes}
    for other in _installed():
        if scheme in other.schemes:
            return other
        known.update(other.schemes)
    raise HostError(
        f"no part of omc reads hosts of the kind {scheme!r}",
        code="unsupported",
        hint=f"libvirt_uri may begin with {', '.join(sorted(known))}; or install the part that brings it ({GROUP})",
    )


def _installed() -> list[Provider]:
    from importlib.metadata import entry_points

    return [entry.load() for entry in entry_points(group=GROUP) if entry.name not in BUILT_IN]
