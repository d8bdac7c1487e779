"""Whatever a template makes of a secret, the forms of it that stand in a file are known."""

from pathlib import Path

import msgspec
import pytest

from omc.templates.render import RenderError
from tests.templates import one, refusal, results, text, world, write

VALUE = "pä55 'wörd' \"quoted\" &<x>/$HOME"
KEY = "-----BEGIN KEY-----\nMC4CAQAwBQYDK2VwBCIE\nIPo4qS7XmUqJ0qk3VJ0\n-----END KEY-----"
VALUES = {"db": VALUE, "key": KEY, "plain": "correcthorse", "short": "abc", "empty": "", "pin": "4711"}


def redacted(root: Path) -> str:
    """Render one file, and return it with every form of a secret taken out."""
    desired = one(world(root, secret=lambda reference: VALUES[reference]))
    content = text(desired)
    for secret in desired.files[0].secrets:
        content = content.replace(secret, "…")
    return content


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("password={{ secret('db') }}!", "password=…!"),
        ("{{ secret('db') | b64encode }}", "…"),
        ("{{ ('user:' ~ secret('db')) | b64encode }}", "…"),
        ("{{ secret('db') | hash('sha256') }}", "…"),
        ("{{ ('salt' ~ secret('db')) | hash('sha512') }}", "…"),
        ("{{ secret('db') | quote }}", "…"),
        ("{{ secret('db') | to_json }}", '"…"'),
        ("{{ {'a': 1, 'password': secret('db')} | to_json }}", '{"a": 1, "password": "…"}'),
        ("{{ {'a': 1, 'password': secret('db')} | to_nice_yaml }}", "a: 1\npassword: …\n"),
        ("{{ secret('db') | urlencode }}", "…"),
        ("{{ secret('db') | e }}", "…"),
        ("{{ secret('db') | upper }}", "…"),
        ("{{ secret('db').upper() }}", "…"),
        ("{{ secret('plain') | reverse }}", "…"),
        ("{{ secret('plain').encode().hex() }}", "…"),
        ("{{ 'x%sx' % secret('plain') }}", "x…x"),
        ("{{ 'x{}x'.format(secret('plain')) }}", "x…x"),
        ("{{ secret('plain') | replace('c', 'd') }}", "…"),
        ("{{ [secret('plain'), 'b'] | join('-') }}", "…-b"),
        ("{{ [secret('plain')] | map('b64encode') | first }}", "…"),
        ("{{ secret('plain') | regex_replace('horse', 'cow') }}", "…"),
        ("{% for word in secret('db').split() %}\n{{ word }}\n{% endfor %}", "…\n…\n…\n…\n"),
        ("{% filter upper %}a {{ secret('plain') }} b{% endfilter %}", "…"),
        ("{% set s %}x {{ secret('plain') }}{% endset %}{{ s | b64encode }}", "…"),
        ("key: |\n  {{ secret('key') | indent(2) }}\nend", "key: |\n  …\n  …\n  …\n  …\nend"),
        ("{{ secret('pin') | int + 0 }}", "…"),
        ("{{ secret('plain') | length }}", "…"),
    ],
)
def test_forms(tmp_path: Path, template: str, expected: str) -> None:
    """The rest of the file stays readable."""
    assert expected == redacted(write(tmp_path, {"t": template}))


@pytest.mark.parametrize(
    "template", ["{{ secret('plain')[:3] }}", "{{ secret('plain')[::-1] }}", "{% if secret('plain') %}on{% endif %}"]
)
def test_a_file_that_uses_a_secret_in_an_unknown_way_is_hidden_whole(tmp_path: Path, template: str) -> None:
    """It may be nowhere in the file, or in a form that nobody can find."""
    assert redacted(write(tmp_path, {"t": template})) == "…"


def test_a_variable_with_a_secret_counts_in_every_file(tmp_path: Path) -> None:
    """Also where the variable was worked out for an earlier file."""
    manifest = "files:\n- {template: a.j2, path: /etc/a}\n- {template: b.j2, path: /etc/b}\n"
    hosts = "all: {hosts: {kvm01: {}}, vars: {libvirt_uri: 'test:///default', token: \"x{{ secret('plain') }}\"}}\n"
    files = {"manifest.yaml": manifest, "a.j2": "{{ token }}", "b.j2": "{{ token[1:6] }}"}
    desired = one(world(write(tmp_path, {"t": files}, hosts), secret=VALUES.__getitem__))
    assert [("correcthorse",), ("corre",)] == [file.secrets for file in desired.files]


