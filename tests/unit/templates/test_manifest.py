"""A manifest's mistakes are refused with file, line, what was found and what was expected; all of them at once."""

from pathlib import Path

import pytest

from omc.errors import SiteError, UsageError
from omc.site.find import reference_root
from omc.templates import catalogue
from omc.templates.manifest import Manifest
from tests.templates import write

END = "files: [{template: f.j2, path: /etc/x}]\n"
MISTAKES = {
    "": "1: expected a manifest, found nothing",
    "- a\n": "1: expected a manifest, found a list",
    "description: x\n": "1: expected files, found none",
    "a: [\n": "2: broken YAML: did not find expected node content (while parsing a flow node)",
    END + "handler: []\n": "2: unknown key 'handler' (meant handlers?)",
    END + "description: '{{ x }}'\n": "2: description: expected plain text, found {{ … }}",
    END + "hosts: 5\n": "2: expected a pattern of hosts as --limit takes it, found the number '5'",
    END + "hosts: {pattrn: x}\n": "2: unknown key 'pattrn' (meant pattern?)",
    END + "hosts: {when: 5}\n": "2: when: expected an expression, found the number '5'",
    "files: x\n": "1: files: expected a list, found the text 'x'",
    "files:\n- x\n": "2: expected a mapping with template, path, target,",
    "files:\n- {path: /etc/x}\n": "2: expected template, and either path or target, found path",
    "files:\n- {template: f.j2}\n": "2: expected template, and either path or target, found template",
    "files:\n- {template: f.j2, path: /x, target: 'libvirt:pool/x'}\n": "2: expected template, and either",
    "files:\n- {template: f.j2, path: x}\n": "2: path: expected an absolute path, found the text 'x'",
    "files:\n- {template: f.j2, path: /a/../b}\n": "2: path: expected a path without .., found",
    'files:\n- {template: f.j2, path: "/a\\nb"}\n': "2: path: expected a path without control characters",
    "files:\n- {template: f.j2, path: /}\n": "2: path: expected a normalized path",
    "files:\n- {template: f.j2, path: /x, mode: 644}\n": '2: mode: expected permissions in octal as "0644"',
    "files:\n- {template: f.j2, path: /x, mode: a+r}\n": "2: mode: expected permissions in octal",
    "files:\n- {template: f.j2, path: /x, mode: 0888}\n": "2: mode: expected permissions in octal",
    "files:\n- {template: f.j2, path: /x, owner: 'a b'}\n": "2: owner: expected a user's or group's name",
    "files:\n- {template: f.j2, path: /x, context: y}\n": "2: context: expected an SELinux context",
    "files:\n- {template: f.j2, path: /x, state: absent}\n": (
        "2: state: expected present, found the text 'absent' "
        "(remove the file from the manifest, and from the hosts by hand)"
    ),
    "files:\n- {template: f.j2, target: 'libvirt:disk/x'}\n": "2: target: expected libvirt:KIND/NAME",
    "files:\n- {template: f.j2, target: 'libvirt:pool/x', mode: '0644'}\n": "2: a libvirt object has no mode",
    "files:\n- {template: f.j2, path: /x, validate: check}\n": "2: validate: expected %s for the new file",
    "files:\n- {template: f.j2, path: /x, validate: 'a %s | b'}\n": (
        "2: validate: expected one program with its arguments, found | "
        "(no shell sees a command: write a script where one is needed)"
    ),
    'files:\n- {template: f.j2, path: /x, validate: "a \'%s"}\n': "2: validate: No closing quotation",
    "files:\n- {template: f.j2, path: /x, validate: [a, 5]}\n": "2: validate: expected a command as text",
    "files:\n- {template: f.j2, path: /x, loop: abc}\n": "2: loop: expected a list or {{ LIST }}, found",
    END + "handlers: [{when: x}]\n": "2: expected a command, found when",
    END + "handlers: [{command: ''}]\n": "2: command: expected a command as text",
    END + "checks: [{command: check}]\n": "2: command: expected %s for the folder that stands for the host's /",
    END + "checks: [{command: check %s, beside: [x]}]\n": "2: path: expected an absolute path",
    END + "variables: [a]\n": "2: expected a mapping of variables, found a list",
    END + "variables: {a: 5}\n": "2: expected a mapping with type, default,",
    END + "variables: {a-b: {}}\n": "2: expected letters, digits and _ as a variable's name, found 'a-b'",
    END + "variables: {hosts: {}}\n": "2: 'hosts' is a name that every template has already",
    END + "variables: {a: {typ: int}}\n": "2: unknown key 'typ' (meant type?)",
    END + "variables: {a: {type: integr}}\n": "2: type: expected one of string, integer,",
    END + "variables: {a: {type: []}}\n": "2: type: expected one of string, integer,",
    END
    + "variables: {a: {type: int, default: x}}\n": "2: the default of a: expected a whole number, found the text 'x'",
    END
    + "variables: {a: {type: int, minimum: 5, default: 4}}\n": "2: the default of a: expected a number of at least 5",
    END
    + "variables: {a: {type: list, items: {type: port}, default: [1, 0]}}\n": "2: the default of a[1]: expected a port",
    END + "variables: {a: {choices: []}}\n": "2: choices: expected a list of values, found a list",
    END + "variables: {a: {pattern: '['}}\n": "2: pattern: expected a regular expression",
    END + "variables: {a: {type: string, items: {}}}\n": "2: a: only a list has items, not a string",
    END + "variables: {a: {required: 5}}\n": "2: required: expected true or false, found the number '5'",
}


