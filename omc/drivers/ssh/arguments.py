"""Reads what Ansible's users put on ssh's command line: `ansible_ssh_common_args` and its kin.

What says how to reach the host is read: a configuration file, options, bastions, keys, names, ports. What only changes
a terminal or messages is passed over; everything else is named as not honoured.
"""

from collections.abc import Iterator, Sequence

import msgspec

from omc.drivers.ssh.config import READ, WITHOUT_EFFECT, Option, parse_option

WHERE = "ssh's arguments"
_FLAGS = "46AaCfGgKkMNnqsTtVvXxYy"
_TAKES_VALUE = "BbcDEeFIiJLlmOopQRSWw"
_OPTIONS = {"i": "identityfile", "J": "proxyjump", "l": "user", "p": "port", "c": "ciphers", "m": "macs"}
_HARMLESS = "EeSOQ"
_FAMILIES = {"4": "inet", "6": "inet6"}


class Arguments(msgspec.Struct, frozen=True):
    """What the arguments say. `config` is a file in place of the user's and the system's; "" for those."""

    config: str
    options: Sequence[Option]
    ignored: Sequence[str]


def read(words: Sequence[str]) -> Arguments:
    """Return what ssh's arguments mean; raise SiteError where an option cannot be understood."""
    config, options, ignored = "", list[Option](), list[str]()
    for letter, value in _letters(words):
        if letter == "F":
            config = value
        elif letter in _OPTIONS:
            options.append(Option(_OPTIONS[letter], (value,), WHERE))
        elif letter in _FAMILIES:
            options.append(Option("addressfamily", (_FAMILIES[letter],), WHERE))
        elif letter == "o":
            option = parse_option(value, WHERE)
            if option.name in READ:
                options.append(option)
            elif option.name not in WITHOUT_EFFECT:
                ignored.append(f"-o {option.name}")
        elif letter not in _FLAGS + _HARMLESS:
            ignored.append(f"-{letter}" if len(letter) == 1 else letter)
    return Arguments(config, options, ignored)


def _letters(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option's letter and its value; a word that is no option as it is."""
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or len(word) < 2:
            yield word, ""
            continue
        for at, letter in enumerate(word[1:], 2):
            if letter in _TAKES_VALUE:
                yield letter, word[at:] or next(rest, "")
                break
            yield letter, ""
