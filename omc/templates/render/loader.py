"""Finds a template's files: in its own folder, then in the shared ones, whatever names and links say."""

import stat
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from jinja2 import BaseLoader, Environment
from jinja2.exceptions import TemplateNotFound

from omc.site.mistakes import near

MOST_BYTES = 4 << 20


class FolderLoader(BaseLoader):
    """Loads by names relative to any of the folders; the first that has the file wins."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002
        """Return text and path of a file; TemplateNotFound says why there is none."""
        name = PurePosixPath(template)
        if name.is_absolute() or ".." in name.parts or "\\" in template or "\0" in template:
            raise TemplateNotFound(template, f"{template!r} is no name of a file below the template's folder")
        for folder in self._folders:
            path = folder / name
            if path.is_symlink() or path.exists():
                return _text(path, folder, template), str(path), lambda: True
        raise TemplateNotFound(template, f"there is no file {template!r}{self._hint(template)}")

    def list_templates(self) -> list[str]:
        """Return the names of all files, sorted."""
        found = {
            path.relative_to(folder).as_posix()
            for folder in self._folders
            if folder.is_dir()
            for path in folder.rglob("*")
            if path.is_file()
        }
        return sorted(found)

    def _hint(self, name: str) -> str:
        guess = near(name, [known for known in self.list_templates() if known != "manifest.yaml"])
        return f" ({guess})" if guess else ""


def _text(path: Path, folder: Path, name: str) -> str:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise TemplateNotFound(name, f"{path} is a link that leads out of the template's folder")
    try:
        status = path.stat()
        # Opening a pipe would wait for ever.
        if not stat.S_ISREG(status.st_mode):
            raise TemplateNotFound(name, f"{path} is no file")
        if status.st_size > MOST_BYTES:
            raise TemplateNotFound(name, f"{path} has {status.st_size} bytes, expected at most {MOST_BYTES}")
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise TemplateNotFound(name, f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise TemplateNotFound(name, f"{path} is not UTF-8 at byte {error.start}") from None