def test_a_variable_declared_secret_is_one(tmp_path: Path) -> None:
    """Wherever its value comes from."""
    manifest = "files: [{template: f.j2, path: /etc/file}]\nvariables: {users: {type: mapping, secret: true}}\n"
    hosts = "all: {hosts: {kvm01: {}, kvm02: {}}, vars: {libvirt_uri: 'test:///default', users: {ann: geheim99}}}\n"
    root = write(
        tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": "{{ users.ann }} {{ users.ann | b64encode }}"}}, hosts
    )
    for result in results(world(root)):
        assert {"geheim99", "Z2VoZWltOTk="} == set(result.get().files[0].secrets)


def test_a_secret_of_another_host_is_none_of_this_one(tmp_path: Path) -> None:
    """Each host's own secrets are redacted in its files."""
    root = write(tmp_path, {"t": "{{ secret('plain') if inventory_hostname == 'kvm01' else 'correcthorse' }}"})
    first, second = results(world(root, secret=VALUES.__getitem__))
    assert (("correcthorse",), ()) == (first.get().files[0].secrets, second.get().files[0].secrets)


@pytest.mark.parametrize(("name", "found"), [("short", "3 characters"), ("empty", "an empty one")])
def test_a_secret_that_is_too_short_to_hide_is_refused(tmp_path: Path, name: str, found: str) -> None:
    """It would be found everywhere."""
    error = refusal(write(tmp_path, {"t": f"\n{{{{ secret('{name}') }}}}"}), secret=VALUES.__getitem__)
    assert f"the secret '{name}': expected at least 4 characters, found {found}" == error.message
    assert f"{tmp_path}/templates/t/file.j2:2" == error.where


@pytest.mark.parametrize(
    "manifest",
    [
        "files: [{template: file.j2, path: \"/etc/{{ secret('plain') }}\"}]\n",
        "files: [{template: file.j2, path: /etc/file, owner: \"{{ secret('plain') }}\"}]\n",
        "files: [{template: file.j2, path: /etc/file, validate: \"check {{ secret('plain') | b64encode }} %s\"}]\n",
        "files: [{template: file.j2, path: /etc/file}]\nhandlers: [{command: \"login -p {{ secret('plain') }}\"}]\n",
    ],
)
def test_no_secret_becomes_an_argument_or_a_name(tmp_path: Path, manifest: str) -> None:
    """Every process on the host can read those."""
    error = refusal(write(tmp_path, {"t": {"manifest.yaml": manifest, "file.j2": "x"}}), secret=VALUES.__getitem__)
    assert "a secret would become a path, an owner or an argument" == error.message


@pytest.mark.parametrize(
    "template",
    [
        "{{ secret('plain') | int_or_fail }}",
        "{{ (secret('plain') ~ 'x') | from_json }}",
        "{{ {}[secret('plain')] }}",
        "{{ '10.0.0.1' | ipaddr(secret('plain')) }}",
        "{{ secret('plain') | hash(secret('plain')) }}",
        "{{ '10.0.0.1' | ipaddr(secret('plain') | b64encode) }}",
    ],
)
def test_no_error_tells_a_secret(tmp_path: Path, template: str) -> None:
    """Whatever a filter says of its arguments."""
    root = write(tmp_path, {"t": template})
    error = refusal(root, secret=VALUES.__getitem__)
    said = f"{error} {error.hint} {error.variable} {error.__cause__} {error.__context__}"
    assert "correcthorse" not in said
    assert "Y29ycmVjdGhvcnNl" not in said


def test_what_a_provider_raises_by_mistake_is_not_shown(tmp_path: Path) -> None:
    """A defect of a provider may have the value in its text."""

    def defect(_: str) -> str:
        raise RuntimeError("correcthorse")

    error = refusal(write(tmp_path, {"t": "{{ secret('x') }}"}), secret=defect)
    assert "RuntimeError" in error.message
    assert "correcthorse" not in f"{error}{error.hint}{error.__cause__}{error.__context__}"


def test_a_desired_file_says_its_secrets_to_whoever_asks(tmp_path: Path) -> None:
    """Longest first, so that no replacement leaves half of a longer one."""
    desired = one(world(write(tmp_path, {"t": "{{ secret('key') }}"}), secret=VALUES.__getitem__))
    lengths = [len(secret) for secret in desired.files[0].secrets]
    assert lengths == sorted(lengths, reverse=True)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(desired), type=type(desired)) == desired


def test_without_a_provider_the_reference_is_named(tmp_path: Path) -> None:
    """A render without any secrets says so."""
    error = refusal(write(tmp_path, {"t": "{{ secret('db') }}"}))
    assert isinstance(error, RenderError)
    assert "'db'" in error.message
