"""What one host should have, rendered: files, libvirt objects, and the handlers that a change of them calls for.

Made by `render`, compared by `plan`, carried out by `changing`. Content is exact bytes; None for an attribute means
"leave it as it is", and for a new file what the host's root gives it (root, root, 0644, the policy's SELinux context).
"""

import msgspec


class DesiredFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `path` is absolute and normalized, without control characters; `owner`, `group` are names or numbers.

    `validate` is an argument list, never a shell's text; "%s" in it stands for the staged new file. `secrets` are the
    values of secrets that stand in `content`: whoever shows any of it redacts them. Where a secret may stand in it in
    a form that cannot be found, the whole content is one.
    """

    template: str
    path: str
    content: bytes
    owner: str | None = None
    group: str | None = None
    mode: int | None = None  # permission bits
    context: str | None = None  # SELinux
    validate: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


class DesiredObject(msgspec.Struct, frozen=True, kw_only=True):
    """One libvirt object: `kind` is network, pool, secret, nwfilter or guest; `xml` is the definition as rendered."""

    template: str
    kind: str
    name: str
    xml: str
    secrets: tuple[str, ...] = ()


class SetCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check of a whole set of files under their final names, before any of them is put in place.

    The files of `template` that change, and copies of what stands in `beside` (absolute paths of files and folders of
    the host), are staged under one root; "%s" in `command` stands for that root.
    """

    template: str
    command: tuple[str, ...]
    beside: tuple[str, ...] = ()


class DesiredHandler(msgspec.Struct, frozen=True, kw_only=True):
    """A command that runs once a host, after all files, when anything of one of its `templates` changed.

    Handlers run in the order of the manifests; equal commands of several templates are one handler.
    """

    templates: tuple[str, ...]
    command: tuple[str, ...]  # an argument list, never a shell's text


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A template that gives a host nothing: `reason` says what does not hold, `hint` which variables would change it.

    With `applies` it is for the host, and none of its files is to be there.
    """

    template: str
    reason: str
    hint: str = ""
    applies: bool = False


class Desired(msgspec.Struct, frozen=True, kw_only=True):
    """All that one host should have of the chosen templates; no two files have one path, no two objects one name."""

    host: str  # inventory_hostname
    templates: tuple[str, ...]  # those that apply to the host, in order
    files: tuple[DesiredFile, ...] = ()
    objects: tuple[DesiredObject, ...] = ()
    checks: tuple[SetCheck, ...] = ()
    handlers: tuple[DesiredHandler, ...] = ()
    left_out: tuple[LeftOut, ...] = ()  # without those that the host would have to choose

    @property
    def checkers(self) -> tuple[str, ...]:
        """The programs of the host that check what is to be put in place."""
        of_files = (file.validate[0] for file in self.files if file.validate)
        return tuple(dict.fromkeys([*of_files, *(check.command[0] for check in self.checks)]))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values of all secrets that stand in its files and objects."""
        of_files = (secret for file in self.files for secret in file.secrets)
        return (*of_files, *(secret for made in self.objects for secret in made.secrets))
