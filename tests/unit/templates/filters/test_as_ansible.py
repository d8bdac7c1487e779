"""What carries a name of Ansible's does what Ansible's does."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from omc.templates.filters.registry import FILTERS

PEOPLE = [
    {"name": "ann", "keys": ["k1", "k2"], "more": {"groups": ["g1"]}},
    {"name": "bob", "keys": ["k3"], "more": {"groups": []}},
]
NESTED = {"a": 1, "b": {"c": [1, 2], "d": "x"}, "e": [{"f": None}, True, 1.5]}
TEXTS = ["", "plain", "with: colon", "it's", '"double"', "ünïcode", "two\nlines", "yes", "0123", " blank ", "a" * 120]
Case = tuple[str, list[Any], dict[str, Any]]

CASES: list[Case] = [
    *[("to_yaml", [value], {}) for value in (NESTED, PEOPLE, [], {}, None, True, 5, *TEXTS, [1, [2, [3]]])],
    *[("to_nice_yaml", [value], {}) for value in (NESTED, PEOPLE, TEXTS, [], {})],
    ("to_nice_yaml", [NESTED], {"indent": 2}),
    ("to_nice_yaml", [NESTED], {"sort_keys": False}),
    ("to_nice_yaml", [{"z": 1, "a": "b " * 60}], {"width": 1000}),
    *[("to_json", [value], {}) for value in (NESTED, PEOPLE, TEXTS, None, 1)],
    ("to_json", [NESTED], {"indent": 2, "sort_keys": True}),
    *[("to_nice_json", [value], {}) for value in (NESTED, PEOPLE, [], {})],
    ("to_nice_json", [NESTED], {"indent": 2, "sort_keys": False}),
    *[("from_yaml", [text], {}) for text in ("a: 1", "[1, yes, 0x10]", "x", "a: {b: c}")],
    *[("from_yaml_all", [text], {}) for text in ("a: 1\n---\nb: 2",)],
    *[("from_json", [text], {}) for text in ('{"a": [1, null]}', "5", '"x"')],
    *[("regex_replace", [text, "[aeiou]", "<>"], {}) for text in TEXTS],
    ("regex_replace", ["kvm01.example.net", r"^(\w+)\.(.*)$", r"\2-\1"], {}),
    ("regex_replace", ["A a", "a", "b"], {"ignorecase": True}),
    ("regex_replace", ["a\na", "^a", "b"], {"multiline": True}),
    ("regex_replace", ["aaa", "a", "b"], {"count": 2}),
    ("regex_search", ["server 10.0.0.1 iburst", r"\d+\.\d+"], {}),
    ("regex_search", ["abc", "x"], {}),
    ("regex_search", ["kvm01", r"([a-z]+)(\d+)", r"\2", r"\1"], {}),
    ("regex_search", ["kvm01", r"(?P<word>[a-z]+)", r"\g<word>"], {}),
    ("regex_search", ["KVM", "kvm"], {"ignorecase": True}),
    ("regex_findall", ["a1 b2", r"[a-z]\d"], {}),
    ("regex_findall", ["a1 b2", r"([a-z])(\d)"], {}),
    *[("regex_escape", [text], {}) for text in ("a.b*[c]$^\\", "plain")],
    ("regex_escape", ["a.b*[c]$^\\"], {"re_type": "posix_basic"}),
    *[("quote", [text], {}) for text in TEXTS],
    *[("b64encode", [text], {}) for text in TEXTS],
    ("b64encode", ["??>>"], {"urlsafe": True}),
    ("b64decode", ["w7xu"], {}),
    *[("hash", ["text", name], {}) for name in ("md5", "sha1", "sha256", "sha512")],
    ("hash", ["text"], {}),
    ("checksum", ["text"], {}),
    ("md5", ["text"], {}),
    ("sha1", ["text"], {}),
    *[("to_uuid", [text], {}) for text in ("kvm01", "")],
    *[("comment", [text], {}) for text in ("one", "one\ntwo", "one\n\ntwo")],
    *[("comment", ["one\ntwo", style], {}) for style in ("erlang", "c", "cblock", "xml")],
    ("split", ["a,b,c", ","], {}),
    ("split", [" a  b "], {}),
    *[(name, ["/etc/chrony/chrony.conf"], {}) for name in ("basename", "dirname", "splitext")],
    ("path_join", [["/etc", "chrony", "x"]], {}),
    ("path_join", [["/etc", "/abs"]], {}),
    ("urldecode", ["a%20b+c"], {}),
    ("combine", [{"a": 1, "b": {"c": 1}}, {"b": {"d": 2}}], {}),
    ("combine", [{"a": 1, "b": {"c": 1}}, {"b": {"d": 2}}], {"recursive": True}),
    ("combine", [[{"a": 1}, {"a": 2}]], {}),
    *[
        (
            "combine",
            [{"a": [1, 2], "b": {"c": [1]}}, {"a": [2, 3], "b": {"c": [2]}}],
            {"recursive": recursive, "list_merge": how},
        )
        for how in ("replace", "keep", "append", "prepend", "append_rp", "prepend_rp")
        for recursive in (True, False)
    ],
    ("dict2items", [{"a": 1, "b": [2]}], {}),
    ("dict2items", [{"a": 1}], {"key_name": "name", "value_name": "size"}),
    ("items2dict", [[{"key": "a", "value": 1}]], {}),
    ("items2dict", [[{"name": "a", "size": 1}]], {"key_name": "name", "value_name": "size"}),
    ("flatten", [[1, [2, [3, [4]]], None]], {}),
    ("flatten", [[1, [2, [3, [4]]], None]], {"levels": 1}),
    ("flatten", [[1, [None]]], {"skip_nulls": False}),
    ("subelements", [PEOPLE, "keys"], {}),
    ("subelements", [PEOPLE, "more.groups"], {}),
    ("subelements", [PEOPLE, "none"], {"skip_missing": True}),
    ("extract", [1, ["a", "b"]], {}),
    ("extract", ["b", NESTED, "d"], {}),
    ("extract", ["b", NESTED, ["c", 0]], {}),
    ("zip", [[1, 2], ["a", "b", "c"]], {}),
    ("zip_longest", [[1, 2], ["a", "b", "c"]], {"fillvalue": 0}),
    ("product", [[1, 2], ["a", "b"]], {}),
    *[("ternary", [value, "yes", "no"], {}) for value in (True, False, None, 0, "x")],
    ("ternary", [None, "yes", "no", "none"], {}),
    *[("bool", [value], {}) for value in ("yes", "No", "on", "1", 1, 0, True, "true", "off")],
    *[("unique", [value], {}) for value in ([3, 1, 3], ["a", "A"], [[1], [1]], [{"a": 1}, {"a": 1}])],
    ("unique", [["a", "A", "b"]], {"case_sensitive": True}),
    ("union", [[1, 2, 2], [2, 3]], {}),
    ("intersect", [[1, 2, 2, 3], [2, 3, 4]], {}),
    ("difference", [[1, 2, 3], [2]], {}),
    ("symmetric_difference", [[1, 2, 3], [2, 4]], {}),
    *[("human_readable", [value], {}) for value in (0, 1, 1023, 1024, 1536, 10**9, 10**12)],
    ("human_readable", [10**9], {"unit": "M"}),
    ("human_readable", [10**9], {"isbits": True}),
    *[("human_to_bytes", [text], {}) for text in ("10", "10 B", "1.5K", "10 MB", "2Gb", "x", "1 KiB", "10 XB", ".5M")],
    ("human_to_bytes", ["10"], {"default_unit": "M"}),
    ("human_to_bytes", ["10 Mb"], {"isbits": True}),
]


@pytest.fixture(scope="module")
def theirs() -> list[dict[str, Any]]:
    """What Ansible gives for every case, by one process."""
    script = Path(__file__).with_name("ansible_filters.py")
    done = subprocess.run(
        [sys.executable, script], input=json.dumps(CASES), capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def ours(name: str, arguments: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    function = FILTERS[name]
    first = [Environment()] if hasattr(function, "jinja_pass_arg") else []
    try:
        value = function(*first, *arguments, **named)
    except Exception as error:
        return {"error": type(error).__name__}
    if isinstance(value, Iterable) and not isinstance(value, str | dict):
        value = list(value)
    return {"value": json.loads(json.dumps(value))}


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: f"{CASES[number][0]}-{number}")
def test_as_ansible(theirs: list[dict[str, Any]], number: int) -> None:
    """The same arguments give the same value, and where Ansible refuses them, an error."""
    expected, found = theirs[number], ours(*CASES[number])
    if "error" in expected:
        assert "error" in found, (CASES[number], found)
    else:
        assert expected == found, CASES[number]
