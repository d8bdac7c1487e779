"""What manifests, templates and settings of secrets may say stands in the documentation."""

import re
from pathlib import Path

from omc.templates.manifest import declare, read
from omc.templates.render import Limits
from omc.templates.render.scope import BUILT_IN
from omc.templates.secrets import settings
from omc.templates.variables import ALIASES, TYPES

DOCS = Path(__file__).parents[3] / "docs"


def words(page: str) -> set[str]:
    """Return what stands between back quotes."""
    text = (DOCS / page).read_text(encoding="utf-8")
    quoted = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return {word for part in quoted for word in re.findall(r"\w+", part)}


def block(page: str, mark: str) -> str:
    """Return the first block of code that has a mark in it."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return next(found for found in re.findall(r"```\w+\n(.*?)```", text, re.DOTALL) if mark in found)


def test_every_key_of_a_manifest_is_documented() -> None:
    """And every type of a variable, with Ansible's names of them."""
    keys = {*read.KEYS, *read.FILE_KEYS, *declare.DECLARATION_KEYS, *TYPES, *ALIASES, "command", "beside", "pattern"}
    assert set() == keys - words("reference/templates.md")


def test_every_name_that_a_template_has_is_documented() -> None:
    """And none of them can be a variable's name."""
    assert set() == set(BUILT_IN) - words("reference/templates.md")
    assert {*BUILT_IN, "item", "loop"} == declare.RESERVED


def test_the_limits_are_documented() -> None:
    """As they are."""
    text = (DOCS / "reference/templates.md").read_text(encoding="utf-8")
    limits = Limits()
    said = f"{limits.cpu_seconds:g} s of CPU time, {limits.memory_bytes >> 20} MiB of"
    assert said in text
    assert f"{limits.output_bytes >> 20} MiB of characters for a file and {limits.files:,} files" in text


def test_every_key_of_a_provider_is_documented() -> None:
    """With every type."""
    assert set() == {*settings.KEYS, *settings.TYPES, *settings.PROVIDER_KEYS} - words("how-to/secrets.md") - {
        "providers"
    }
    assert "providers:" in (DOCS / "how-to/secrets.md").read_text(encoding="utf-8")


def test_the_example_of_a_declaration_is_sound(tmp_path: Path) -> None:
    """It can be copied as it stands."""
    from omc.templates import catalogue
    from tests.templates import write

    text = (DOCS / "reference/templates.md").read_text(encoding="utf-8")
    example = next(
        block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("variables")
    )
    manifest = f"files: [{{template: f.j2, path: /etc/x}}]\n{example}"
    assert (
        "bridges"
        in catalogue.load(write(tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": ""}})).get("t").manifest.variables
    )


def test_the_example_of_the_providers_is_sound(tmp_path: Path) -> None:
    """It can be copied as it stands."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "secrets.yaml").write_text(block("how-to/secrets.md", "providers:"))
    assert {"env", "vars", "keys", "vault", "pass", "sops", "age"} == set(settings.read_settings(tmp_path).providers)


def test_the_first_template_of_the_guide_renders(tmp_path: Path) -> None:
    """Its manifest, its file and its variable, as they stand there."""
    from omc.model import Host
    from tests.templates import one, text, world, write

    page = (DOCS / "how-to/write-template.md").read_text(encoding="utf-8")
    manifest = next(
        block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "The message of the day" in block
    )
    file = re.findall(r"```jinja\n(.*?)```", page, re.DOTALL)[0]
    hosts = "kvm:\n  hosts: {kvm01: {}}\n  vars: {libvirt_uri: 'test:///default', motd_contact: ops@example.net}\n"
    root = write(tmp_path, {"motd": {"manifest.yaml": manifest, "motd.j2": file}}, hosts)
    desired = one(world(root, facts=lambda name: Host(name=name, uri="test:///default")))
    lines = text(desired, "/etc/motd").splitlines()
    assert lines[-2:] == ["kvm01, call ops@example.net", "0 guests"]
    assert lines[1] == "# Managed by omc, template motd: changes made here are overwritten."
