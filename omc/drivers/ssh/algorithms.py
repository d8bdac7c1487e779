"""Which algorithms are offered to hosts, in order: what is safe and costs this machine little.

Left out of what paramiko knows: key exchange over finite fields, which takes it 20 to 80 ms of CPU a connection where
curve25519 takes 3; CBC, 3DES, MD5 and SHA-1. OpenSSH 6.5 and newer have what is left. A user's own lists from
ssh_config choose among these, and add none.
"""

from collections.abc import Mapping, Sequence

import msgspec

from omc.drivers.ssh.patterns import matches
from omc.errors import SiteError

_KEY_EXCHANGES = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
)
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
_HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


class Algorithms(msgspec.Struct, frozen=True):
    """What to offer, the best first."""

    key_exchanges: Sequence[str]
    ciphers: Sequence[str]
    macs: Sequence[str]
    host_keys: Sequence[str]


def chosen(options: Mapping[str, str]) -> Algorithms:
    """Return what ssh_config's lists leave; raise SiteError where one leaves nothing."""
    return Algorithms(
        key_exchanges=_filtered("kexalgorithms", _KEY_EXCHANGES, options),
        ciphers=_filtered("ciphers", _CIPHERS, options),
        macs=_filtered("macs", _MACS, options),
        host_keys=_filtered("hostkeyalgorithms", _HOST_KEYS, options),
    )


def _filtered(name: str, own: Sequence[str], options: Mapping[str, str]) -> Sequence[str]:
    text = options.get(name, "")
    patterns = text.lstrip("+-^").split(",")
    if not text or text[0] in "+":
        return own
    if text[0] == "-":
        left = [one for one in own if not matches(patterns, one)]
    elif text[0] == "^":
        first = [one for one in own if matches(patterns, one)]
        left = [*first, *(one for one in own if one not in first)]
    else:
        left = [one for pattern in patterns for one in own if matches([pattern], one)]
    if not left:
        raise SiteError(f"{name} leaves none of the algorithms that omc has: {', '.join(own)}")
    return left
