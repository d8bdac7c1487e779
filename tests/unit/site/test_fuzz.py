"""Whatever bytes a site's files have, reading them gives a Site or a SiteError, and never another exception."""

import ast
import shlex
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from omc.errors import SiteError, UsageError
from omc.select import select
from omc.site import SiteHost, load_site, resolve
from omc.site.ini_hosts import split_words, typed
from omc.site.ranges import MAX_HOSTS, RangeError, expand
from omc.site.uri_shape import fault_in
from omc.site.values import plain

NAMES = st.sampled_from(
    ["hosts.yaml", "hosts.ini", "hosts.json", "hosts", "site.yaml", "group_vars/all.yml", "host_vars/a"]
)
# Pieces of the formats, so that the fuzz gets past the first character of a parser.
PIECES = [
    *(
        "all:\n",
        "  hosts:\n",
        "    a:\n",
        "  children:\n",
        "  vars:\n",
        "    x: 1\n",
        "a: &b [*b]\n",
        "a",
        "---\n",
        "...\n",
    ),
    *(
        "[a]\n",
        "[a:vars]\n",
        "[a:children]\n",
        "[a[1:3]]",
        "a[1:9]\n",
        "x=1",
        "=",
        " ",
        "\n",
        "\t",
        "\0",
        ":",
        "- ",
        "? ",
    ),
    *(
        "{",
        "}",
        "[",
        "]",
        ",",
        '"',
        "'",
        "\\",
        "#",
        "&a ",
        "*a",
        "<<: ",
        "|\n",
        ">\n",
        "%YAML 1.1\n",
        "$ANSIBLE_VAULT;",
    ),
    *("!vault ", "!unsafe ", "!!int ", "!!binary ", "!!timestamp ", "!!set ", "null", "~", "1e999", ".nan", "9" * 5000),
    *(
        "{{ x }}",
        "{{",
        "}}",
        "{% for i in x %}",
        "é",
        "\ud7ff",
        "\u2028",
        "\ufeff",
        "2024-99-99",
        "22:61",
        "0b",
        "0x",
        "1__",
    ),
    *("ansible_host", "ansible_port", "libvirt_uri", "ansible_group_priority: ", "parallel: "),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
BYTES = st.one_of(st.binary(max_size=200), TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))


@settings(max_examples=150, deadline=None)
@given(files=st.dictionaries(NAMES, BYTES, min_size=1, max_size=3))
@example(files={"hosts.yaml": b"[" * 100_000})
@example(files={"hosts.yaml": b"- " * 100_000})
@example(files={"hosts.yaml": b"all: " + b"{a: " * 5000})
@example(files={"hosts.ini": b"a x=" + b"(" * 5000})
@example(files={"hosts.ini": b"a x=" + b"-" * 50_000 + b"1"})
@example(files={"hosts.ini": b"\n".join(b"a%d-[1:9999]" % number for number in range(50))})
@example(files={"hosts.json": b'{"a": {"vars": {"x": "\\ud83d"}}}'})
@example(files={"hosts.yaml": b"a: &a {children: {b: *a}}"})
@example(files={"hosts.yaml": b"a: {vars: {<<: &m {<<: *m}}}"})
@example(files={"hosts.yaml": b"a: {hosts: {b: {? !vault c : d}}}"})
@example(files={"hosts.yaml": b"a: {vars: {x: !unsafe 2024-99-99}}"})
@example(files={"site.yaml": b"parallel: !!int", "hosts.yaml": b"a: {vars: {x: !!timestamp x, y: !!float, z: !!bool}}"})
@example(files={"hosts.yaml": b"a: {vars: {x: !unsafe [!vault a]}}"})
def test_whatever_bytes_give_a_site_or_a_site_error(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder) / "inventory" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        try:
            site = load_site(Path(folder))
        except SiteError:
            return
        for host in site.hosts.values():
            assert host.uri
            plain(dict(host.variables))
            try_to_resolve_all(folder, host)


def try_to_resolve_all(folder: str, host: SiteHost) -> None:
    site = load_site(Path(folder))
    for name in host.variables:
        try:
            resolve(site, host, name)
        except SiteError:
            continue


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=60), TEXTS))
def test_an_ini_value_is_always_a_value(text: str) -> None:
    plain(typed(text))


@settings(max_examples=500, deadline=None)
@given(line=st.one_of(st.text(max_size=40), st.text("ab=1 \t\"'\\#$[]!~", max_size=30)))
def test_a_host_line_is_split_as_a_shell_does(line: str) -> None:
    line = line.strip()
    with suppress(ValueError):
        assert shlex.split(line, comments=True) == split_words(line)


@settings(max_examples=500, deadline=None)
@given(text=st.one_of(st.text(max_size=30), st.text("TrueFalsNo0123456789._/:@ -", max_size=20)))
def test_a_value_has_the_type_that_python_gives_it(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            expected = text
    if isinstance(expected, str | int | float) and expected == expected:
        assert expected == typed(text)


@settings(max_examples=500, deadline=None)
@given(text=st.one_of(st.text(max_size=40), st.text("a1[]:-.0zZ", max_size=30)))
def test_a_range_gives_names_or_says_what_is_wrong(text: str) -> None:
    try:
        names, _ = expand(text)
    except RangeError:
        return
    assert 1 <= len(names) <= MAX_HOSTS


@settings(max_examples=500, deadline=None)
@given(rest=st.one_of(st.text(max_size=40), st.text("a1[]:@/-.%?#=\u2100\uff0f", max_size=30)))
@example(rest="\u2100")
@example(rest="[::1]]")
@example(rest="[1")
def test_a_uri_is_sound_or_has_a_reason(rest: str) -> None:
    for uri in (rest, f"qemu+ssh://{rest}", f"qemu+ssh://{rest}/system", f"test+{rest}"):
        fault, hint = fault_in(uri)
        assert fault.startswith("expected ") or (fault, hint) == ("", "")


NESTED = load_site(Path(__file__).parents[2] / "data" / "sites" / "cases" / "nested-groups")


@settings(max_examples=500, deadline=None)
@given(pattern=st.one_of(st.text(max_size=30), st.text("kvm12*?[]!&:,~-.()| ", max_size=25)))
def test_a_pattern_gives_hosts_or_a_usage_error(pattern: str) -> None:
    with suppress(UsageError):
        assert select(NESTED, [pattern])
