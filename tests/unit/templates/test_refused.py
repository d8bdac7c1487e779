"""Templates that cannot be rendered: errors name template, line, variable and host."""

from pathlib import Path

import pytest

from tests.templates import refusal, write

MANIFESTS = [
    ("path: '{{ v }}'", "etc/x", "path: expected an absolute path, found 'etc/x'"),
    ("path: '{{ v }}'", "/etc//x", "path: expected a normalized path: no //, no /./, no / at its end, found '/etc//x'"),
    ("path: '{{ v }}'", "/proc/sys/x", "path: expected a path that is not in /proc, /sys,"),
    ("path: '{{ v }}'", "/var/lib/omc/journal", "path: expected a path that is not in /proc, /sys,"),
    ("path: '{{ v }}'", "/etc/" + "x" * 300, "path: expected a path of at most 4000 bytes, and 200 a name"),
    (
        "path: /etc/x, owner: '{{ v }}'",
        "root; id",
        "owner: expected a user's or group's name or number, found 'root; id'",
    ),
    ("path: /etc/x, owner: '{{ v }}'", "-R", "owner: expected a user's or group's name or number"),
    ("path: /etc/x, group: '{{ v }}'", "a:b", "group: expected a user's or group's name or number"),
    ("path: /etc/x, mode: '{{ v }}'", "u=rw", "mode: expected permissions in octal as \"0644\", found 'u=rw'"),
    ("path: /etc/x, mode: '{{ v }}'", "0999", "mode: expected permissions in octal"),
    ("path: /etc/x, context: '{{ v }}'", "a b", "context: expected an SELinux context"),
    ("path: /etc/x, validate: '{{ v }} %s'", "-x", "expected a program, found '-x'"),
    ("path: /etc/x, validate: 'check {{ v }} %s'", "a\nb", "expected an argument without control characters"),
    ("target: '{{ v }}'", "libvirt:disk/x", "target: expected libvirt:KIND/NAME, and as KIND one of network,"),
]


@pytest.mark.parametrize(("keys", "value", "expected"), MANIFESTS)
def test_a_value_that_breaks_its_rule_is_refused(tmp_path: Path, keys: str, value: str, expected: str) -> None:
    """With the place in the manifest, and what was expected."""
    files = {"manifest.yaml": f"files:\n- {{template: file.j2, {keys}}}\n", "file.j2": "x"}
    error = refusal(write(tmp_path, {"t": files}), extra={"v": value})
    assert error.message.startswith(expected)
    assert error.where == f"{tmp_path}/templates/t/manifest.yaml:2"
    assert ("t", "kvm01") == (error.template, error.host)


ERRORS = [
    ("a\n{{ servrs }}", "file.j2:2", "'servrs' is undefined", "servrs", "meant servers?"),
    ("a\n{{ servers.x.y }}", "file.j2:2", "'list object' has no attribute 'x'", "", ""),
    ("{% for x in servers %}\n{{ x + 1 }}\n{% endfor %}", "file.j2:2", "can only concatenate str", "", ""),
    ("a\nb\n{% if %}", "file.j2:3", "Expected an expression, got 'end of statement block'", "", ""),
    ("a\n{{ 1 | to_jsn }}", "file.j2:2", "No filter named 'to_jsn'.", "", "meant to_json"),
    (
        "a\n{{ circle }}",
        "file.j2:",
        "the templates of circle go in a circle: kvm01: circle > kvm01: circle",
        "circle",
        "",
    ),
    (
        "{{ broken }}",
        "file.j2:",
        "broken cannot be worked out from '{{ nothing }}': 'nothing' is undefined",
        "broken",
        "",
    ),
    ("{{ vaulted }}", "file.j2:1", "vaulted is sealed by ansible-vault", "", ""),
    ("{% include 'fle.j2' %}", "file.j2:1", "there is no file 'fle.j2' (meant file.j2?)", "", ""),
    ("{{ ''.__class__ }}", "file.j2:1", "access to attribute '__class__' of 'str' object is unsafe", "", ""),
    ("{{ hosts.__init__ }}", "file.j2:1", "access to attribute '__init__'", "", ""),
    ("{{ hosts._fleet }}", "file.j2:1", "access to attribute '_fleet'", "", ""),
    ("{% set x = servers.append(1) %}", "file.j2:1", "access to attribute 'append'", "", ""),
    ("{{ 'x{0.__class__}'.format(1) }}", "file.j2:1", "access to attribute '__class__'", "", ""),
]
VARIABLES = """\
all:
  hosts: {kvm01: {}}
  vars:
    libvirt_uri: "test:///default"
    servers: [a]
    circle: "{{ circle }}"
    broken: "{{ nothing }}"
    vaulted: !vault 6162
"""


@pytest.mark.parametrize(("template", "place", "message", "variable", "hint"), ERRORS)
def test_an_error_names_template_line_variable_and_host(
    tmp_path: Path, template: str, place: str, message: str, variable: str, hint: str
) -> None:
    """And what was most likely meant."""
    error = refusal(write(tmp_path, {"t": template}, VARIABLES))
    assert error.where.startswith(f"{tmp_path}/templates/t/{place}")
    assert message in error.message
    assert error.hint.startswith(hint)
    assert ("t", "kvm01", variable) == (error.template, error.host, error.variable)


def test_an_error_in_an_included_file_names_that(tmp_path: Path) -> None:
    """The innermost place is where something is to be changed."""
    files = {
        "manifest.yaml": "files: [{template: f.j2, path: /etc/file}]\n",
        "f.j2": "{% include 'g.j2' %}",
        "g.j2": "\n\n{{ x }}",
    }
    assert refusal(write(tmp_path, {"t": files})).where == f"{tmp_path}/templates/t/g.j2:3"


def test_two_templates_cannot_make_one_file(tmp_path: Path) -> None:
    """Both are named."""
    error = refusal(write(tmp_path, {"a": "1", "b": "2"}))
    assert error.message == "the templates a and b both make /etc/file"


def test_a_file_cannot_be_a_folder_too(tmp_path: Path) -> None:
    """Nor one file be made twice by one template."""
    manifest = "files: [{template: file.j2, path: /etc/x}, {template: file.j2, path: /etc/x/y}]\n"
    error = refusal(write(tmp_path, {"t": {"manifest.yaml": manifest, "file.j2": ""}}))
    assert error.message == "/etc/x is a file, and a folder for /etc/x/y"
    error = refusal(write(tmp_path, {"t": {"manifest.yaml": manifest.replace("/y", ""), "file.j2": ""}}))
    assert error.message == "/etc/x is made twice"
