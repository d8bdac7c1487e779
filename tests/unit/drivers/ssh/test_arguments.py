"""What people put on ssh's command line is read as ssh reads it, or named as not honoured."""

import shlex

import pytest

from omc.drivers.ssh.algorithms import chosen
from omc.drivers.ssh.arguments import read
from omc.errors import SiteError


@pytest.mark.parametrize(
    ("text", "config", "options", "ignored"),
    [
        ("", "", [], []),
        ("-F /a -J gate", "/a", [("proxyjump", "gate")], []),
        (
            "-F/a -Jgate -p2222 -l me -i /k",
            "/a",
            [("proxyjump", "gate"), ("port", "2222"), ("user", "me"), ("identityfile", "/k")],
            [],
        ),
        (
            "-o Port=22 -oUser=me -o 'ProxyCommand ssh -W %h:%p a'",
            "",
            [("port", "22"), ("user", "me"), ("proxycommand", "ssh -W %h:%p a")],
            [],
        ),
        ("-C -vvv -tt -o ControlMaster=auto -o ControlPersist=60s", "", [], []),
        ("-4qC", "", [("addressfamily", "inet")], []),
        ("-o BindInterface=eth0 -b 10.0.0.1 word", "", [], ["-o bindinterface", "-b", "word"]),
    ],
)
def test_what_is_read(text: str, config: str, options: list[tuple[str, str]], ignored: list[str]) -> None:
    found = read(shlex.split(text))
    assert (config, options, ignored) == (
        found.config,
        [(one.name, one.words[0]) for one in found.options],
        found.ignored,
    )


def test_an_option_without_a_value_is_refused() -> None:
    with pytest.raises(SiteError, match="ssh's arguments: port has no value"):
        read(["-o", "Port"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"]),
        ("+3des-cbc", ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr"]),
        ("-aes*-ctr,x", ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"]),
        ("aes256-ctr,chacha20-poly1305@openssh.com,aes128-ctr", ["aes256-ctr", "aes128-ctr"]),
        ("^aes256*", ["aes256-gcm@openssh.com", "aes256-ctr", "aes128-gcm@openssh.com", "aes128-ctr", "aes192-ctr"]),
    ],
)
def test_a_list_of_algorithms_chooses_among_ours(value: str, expected: list[str]) -> None:
    assert expected == list(chosen({"ciphers": value}).ciphers)


def test_a_list_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(SiteError, match="ciphers leaves none of the algorithms"):
        chosen({"ciphers": "3des-cbc"})
