"""What `omc template` needs beside the site: the key of fingerprints, and secrets."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from omc.cli.context import Run

if TYPE_CHECKING:
    from omc.templates.fingerprint import Fingerprints


def fingerprints(run: Run) -> "Fingerprints":  # noqa: ARG001 - a site may come to have a key of its own
    """Return what makes and compares fingerprints, with this user's own key."""
    from omc.templates.fingerprint import Fingerprints

    return Fingerprints(_key)


def _key() -> bytes:
    from omc.inventory.store.location import state_folder  # only now: it loads the store
    from omc.templates.fingerprint import own_key

    return own_key(state_folder() / "omc" / "fingerprint.key")


def secrets(run: Run) -> Callable[[str], str]:
    """Return what gives a secret's value by its name."""
    from omc.templates.secrets.lookup import Secrets

    return Secrets(run.site.root)
