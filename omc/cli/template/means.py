"""What `omc template` needs beside the site: the key of fingerprints, and secrets."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from omc.cli.context import Run

if TYPE_CHECKING:
    from omc.templates.fingerprint import Fingerprints


def fingerprints(run: Run) -> "Fingerprints":  # noqa: ARG001 - a site may come to have a key of its own
    """Return what makes and compares fingerprints, with this user's own key."""
    from omc.inventory.store.location import state_folder
    from omc.templates.fingerprint import Fingerprints, own_key

    return Fingerprints(lambda: own_key(state_folder() / "omc" / "fingerprint.key"))


def secrets(run: Run) -> Callable[[str], str]:
    """Return what gives a secret's value by its name."""
    from omc.templates.secrets.lookup import Secrets

    return Secrets(run.site.root)
