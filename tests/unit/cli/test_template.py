"""The command line of templates, as far as it goes without a host."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from omc.site import load_site, reference_root
from omc.templates import catalogue
from omc.templates.render import Worker, World
from tests.unit.cli.running import Omc, program

MANIFEST = """
description: A greeting
files:
  - {template: motd.j2, path: /etc/motd, mode: "0644"}
variables:
  greeting: {type: string, default: hello, choices: [hello, bye], description: What it says}
"""


@pytest.fixture
def templates(site: Path) -> Path:
    folder = site / "templates"
    (folder / "motd").mkdir(parents=True)
    (folder / "motd" / "manifest.yaml").write_text(MANIFEST)
    (folder / "motd" / "motd.j2").write_text("{{ greeting }} {{ inventory_hostname }}\n")
    return folder


def test_list_has_the_shipped_templates_and_the_sites_own(omc: Omc, templates: Path) -> None:
    found = {one["name"]: one for one in json.loads(omc("template", "list", "-o", "json").out)}
    assert ("site", "shipped") == (found["motd"]["origin"], found["chrony"]["origin"])
    assert ["/etc/motd"] == [file["path"] for file in found["motd"]["files"]]


def test_show_says_what_a_template_manages_and_which_variables_it_has(omc: Omc, templates: Path) -> None:
    ran = omc("template", "show", "motd")
    assert "/etc/motd, mode 0644" in ran.out
    assert 'greeting: string, default "hello", one of hello, bye' in ran.out
    assert "What it says" in ran.out
    assert "hello" == json.loads(omc("template", "show", "motd", "-o", "json").out)["variables"]["greeting"]["default"]


def test_show_says_which_folder_won(omc: Omc, templates: Path) -> None:
    (templates / "motd").rename(templates / "chrony")
    assert "wins over" in omc("template", "show", "chrony").out


def test_unknown_template_is_refused_with_a_near_one(omc: Omc, templates: Path) -> None:
    ran = omc("template", "show", "mott")
    assert 2 == ran.code
    assert "motd" in ran.err


def test_render_prints_one_file_exactly(omc: Omc, templates: Path) -> None:
    host = json.loads(omc("site", "hosts", "-o", "json").out)[0]["name"]
    assert f"hello {host}\n" == omc("template", "render", "motd", host).out
    assert f"bye {host}\n" == omc("template", "render", "motd", host, "-e", "greeting=bye").out


def test_render_is_compared_with_golden_files(omc: Omc, templates: Path, tmp_path: Path) -> None:
    golden = tmp_path / "golden"
    arguments = ("template", "render", "motd", "--diff-golden", str(golden))
    assert 4 == omc(*arguments).code
    assert 0 == omc(*arguments, "--update-golden").code
    assert 0 == omc(*arguments).code
    (templates / "motd" / "motd.j2").write_text("changed\n")
    ran = omc(*arguments)
    assert 4 == ran.code
    assert "+changed" in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "-e", "nothing"), "not a variable"),
        (("plan", "-e", "1x=2"), "not a variable"),
        (("plan", "-e", "@/no/such/file"), "cannot be read"),
        (("apply",), "which hosts?"),
        (("apply", "all", "--batch", "0"), "not a number of hosts"),
        (("apply", "all", "--max-fail", "many"), "not a number of hosts"),
        (("apply", "all", "--health", "'"), "--health is no command"),
        (("apply", "all", "--confirm", "1"), "confirm"),
        (("rollback", "20260101-000000-aaaa"), "there is no run"),
        (("resume", "20260101-000000-aaaa"), "there is no run"),
        (("history", "20260101-000000-aaaa"), "there is no run"),
        (("plan", "no-such-host"), "no-such-host"),
    ],
)
def test_mistake_is_told_before_any_host_is_asked(omc: Omc, templates: Path, arguments, message) -> None:
    ran = omc("template", *arguments)
    assert 2 == ran.code
    assert message in ran.err


def test_variables_come_from_a_file_too(omc: Omc, templates: Path, tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("greeting: bye\n")
    host = json.loads(omc("site", "hosts", "-o", "json").out)[0]["name"]
    assert f"bye {host}\n" == omc("template", "render", "motd", host, "-e", f"@{tmp_path}/more.yaml").out
    (tmp_path / "more.yaml").write_text("- no mapping\n")
    assert "expected a mapping" in omc("template", "plan", "-e", f"@{tmp_path}/more.yaml").err


def test_history_of_a_site_where_nothing_was_applied_is_empty(omc: Omc) -> None:
    assert (0, "[]\n") == omc("template", "history", "-o", "json")[:2]


def test_names_of_templates_are_completed(templates: Path) -> None:
    words = {"COMP_WORDS": "omc template show mo", "COMP_CWORD": "3", "_OMC_COMPLETE": "bash_complete"}
    assert "plain,motd" in program(environ=words).out


def test_render_imports_neither_the_store_nor_ways_to_hosts(templates: Path) -> None:
    heavy = {"sqlalchemy", "alembic", "libvirt", "paramiko", "rich", "sqlite3", "omc.inventory.store"}
    assert set() == imported("render", "motd") & heavy


def test_plan_imports_no_store(templates: Path) -> None:
    """It costs as much as the plan of some hosts, and a plan is none of its business."""
    heavy = {"sqlalchemy", "alembic", "libvirt", "rich", "sqlite3", "omc.inventory.store"}
    hosts = templates.parent / "inventory" / "hosts.yaml"
    hosts.write_text("all: {hosts: {here: {ansible_connection: local, libvirt_uri: 'test:///default'}}}\n")
    found = imported("plan")
    assert set() == found & heavy
    assert "omc.templates.remote.look" in found


def imported(*arguments: str) -> set[str]:
    """Return the modules that a command of omc template loads."""
    script = (
        f"import sys; from omc.cli.main import main; main(['template', *{arguments}]);"
        "print('modules:', *sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return set(ran.stderr.partition("modules: ")[2].split())


def omc_templates(site: Path, host: str, *names: str) -> None:
    (site / "inventory" / "host_vars").mkdir(exist_ok=True)
    (site / "inventory" / "host_vars" / f"{host}.yaml").write_text(json.dumps({"omc_templates": names}))


def for_hosts(template: str, root: Path) -> list[str]:
    """The hosts that a template is for when none is named."""
    site = load_site(root)
    with Worker(catalogue.load(root).choose(), World(site=site)) as worker:
        return [
            result.item.name
            for result in worker.render(list(site.hosts.values()))
            if template in result.get().templates
        ]


def test_without_a_name_shipped_ones_and_their_copies_are_for_hosts_that_chose_them(site: Path) -> None:
    shutil.copytree(reference_root() / "templates" / "hosts", site / "templates" / "hosts")
    assert ([], []) == (for_hosts("hosts", site), for_hosts("logrotate", site))
    omc_templates(site, "kvm1", "hosts", "logrotate")
    assert (["kvm1"], ["kvm1"]) == (for_hosts("hosts", site), for_hosts("logrotate", site))


def test_without_a_name_the_sites_own_is_for_the_hosts_of_its_manifest(site: Path, templates: Path) -> None:
    assert ["kvm1", "kvm2", "lab1"] == for_hosts("motd", site)


@pytest.mark.parametrize("command", [("plan",), ("plan", "kvm1"), ("apply", "all", "--yes")])
def test_where_no_template_is_chosen_it_says_what_to_type(omc: Omc, command: tuple[str, ...]) -> None:
    ran = omc("template", *command)
    assert (2, "") == (ran.code, ran.out)
    assert "no template is chosen for these hosts\n" in ran.err
    assert "omc_templates: [chrony, …]" in ran.err


def test_a_new_site_has_no_template_planned_for_any_host(omc: Omc) -> None:
    omc("init", "new")
    assert ["README.md"] == [path.name for path in Path("new/templates").iterdir()]
    assert 2 == omc("template", "plan", "--site", "new").code


def test_list_and_show_say_which_templates_are_for_hosts_that_choose_them(omc: Omc, templates: Path) -> None:
    found = {row.split("\t")[0]: row.split("\t")[2] for row in omc("template", "list", "-o", "tsv").out.splitlines()}
    assert ("all", "chosen", "chosen, some") == (found["motd"], found["chrony"], found["hugepages"])
    assert "hosts      chosen, when " in omc("template", "show", "hugepages").out
