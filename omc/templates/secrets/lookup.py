"""`secret('PROVIDER:NAME')`: finds the provider, asks it once a run, and checks what it gave."""

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from omc.errors import OmcError
from omc.site.mistakes import near
from omc.templates.secrets import age, command, environment, files
from omc.templates.secrets.settings import PLACE, ProviderSettings, SecretSettings, read_settings

MOST_CHARACTERS = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+/-]{0,199}")

_PROVIDERS: Mapping[str, Callable[[ProviderSettings, Path, str], str]] = {
    "file": files.value,
    "env": environment.value,
    "command": command.value,
    "age": age.value,
}


class Secrets:
    """The secrets of one site. Call it with a reference; the settings are read when the first is asked for.

    Thread-safe: whoever wants a secret that somebody is asking for waits for that answer, be it an error.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._settings: SecretSettings | None = None
        self._known: dict[str, str | OmcError] = {}
        self._asking: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def __call__(self, reference: str) -> str:
        """Return the value of "PROVIDER:NAME", or "NAME" of the default provider; raise OmcError without any value."""
        with self._lock:
            asking = self._asking.setdefault(reference, threading.Lock())
        with asking:
            if reference not in self._known:
                self._known[reference] = self._answer(reference)
        found = self._known[reference]
        if isinstance(found, OmcError):
            raise found.with_traceback(None)
        return found

    def _answer(self, reference: str) -> str | OmcError:
        try:
            return self._asked(reference)
        except OmcError as error:
            return error

    def _asked(self, reference: str) -> str:
        provider, name = self._found(reference)
        try:
            found = _PROVIDERS[provider.type](provider, self._root, name)
        except OmcError as error:
            hint = error.hint or (f"the provider is set in {provider.where}" if provider.where else "")
            raise OmcError(f"the secret {reference!r}: {error.message}", hint=hint) from None
        value = found.removesuffix("\n").removesuffix("\r")
        if len(value) > MOST_CHARACTERS or "\0" in value:
            raise OmcError(f"the secret {reference!r}: expected text of at most {MOST_CHARACTERS} characters")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise OmcError(f"the secret {reference!r} is not UTF-8")  # a variable of the environment may be anything
        return value

    def _found(self, reference: str) -> tuple[ProviderSettings, str]:
        if self._settings is None:
            self._settings = read_settings(self._root)
        providers = self._settings.providers
        prefix, colon, rest = reference.partition(":")
        provider, name = (prefix, rest) if colon else (self._settings.default, reference)
        if not provider:
            expected = "secret('PROVIDER:NAME')" if len(providers) > 1 else f"a provider in {PLACE}"
            raise OmcError(f"the secret {reference!r} names no provider", hint=f"expected {expected}")
        if provider not in providers:
            hint = near(provider, providers) or f"known are {', '.join(providers)}: {PLACE} sets them"
            raise OmcError(f"the secret {reference!r}: no provider is named {provider!r}", hint=hint)
        if not _NAME.fullmatch(name) or ".." in name.split("/"):
            raise OmcError(f"the secret {reference!r}: expected letters, digits and _.@+/- as its name")
        return providers[provider], name
