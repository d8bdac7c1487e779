"""Secrets in the environment of omc: `secret('env:db-password')` is $OMC_SECRET_DB_PASSWORD."""

import os
import re
from pathlib import Path

from omc.errors import OmcError
from omc.templates.secrets.settings import ProviderSettings


def value(provider: ProviderSettings, _: Path, name: str) -> str:
    """Return the variable's value; raise OmcError where it is not set."""
    variable = provider.prefix + re.sub(r"[^A-Z0-9]", "_", name.upper())
    if variable not in os.environ:
        raise OmcError(f"${variable} is not set")
    return os.environ[variable]
