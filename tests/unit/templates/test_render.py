"""What a template gives: its context, its files, and for which hosts."""

from pathlib import Path

import msgspec
import pytest

from omc.errors import HostError
from omc.model import Guest, Host
from omc.templates.desired import Desired
from omc.templates.render import Limits, RenderError
from tests.templates import HOSTS, one, refusal, results, text, world, write

SITE = """\
kvm:
  hosts:
    kvm01: {ansible_host: 192.0.2.1, own: "of {{ inventory_hostname }}"}
    kvm02.example.net: {}
  vars: {libvirt_uri: "test:///default", domain: example.net, name: "x.{{ domain }}", levels: [1, "{{ domain }}"]}
other: {hosts: {web01: {libvirt_uri: "test:///default"}}}
"""


def rendered(folder: Path, template: str, host: str = "kvm01", **more: object) -> str:
    return text(one(world(write(folder, {"t": template}, SITE), **more), host=host))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ inventory_hostname }} {{ own }}", "kvm01 of kvm01"),
        ("{{ name }} {{ levels }}", "x.example.net [1, 'example.net']"),
        ("{{ groups['kvm'] }} {{ group_names }}", "['kvm01', 'kvm02.example.net'] ['kvm']"),
        ("{{ hostvars['kvm01'].own }} {{ hostvars['kvm02.example.net']['name'] }}", "of kvm01 x.example.net"),
        ("{{ hosts | list }}", "['kvm01', 'kvm02.example.net', 'web01']"),
        ("{{ hosts.kvm01.address }} {{ hosts.web01.address }}", "192.0.2.1 web01"),
        (
            "{% for peer in hosts.values() if 'kvm' in peer.groups %}{{ peer.name }} {% endfor %}",
            "kvm01 kvm02.example.net ",
        ),
        ("{{ hosts.kvm01.vars.own }} {{ hosts.kvm01.facts is none }}", "of kvm01 True"),
        ("{{ site.hosts | length }} {{ site.groups.kvm.hosts | first }}", "3 kvm01"),
        ("{{ omc_managed }}", "Managed by omc, template t: changes made here are overwritten."),
        ("{{ host is defined }} {{ missing is defined }} {{ missing | default(1) }}", "False False 1"),
        ("{% if true %}\na\n{% endif %}\nb\n", "a\nb\n"),
        ("{{ 'kvm02.example.net' | regex_replace('[.].*') }}\n\n", "kvm02\n\n"),
        ("{% for host in ['a'] %}{{ host }}{% endfor %}", "a"),
        ("{% set groups = 5 %}{{ groups }}", "5"),
        ("{% macro m(x) %}{{ x }}-{{ domain }}{% endmacro %}{{ m(1) }}", "1-example.net"),
        ("{% macro m(function, context) %}{{ function }}{% endmacro %}{{ m(function=1, context=2) }}", "1"),
        ("{{ 'ü€' }}\r\n", "ü€\n"),
    ],
)
def test_context(tmp_path: Path, template: str, expected: str) -> None:
    """Ansible's names and omc's own, each worked out when it is used; white space as Ansible's template module."""
    assert expected == rendered(tmp_path, template)


