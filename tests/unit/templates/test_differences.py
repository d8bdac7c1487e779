"""A difference is what diff would print, and holds no secret: not the new one, not the old one."""

import subprocess
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omc.templates.differences import Difference, difference
from omc.templates.redact import Redactor


def shown(before: str | None, after: str, *secrets: str) -> str:
    return "\n".join(difference(None if before is None else before.encode(), after.encode(), secrets).lines)


_LINES = st.lists(st.sampled_from(["a", "b", "c", "", "d d", "e"]), max_size=40)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_LINES, _LINES, st.booleans(), st.booleans())
def test_patch_makes_the_new_file_of_the_old_one(tmp_path_factory, old, new, old_ends, new_ends):
    before = "\n".join(old) + ("\n" if old and old_ends else "")
    after = "\n".join(new) + ("\n" if new and new_ends else "")
    lines = difference(before.encode(), after.encode()).lines
    assert bool(lines) == (before != after)
    if lines:
        folder = tmp_path_factory.mktemp("patch")
        (folder / "file").write_text(before)
        patch = "\n".join(["--- file", "+++ file", *lines]) + "\n"
        subprocess.run(["git", "apply", "--unidiff-zero", "-p0", "-"], cwd=folder, input=patch.encode(), check=True)
        result = folder / "file"
        assert after == (result.read_text() if result.exists() else "")


def test_new_file_is_shown_whole():
    assert "@@ -0,0 +1,2 @@\n+one\n+two" == shown(None, "one\ntwo\n")


def test_only_three_lines_around_a_change_are_shown():
    old = [f"line {number}" for number in range(30)]
    new = [*old]
    new[10], new[25] = "changed", "changed too"
    lines = shown("\n".join(old), "\n".join(new)).splitlines()
    assert ["@@ -8,7 +8,7 @@", " line 7"] == lines[:2]
    assert 2 == sum(line.startswith("@@") for line in lines)


def test_changed_secret_shows_as_changed_and_not_as_text():
    text = shown("user = bob\npassword = earlier1\n", "user = bob\npassword = S3cret!!\n", "S3cret!!")
    assert "-password = (secret)\n+password = (secret)" in text
    assert "user = bob" in text


def test_secret_that_stays_is_hidden_on_both_sides():
    text = shown("key = S3cret!! # old\n", "key = S3cret!! # new\n", "S3cret!!")
    assert "S3cret" not in text
    assert "# old" in text
    assert "# new" in text


def test_secret_in_the_lines_around_a_change_is_hidden():
    text = shown("key = S3cret!!\na\n", "key = S3cret!!\nb\n", "S3cret!!")
    assert " key = (secret)" in text


@pytest.mark.parametrize(
    "old",
    [
        "password=0ldWord\n",
        "  password   =    0ldWord\n",
        'password = "0ldWord"\n',
        "password: 0ldWord\n",
        "# password = 0ldWord\n",
        "0ldWord\n",
        "secret_key 0ldWord\nuser x\n",
        "user = x\n\n\npassword = 0ldWord\nport = 1\n",
    ],
)
def test_old_secret_in_place_of_the_new_one_is_hidden_whatever_its_form(old):
    text = shown(old, "user = alice\npassword = S3cret!!\n", "S3cret!!")
    assert "0ldWord" not in text
    assert "+user = alice" in text or " user" in text


def test_old_line_is_shown_where_a_public_line_of_its_name_takes_its_place():
    text = shown("user = alice\n0ldWord\n", "user = bob\npassword = S3cret!!\n", "S3cret!!")
    assert "-user = alice" in text
    assert "0ldWord" not in text


