"""Which keys are tried for one host, in which order.

The key that the caller named is the first; then those of the agent that the configuration names, the agent's others
unless `IdentitiesOnly` says no, and files. For each key its certificates come first.
"""

from collections.abc import Iterator
from pathlib import Path

from omc.drivers.ssh.identities import Identities, Identity, certified
from omc.drivers.ssh.settings import Settings


class Candidates:
    """The keys for one host, to be gone through once; a file is read when its turn comes."""

    def __init__(self, settings: Settings, identities: Identities) -> None:
        self.unusable: list[str] = []
        """Why a key that was named cannot be used, each with its name."""
        self._settings = settings
        self._identities = identities
        self._agent = identities.of_agent(settings.agent)
        self._seen: set[bytes] = set()

    def __iter__(self) -> Iterator[Identity]:
        settings = self._settings
        if settings.first_identity:
            yield from self._of_file(settings.first_identity)
        for path in settings.identities:
            if self._identities.public_part(path) in self._agent:
                yield from self._of_file(path)
        if not settings.identities_only:
            for public in self._agent:
                yield from self._of_agent(public)
        for path in settings.identities:
            yield from self._of_file(path)

    def _of_agent(self, public: bytes) -> Iterator[Identity]:
        if public not in self._seen:
            self._seen.add(public)
            held = self._agent[public]
            yield from certified(held[-1], self._settings.certificates)
            yield from held

    def _of_file(self, path: str) -> Iterator[Identity]:
        public = self._identities.public_part(path)
        certificates = [*self._settings.certificates, f"{path}-cert.pub"]
        if public in self._agent:
            if public not in self._seen:
                yield from certified(Identity(self._agent[public][-1].key, path), certificates)
            yield from self._of_agent(public)
            return
        key = self._identities.of_file(path)
        if isinstance(key, str):
            if Path(path).exists() or path == self._settings.first_identity:
                self.unusable.append(f"{path} ({key})")
        elif key.asbytes() not in self._seen:
            self._seen.add(key.asbytes())
            yield from certified(Identity(key, path), certificates)
            yield Identity(key, path)
