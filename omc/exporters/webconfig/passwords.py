"""Checks a user's password against bcrypt hashes, so that the time it takes tells nothing, and only once a credential.

An unknown user costs one bcrypt too, of a cost that some known user has: always the same one for the same name, so
that neither the time nor its spread tells which names exist. A credential known to be good is remembered as a keyed
digest, in memory only, and costs no bcrypt again. A wrong one is never remembered.
"""

import hmac
import os
from collections.abc import Mapping

MOST_REMEMBERED = 1_000
# bcrypt reads no more; what htpasswd made of a longer password is the hash of these.
_MOST_BYTES = 72


class Passwords:
    """The users of one configuration. `is_known` is instant; `check` takes as long as bcrypt: call it in a thread."""

    def __init__(self, users: Mapping[str, bytes]) -> None:
        self._users = dict(users)
        self._secret = os.urandom(32)
        self._good: set[bytes] = set()
        self._costs = sorted({stored[:7] for stored in users.values()})

    def __bool__(self) -> bool:
        return bool(self._users)

    def is_known(self, user: str, password: bytes) -> bool:
        """Tell whether this very credential was found good before."""
        return self._digest(user, password) in self._good

    def check(self, user: str, password: bytes) -> bool:
        """Tell whether the password is the user's."""
        import bcrypt

        stored = self._users.get(user)
        usable = b"\0" not in password
        against = stored if stored is not None and usable else self._decoy(user)
        matches = bcrypt.checkpw(password[:_MOST_BYTES] if usable else b"", against)
        good = matches and stored is not None and usable
        if good and len(self._good) < MOST_REMEMBERED:
            self._good.add(self._digest(user, password))
        return good

    def _digest(self, user: str, password: bytes) -> bytes:
        name = user.encode(errors="surrogatepass")
        return hmac.digest(self._secret, len(name).to_bytes(4, "big") + name + password, "sha256")

    def _decoy(self, user: str) -> bytes:
        """Return a hash that no password has, with the cost of one of the users."""
        pick = self._digest(user, b"")[0] % len(self._costs)
        return self._costs[pick] + b"." * 53