def test_old_secret_far_from_the_place_of_the_new_one_is_hidden():
    filler = "".join(f"setting {number}\n" for number in range(40))
    text = shown(f"bind dn 0ldWord\n{filler}", f"{filler}bind dn S3cret!!\n", "S3cret!!")
    assert "0ldWord" not in text
    assert "-bind dn (secret)" in text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("requirepass 0ldWord", "requirepass (secret)"),
        ("db_password: 0ldWord", "db_password: (secret)"),
        ('"token" = 0ldWord and more', '"token" = (secret)'),
        ("url = https://bob:0ldWord@example.org/", "url = https://(secret)@example.org/"),
        ("root:$6$salt$0ldWord:19000:", "root:(secret):19000:"),
        ("PasswordAuthentication no", "PasswordAuthentication no"),
        ("PermitEmptyPasswords no", "PermitEmptyPasswords no"),
        ("password required pam_unix.so", "password required pam_unix.so"),
        ("server ntp.example.org iburst", "server ntp.example.org iburst"),
    ],
)
def test_old_line_that_looks_like_a_password_is_hidden_and_another_one_is_not(line, expected):
    assert f"-{expected}" in shown(f"a\n{line}\n", "a\n")


def test_old_private_key_is_hidden_line_by_line():
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAold\nBBBBold\n-----END OPENSSH PRIVATE KEY-----\n"
    text = shown(f"head\n{key}tail\n", "head\ntail\n")
    assert "old" not in text
    assert " tail" in text


def test_new_private_key_that_is_longer_than_the_old_one_is_hidden_with_it():
    old = "".join(f"OLDKEY{number:04d}\n" for number in range(9))
    new = "".join(f"newkey{number:04d}\n" for number in range(5))
    text = shown(f"a\n{old}b\n", f"a\n{new}b\n", new)
    assert "OLDKEY" not in text
    assert "newkey" not in text


def test_lines_of_a_secret_are_hidden_when_a_template_indents_them():
    text = shown("", "key: |\n    line-one-of-it\n    line-two-of-it\n", "line-one-of-it\nline-two-of-it\n")
    assert "of-it" not in text


def test_short_secret_hides_its_whole_line():
    assert "+(secret)\n+port = 1" in shown("", "pin = 12\nport = 1\n", "12")


def test_secret_within_a_longer_secret_does_not_lay_the_rest_of_it_bare():
    assert "+a (secret) b" in shown("", "a hunter2hunter b\n", "hunter2", "hunter2hunter")


def test_binary_file_is_only_said_to_differ():
    assert Difference(omitted="not text") == difference(b"a\0b", b"text")


def test_bytes_that_are_no_utf_8_are_shown_as_their_codes():
    assert "+a\\xff" in "\n".join(difference(b"", b"a\xff\n").lines)


def test_long_line_is_cut_after_its_secrets_were_hidden():
    line = "x" * 1990 + "S3cret!!S3cret!!" + "y" * 100
    text = shown("", line + "\n", "S3cret!!S3cret!!")
    assert "S3c" not in text
    assert len(text) < 2100


def test_huge_change_is_counted_and_not_compared():
    old, new = ("".join(f"{word}{number}\n" for number in range(30_000)) for word in ("a", "b"))
    assert "60000 lines differ" == difference(old.encode(), new.encode()).omitted


@pytest.mark.parametrize(
    "old",
    [
        b"A" + b" " * 9000 + b"\n",
        b"a\n" * 4999,
        b"password " * 1000 + b"\n",
        b"://" + b"a" * 9000 + b"\n",
        b"\n" * 4999,
    ],
)
def test_hostile_old_file_costs_little_time(old):
    started = time.process_time()
    difference(old, b"A S3cret!! B\npassword S3cret!!\n" * 100 + b"\n" * 4000, ["S3cret!!"])
    assert time.process_time() - started < 5


@given(st.text(), st.text(min_size=4), st.text())
def test_text_never_holds_a_secret_after_redaction(head, secret, tail):
    if secret.strip() and secret not in "(secret)" and secret not in (head + tail):
        shown_text = Redactor([secret]).text(head + secret + tail)
        assert secret not in shown_text or secret in head + "(secret)" + tail


def test_secret_cut_at_the_beginning_of_an_output_is_hidden():
    assert "(secret) is wrong" == Redactor(["hunter2hunter"]).end_of("2hunter is wrong")
