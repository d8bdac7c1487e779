"""Whatever a site's files of templates hold, they are read, or refused with the place, and nothing else."""

import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from omc.errors import OmcError
from omc.site.mistakes import Mistakes
from omc.templates.manifest import read
from omc.templates.manifest.arguments import split
from omc.templates.secrets.settings import TYPES, read_settings
from omc.templates.variables import TYPES as KINDS

WORDS = ("%s", "{{ x }}", "{% if %}", "/etc/x", "0644", "a b", "'", "libvirt:pool/x", "\x1b", "", "[", *KINDS)
KEYS = (*read.FILE_KEYS, *read.KEYS, "type", "command", "items")
VALUES = some.recursive(
    some.one_of(
        some.none(), some.booleans(), some.integers(), some.floats(), some.sampled_from(WORDS), some.text(max_size=5)
    ),
    lambda inner: some.one_of(
        some.lists(inner, max_size=3),
        some.dictionaries(
            some.sampled_from((*read.FILE_KEYS, *read.KEYS, "type", "command", "items")), inner, max_size=4
        ),
    ),
    max_leaves=12,
)
MANIFESTS = some.one_of(
    some.text(max_size=60),
    some.dictionaries(some.sampled_from(read.KEYS), VALUES).map(yaml.safe_dump),
    some.lists(VALUES, max_size=2).map(lambda files: yaml.safe_dump({"files": files})),
)


@settings(max_examples=150, deadline=None)
@given(MANIFESTS)
def test_manifests(text: str) -> None:
    """A manifest comes out, or a mistake with its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "manifest.yaml")
        path.write_text(text, encoding="utf-8", errors="replace")
        mistakes = Mistakes()
        manifest = read.read_manifest(path, mistakes)
        assert manifest is not None or mistakes.errors
        assert all(error.where.startswith(str(path)) for error in mistakes.errors)


PROVIDERS = some.fixed_dictionaries({"type": some.sampled_from([*TYPES, 5])}, optional={"path": VALUES})


@settings(max_examples=150, deadline=None)
@given(some.dictionaries(some.sampled_from(("a", "b:c", "")), PROVIDERS))
def test_providers(providers: dict[str, object]) -> None:
    """The settings come out, or an OmcError that names the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "templates", "secrets.yaml")
        path.parent.mkdir()
        path.write_text(yaml.safe_dump({"providers": providers}))
        said = ""
        try:
            assert "env" in read_settings(Path(folder)).providers
        except OmcError as error:
            said = str(error)
        assert said == "" or said.startswith(str(path))


@given(some.text(alphabet="ab '\"\\", max_size=10), some.text(alphabet="ab '\"\\", max_size=10))
def test_arguments(before: str, after: str) -> None:
    """A command is split or refused, and what is to be rendered stays whole, in one argument."""
    try:
        arguments = split(f"{before}x{{{{ a | join(' ') }}}}{after}")
    except ValueError:
        return
    assert sum("{{ a | join(' ') }}" in argument for argument in arguments) == 1