def read(folder: Path, manifest: str) -> list[str]:
    root = write(folder, {"t": {"manifest.yaml": manifest, "f.j2": ""}})
    _, mistakes = catalogue.read(root, ["t"])
    return [
        f"{error.where.removeprefix(f'{root}/templates/t/')}: {error.message}"
        + (f" ({error.hint})" if error.hint else "")
        for error in mistakes.errors
    ]


@pytest.mark.parametrize("manifest", MISTAKES)
def test_each_mistake_is_named(tmp_path: Path, manifest: str) -> None:
    """The first message is that of the mistake; nothing is guessed."""
    found = read(tmp_path, manifest)
    assert found
    assert found[0].startswith(f"manifest.yaml:{MISTAKES[manifest]}")


def test_all_mistakes_are_found_in_one_reading(tmp_path: Path) -> None:
    """One run names them all; a command that needs the templates names the first, and how many there are."""
    manifest = "hosts: 5\nfiles:\n- {template: f.j2, path: x, mode: 5}\n- {template: 7, path: /x}\nhandlers: {}\n"
    assert len(read(tmp_path, manifest)) == 5
    with pytest.raises(SiteError, match=r"manifest\.yaml:1: expected a pattern"):
        catalogue.load(tmp_path)


def test_aliases_that_multiply_and_depth_are_bounded(tmp_path: Path) -> None:
    """As in every file of a site."""
    levels = "\n".join(
        f"  l{n}: {{default: [{', '.join([f'*a{n - 1}'] * 10 if n else ['x'] * 10)}]}}" for n in range(9)
    )
    for n in range(9):
        levels = levels.replace(f"l{n}: {{default: [", f"l{n}: {{default: &a{n} [")
    assert any("multiply" in error for error in read(tmp_path, f"{END}variables:\n{levels}\n"))
    assert any(
        "deeper than" in error for error in read(tmp_path, f"{END}variables: {{a: {{default: {'[' * 3000}}}}}\n")
    )


def test_values_keep_their_lines(tmp_path: Path) -> None:
    """Each value of an entry has its own."""
    manifest = "files:\n- template: f.j2\n  path: /etc/x\n  owner: root\nvariables:\n  a:\n    default: 1\n"
    (template,) = catalogue.load(write(tmp_path, {"t": {"manifest.yaml": manifest, "f.j2": ""}}), ["t"]).choose()
    entry = template.manifest.files[0]
    assert isinstance(template.manifest, Manifest)
    assert entry.path is not None
    assert entry.owner is not None
    lines = [value.where.rpartition(":")[2] for value in (entry.template, entry.path, entry.owner)]
    assert ["2", "3", "4"] == lines
    assert template.manifest.variables["a"].default is not None


def test_the_sites_folder_wins_whole(tmp_path: Path) -> None:
    """Nothing of the shipped folder of the same name is left; the catalogue says which one it hides."""
    known = catalogue.load(write(tmp_path, {"chrony": "mine", "own": "x"}))
    assert known.get("chrony").origin == "site"
    assert known.get("chrony").hides == reference_root() / "templates" / "chrony"
    assert [entry.template.raw for entry in known.get("chrony").manifest.files] == ["file.j2"]
    assert (known.get("own").hides, known.get("sysctl").origin) == (None, "shipped")
    assert list(known.names) == sorted(known.names)


def test_choose_takes_names_once_and_in_order(tmp_path: Path) -> None:
    """Without names the shipped ones are for those hosts that ask for them."""
    known = catalogue.load(write(tmp_path, {"b": "x", "a": "x"}))
    assert [template.name for template in known.choose(["b", "a", "b"])] == ["b", "a"]
    assert {template.name for template in known.choose() if not template.opt_in} == {"a", "b"}


def test_a_name_that_no_template_has_is_refused(tmp_path: Path) -> None:
    """With the one that was most likely meant."""
    root = write(tmp_path, {"greeting": "x"})
    for names in ((), ("greetng",)):
        with pytest.raises(UsageError) as caught:
            catalogue.load(root, names).get("greetng")
        assert ("no template is named 'greetng'", "meant greeting?") == (caught.value.message, caught.value.hint)


def test_what_is_no_template_is_left_out(tmp_path: Path) -> None:
    """Folders with _ or . and files; a folder of templates without a manifest is a mistake."""
    root = write(tmp_path, {"a": "x", "_shared": {"f.j2": ""}, ".git": {"f.j2": ""}, "notes": {"README.md": ""}})
    (root / "templates" / "secrets.yaml").write_text("")
    assert {name for name in catalogue.names(root) if name not in catalogue.names()} == {"a"}
    write(tmp_path, {"b": {"x.j2": ""}})
    _, mistakes = catalogue.read(root)
    assert [error.where for error in mistakes.errors] == [f"{root}/templates/b/manifest.yaml"]


def test_all_shipped_templates_are_sound() -> None:
    """The catalogue that comes with omc has no mistake."""
    known, mistakes = catalogue.read()
    assert mistakes.errors == []
    assert "chrony" in known.names
