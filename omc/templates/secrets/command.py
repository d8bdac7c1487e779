"""Secrets that a program prints: pass, sops, vault, or a script of one's own."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from omc.errors import OmcError
from omc.templates.secrets.settings import ProviderSettings
from omc.text import safe

MOST_BYTES = 1 << 20
_SHOWN = 200


def value(provider: ProviderSettings, root: Path, name: str) -> str:
    """Return what the program prints for a name; raise OmcError where it fails or takes too long."""
    arguments = [argument.replace("{name}", name) for argument in provider.command]
    output = run(arguments, root, provider.timeout_seconds)
    return output.partition("\n")[0] if provider.line == "first" else output


def run(arguments: Sequence[str], folder: Path, seconds: float) -> str:
    """Run a program without a shell and without input, and return its output as text."""
    program = arguments[0]
    try:
        done = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired:
        hint = "it has no terminal to ask for a passphrase: unlock its agent first"
        raise OmcError(f"{program} gave no answer within {seconds:g} s", hint=hint) from None
    except OSError as error:
        raise OmcError(f"{program} cannot be started: {error.strerror}") from None
    if done.returncode:
        said = safe(done.stderr.decode("utf-8", "replace").strip()[:_SHOWN])
        raise OmcError(f"{program} failed with status {done.returncode}{f': {said}' if said else ''}")
    if len(done.stdout) > MOST_BYTES:
        raise OmcError(f"{program} printed {len(done.stdout)} bytes, expected at most {MOST_BYTES}")
    try:
        return done.stdout.decode("utf-8")
    except UnicodeDecodeError:
        raise OmcError(f"{program} printed something that is not UTF-8") from None