def test_the_command_line_wins_over_the_site_and_the_site_over_defaults(tmp_path: Path) -> None:
    """As in Ansible."""
    manifest = "files: [{template: f.j2, path: /etc/file}]\n"
    manifest += "variables: {domain: {default: d}, rest: {default: '{{ domain }}!'}}\n"
    root = write(tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": "{{ domain }} {{ rest }}"}}, SITE)
    assert text(one(world(root))) == "example.net example.net!"
    assert text(one(world(root), host="web01")) == "d d!"
    assert text(one(world(root, extra={"domain": "e"}))) == "e e!"


def test_a_render_is_the_same_every_time(tmp_path: Path) -> None:
    """Nothing that is random or knows the time is there, and the order of hosts does not matter."""
    root = write(tmp_path, {"t": "{{ hostvars | list }} {{ omc_managed }} {{ {'b': 1, 'a': 2} | to_json }}"}, SITE)
    assert results(world(root))[0].value == results(world(root), hosts=["web01", "kvm01"])[1].value
    assert "random" in refusal(write(tmp_path, {"t": "{{ [1, 2] | random }}"}, SITE)).message
    assert "lipsum" in refusal(write(tmp_path, {"t": "{{ lipsum() }}"}, SITE)).message


def test_what_gives_nothing_again_and_again_does_not_end_a_file(tmp_path: Path) -> None:
    """A loop that leaves out thousands of its items is followed by the rest of the file."""
    loop = "{% for n in range(9000) %}{{ n if n == 8999 else '' }}{% endfor %}"
    assert "8999tail" == text(one(world(write(tmp_path, {"t": f"{loop}tail"}))))


def test_files_are_included_from_the_folder_and_the_shared_one(tmp_path: Path) -> None:
    """The template's own folder comes first."""
    files = {
        "file.j2": "{% extends 'base.j2' %}{% block body %}{% include 'part/a.j2' %}{% import 'm.j2' as m %}"
        "{{ m.f() }}{% endblock %}",
        "manifest.yaml": "files: [{template: file.j2, path: /etc/file}]\n",
        "part/a.j2": "own {{ domain }} ",
    }
    shared = {
        "base.j2": "<{% block body %}{% endblock %}>",
        "m.j2": "{% macro f() %}shared{% endmacro %}",
        "part/a.j2": "no",
    }
    assert text(one(world(write(tmp_path, {"t": files, "_shared": shared}, SITE)))) == "<own example.net shared>"


@pytest.mark.parametrize(
    "name", ["../other/file.j2", "/etc/hostname", "part/../../x", "a\\\\b", "link.j2", "links/hostname", "fifo"]
)
def test_nothing_outside_is_included(tmp_path: Path, name: str) -> None:
    """Whether by a path, or by a link; and a pipe is not waited for."""
    import os

    root = write(tmp_path, {"t": f"\n{{% include '{name}' %}}", "other": "secret"}, SITE)
    (root / "templates" / "t" / "link.j2").symlink_to(root / "templates" / "other" / "file.j2")
    (root / "templates" / "t" / "links").symlink_to("/etc")
    os.mkfifo(root / "templates" / "t" / "fifo")
    (result,) = results(world(root), ["t"], hosts=["kvm01"])
    assert isinstance(result.error, RenderError)
    assert result.error.where == f"{root}/templates/t/file.j2:2"


HOST = Host(
    name="kvm01",
    uri="test:///default",
    memory_bytes=64 << 30,
    guests=(Guest(name="web {{ 7 * 7 }}{% raw %}", uuid="u", host="kvm01", state="running"),),
)


def test_facts_are_there_for_who_reads_them(tmp_path: Path) -> None:
    """The host's own, and any other's."""
    asked: list[str] = []

    def facts(name: str) -> Host | None:
        asked.append(name)
        return HOST if name == "kvm01" else None

    template = "{{ host.memory_bytes | size('GiB') }} {{ guests | length }} {{ hosts.kvm01.facts.memory_bytes }}"
    assert rendered(tmp_path, template, facts=facts) == f"64 1 {64 << 30}"
    assert asked == ["kvm01"]
    assert rendered(tmp_path, "{{ domain }}", facts=facts) == "example.net"
    assert asked == ["kvm01"]


def test_a_host_of_which_nothing_is_known_says_so(tmp_path: Path) -> None:
    """Only where its facts are used."""
    root = write(tmp_path, {"t": "{{ host.memory_bytes }}"}, SITE)
    assert "nothing is known of kvm01: omc inventory kvm01 reads it" in str(refusal(root))

    def unreachable(_: str) -> Host | None:
        raise HostError("no answer", code="deadline", hint="is it on?")

    error = refusal(root, facts=unreachable)
    assert ("no answer", "is it on?") == (error.message, error.hint)


HOSTILE = ["{{ 7 * 7 }}", "{% for x in y %}", "{#", "{{ secret('env:X') }}", "a\nb", "\x1b[2J", "}}", "{{ hostvars }}"]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_guests_say_is_never_a_template(tmp_path: Path, name: str) -> None:
    """A guest's name comes out as it is: through a variable, a filter, a loop, a path of the manifest."""
    guest = msgspec.structs.replace(HOST.guests[0], name=name)
    host = msgspec.structs.replace(HOST, guests=(guest,))
    template = (
        "{{ guests[0].name }}|{{ via }}|{{ guests | map(attribute='name') | join }}|{{ nested.inner[0] }}|{{ d }}"
    )
    hosts = SITE.replace(
        "domain: example.net", "domain: example.net, via: '{{ guests[0].name }}', nested: {inner: ['{{ via }}']}"
    )
    manifest = "files: [{template: file.j2, path: /etc/file}]\nvariables: {d: {type: string, default: '{{ via }}'}}\n"
    root = write(tmp_path, {"t": {"manifest.yaml": manifest, "file.j2": template}}, hosts)
    assert text(one(world(root, facts=lambda _: host))) == "|".join([name] * 5)


@pytest.mark.parametrize("name", ["../../etc/shadow", "a\nb", "a\x1b[2Jb", "a/../b", ".", ""])
def test_what_guests_say_does_not_break_out_of_a_path(tmp_path: Path, name: str) -> None:
    """A rendered value that is no sound path is refused with its place."""
    guest = msgspec.structs.replace(HOST.guests[0], name=name)
    host = msgspec.structs.replace(HOST, guests=(guest,))
    manifest = "files:\n- template: file.j2\n  path: '/etc/guests/{{ item.name }}/x'\n  loop: '{{ guests }}'\n"
    error = refusal(write(tmp_path, {"t": {"manifest.yaml": manifest, "file.j2": "x"}}), facts=lambda _: host)
    assert error.where == f"{tmp_path}/templates/t/manifest.yaml:3"
    assert error.message.startswith("path: expected a")


@pytest.mark.parametrize("value", ["; rm -rf /", "$(id)", "`id`", "a b", "'", '"', "-rf", "%s", "{{ 1 }}", "&&"])
def test_a_value_stays_one_argument(tmp_path: Path, value: str) -> None:
    """Whatever a shell would make of it: no shell sees it."""
    manifest = (
        "files: [{template: file.j2, path: /etc/file, validate: \"check --name {{ v | default('a b') }} 'x y' %s\"}]\n"
    )
    manifest += "handlers: [{command: 'run {{ v }}'}]\n"
    desired = one(world(write(tmp_path, {"t": {"manifest.yaml": manifest, "file.j2": "x"}}), extra={"v": _Raw(value)}))
    assert desired.files[0].validate == ("check", "--name", value, "x y", "%s")
    assert desired.handlers[0].command == ("run", value)


class _Raw(str):
    """Text that Ansible's `!unsafe` would mark."""

    def __new__(cls, value: str) -> str:  # type: ignore[misc]
        from omc.site import Unsafe

        return Unsafe(value)


def test_a_template_is_for_the_hosts_that_it_says(tmp_path: Path) -> None:
    """By a pattern, by a condition over facts and variables, by both."""
    end = "\nfiles: [{template: f.j2, path: /etc/NAME}]\n"
    manifests = {
        "pattern": "hosts: kvm:!kvm02*",
        "list": "hosts: [kvm01, web*]",
        "condition": "hosts: {when: \"'kvm' in group_names\"}",
        "both": "hosts: {pattern: 'kvm*', when: [domain is defined, own is defined]}",
        "facts": "hosts: {when: host.memory_bytes | default(0) > 0}",
        "nobody": "hosts: no_such_group",
        "rendered": "hosts: \"{{ 'web01' if inventory_hostname == 'web01' else 'none' }}\"",
    }
    files = {name: {"manifest.yaml": text + end.replace("NAME", name), "f.j2": ""} for name, text in manifests.items()}
    known = world(write(tmp_path, files, SITE), facts=lambda _: HOST)
    assert [
        ("kvm01", ("both", "condition", "facts", "list", "pattern")),
        ("kvm02.example.net", ("condition", "facts")),
        ("web01", ("facts", "list", "rendered")),
    ] == [(result.item.name, result.get().templates) for result in results(known)]


def test_handlers_come_once_and_in_order(tmp_path: Path) -> None:
    """Equal commands of two templates are one handler of both; a condition may leave one out."""
    end = "files: [{template: f.j2, path: /etc/NAME}]\nhandlers:\n- command: systemctl restart x\n"
    files = {
        "a": {"manifest.yaml": end.replace("NAME", "a") + "- {command: [only, a]}\n", "f.j2": ""},
        "b": {"manifest.yaml": end.replace("NAME", "b") + "- {command: never, when: false}\n", "f.j2": ""},
    }
    handlers = one(world(write(tmp_path, files))).handlers
    assert [(("a", "b"), ("systemctl", "restart", "x")), (("a",), ("only", "a"))] == [
        (handler.templates, handler.command) for handler in handlers
    ]


def test_attributes_and_checks(tmp_path: Path) -> None:
    """Modes in octal whichever way they are written; objects of libvirt; checks of the whole set."""
    manifest = """\
files:
- {template: f.j2, path: /etc/a, mode: 0640, owner: 0, group: "{{ 'ad' ~ 'm' }}", context: system_u:object_r:etc_t:s0}
- {template: f.j2, path: /etc/b, mode: "4755", when: no}
- {template: f.j2, path: /etc/c, mode: "{{ '600' }}"}
- {template: f.j2, target: "libvirt:network/{{ inventory_hostname }}"}
checks: [{command: [check, --root, "%s"], beside: [/etc/x.d, "/etc/{{ inventory_hostname }}"]}]
"""
    desired: Desired = one(world(write(tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": "<x/>"}})))
    found = [(file.path, file.mode, file.owner, file.group, file.context) for file in desired.files]
    assert found == [("/etc/a", 0o640, "0", "adm", "system_u:object_r:etc_t:s0"), ("/etc/c", 0o600, None, None, None)]
    assert [("network", "kvm01", "<x/>")] == [(made.kind, made.name, made.xml) for made in desired.objects]
    assert [(("check", "--root", "%s"), ("/etc/x.d", "/etc/kvm01"))] == [
        (check.command, check.beside) for check in desired.checks
    ]


@pytest.mark.parametrize(
    ("loop", "expected"),
    [("[a, b]", ["/etc/a", "/etc/b"]), ('"{{ groups.all }}"', ["/etc/kvm01", "/etc/kvm02"]), ("[]", [])],
)
def test_a_loop_makes_a_file_for_each_item(tmp_path: Path, loop: str, expected: list[str]) -> None:
    """The item is in scope of every value, and of the template."""
    manifest = f"files: [{{template: f.j2, path: '/etc/{{{{ item }}}}', loop: {loop}}}]\n"
    desired = one(world(write(tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": "{{ item }}"}})))
    assert [(path, path[5:].encode()) for path in expected] == [(file.path, file.content) for file in desired.files]


@pytest.mark.parametrize(("loop", "found"), [("{{ {'a': 1} }}", "dict"), ("{{ 'abc' }}", "str"), ("{{ 5 }}", "int")])
def test_a_loop_over_no_list_is_refused(tmp_path: Path, loop: str, found: str) -> None:
    """A text would be a loop over its letters."""
    manifest = f"files: [{{template: f.j2, path: '/etc/{{{{ item }}}}', loop: \"{loop}\"}}]\n"
    error = refusal(write(tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": ""}}))
    assert error.message == f"loop: expected a list, found {found}"


def test_a_condition_that_gives_text_is_refused(tmp_path: Path) -> None:
    """The text "none" is true in Jinja2, and seldom meant so."""
    manifest = "files: [{template: f.j2, path: /etc/a, when: \"'none'\"}]\n"
    error = refusal(write(tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": ""}}))
    assert error.message == "when: expected true or false, found the text 'none'"


def test_shipped_templates_are_only_for_hosts_that_ask_for_them(tmp_path: Path) -> None:
    """Unless they are named."""
    known = world(
        write(
            tmp_path, {}, "all: {hosts: {a: {}, b: {omc_templates: [logrotate]}}, vars: {libvirt_uri: 'test:///x'}}\n"
        )
    )
    assert [(), ("logrotate",)] == [result.get().templates for result in results(known)]
    assert [("logrotate",), ("logrotate",)] == [result.get().templates for result in results(known, ["logrotate"])]


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        (
            "logrotate",
            "omc_templates: expected a list of templates, found the text 'logrotate'",
            "omc_templates: [chrony, …]",
        ),
        ("[logrotat]", "omc_templates: no template is named 'logrotat'", "meant logrotate?"),
    ],
)
def test_a_wrong_list_of_templates_is_refused(tmp_path: Path, value: str, message: str, hint: str) -> None:
    """A template that is misspelt would be missing in silence."""
    hosts = f"all: {{hosts: {{kvm01: {{omc_templates: {value}, libvirt_uri: 'test:///x'}}}}}}\n"
    error = refusal(write(tmp_path, {}, hosts))
    assert (message, hint, f"{tmp_path}/inventory/hosts.yaml:1") == (error.message, error.hint, error.where)


def test_one_wrong_host_costs_itself_alone(tmp_path: Path) -> None:
    """Each host gives its own result, in the order that they were asked for."""
    root = write(tmp_path, {"t": "{{ 1 // (1 if inventory_hostname == 'kvm02' else 0) }}"}, HOSTS)
    first, second = results(world(root))
    assert ("kvm01", "kvm02") == (first.item.name, second.item.name)
    assert first.error is not None
    assert text(second.get()) == "1"


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """A loop over the wrong list does not fill the host."""
    manifest = "files: [{template: f.j2, path: '/etc/{{ item }}', loop: '{{ range(100) | list }}'}]\n"
    root = write(tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": ""}})
    result = results(world(root), limits=Limits(files=50))[0]
    assert "more than 50 files for one host" in str(result.error)
