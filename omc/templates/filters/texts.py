"""Texts searched, replaced, encoded and quoted, as Ansible's filters of these names do."""

import base64
import hashlib
import posixpath
import re
import shlex
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_plus, urlsplit
from uuid import UUID, uuid5

_NAMESPACE = UUID("361E6D51-FAEC-444A-9079-341386DA8E2E")
_HASHES = ("sha512", "sha384", "sha256", "sha224", "sha1", "md5", "sha3_256", "sha3_512", "blake2b", "blake2s")


def regex_replace(
    value: Any = "",
    pattern: str = "",
    replacement: str = "",
    ignorecase: bool = False,
    multiline: bool = False,
    count: int = 0,
) -> str:
    r"""Replace what matches a pattern, by Python's `re.sub`: "\1" in the replacement is the first group."""
    return _pattern(pattern, ignorecase=ignorecase, multiline=multiline).sub(replacement, str(value), count)


def regex_search(value: Any, pattern: str, *groups: str, ignorecase: bool = False, multiline: bool = False) -> Any:
    r"""Return the first match of a pattern, or the groups that are named ("\\1", "\\g<name>"), or nothing."""
    match = _pattern(pattern, ignorecase=ignorecase, multiline=multiline).search(str(value))
    if match is None:
        return None
    wanted: list[str | int] = []
    for group in groups:
        name = re.fullmatch(r"\\g<(\S+)>|\\(\d+)", group)
        if name is None:
            raise ValueError(f"regex_search: expected a group as \\1 or \\g<NAME>, found {group!r}")
        wanted.append(name[1] or int(name[2]))
    return [match[group] for group in wanted] if wanted else match[0]


def regex_findall(value: Any, pattern: str, multiline: bool = False, ignorecase: bool = False) -> list[Any]:
    """Return all matches of a pattern."""
    return _pattern(pattern, ignorecase=ignorecase, multiline=multiline).findall(str(value))


def regex_escape(value: Any, re_type: str = "python") -> str:
    """Escape what a regular expression would act on; `re_type` is python or posix_basic."""
    if re_type == "python":
        return re.escape(str(value))
    if re_type == "posix_basic":
        return re.sub(r"([].[^$*\\])", r"\\\1", str(value))
    raise ValueError(f"regex_escape: expected python or posix_basic, found {re_type!r}")


def quote(value: Any) -> str:
    """Quote a text for a POSIX shell."""
    return shlex.quote("" if value is None else str(value))


def b64encode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """Encode in base64."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    return encode(_text(value).encode(encoding)).decode()


def b64decode(value: Any, encoding: str = "utf-8", urlsafe: bool = False) -> str:
    """Decode base64."""
    decode = base64.urlsafe_b64decode if urlsafe else base64.b64decode
    return decode(_text(value)).decode(encoding)


def hashed(value: Any, hashtype: str = "sha1") -> str:
    """Return a digest in hex: sha1 unless another is named (sha256, sha512 …)."""
    if hashtype not in _HASHES:
        raise ValueError(f"hash: expected one of {', '.join(_HASHES)}, found {hashtype!r}")
    return hashlib.new(hashtype, _text(value).encode()).hexdigest()


def sha1(value: Any) -> str:
    """Return the SHA-1 digest in hex; `checksum` is the same."""
    return hashed(value)


def md5(value: Any) -> str:
    """Return the MD5 digest in hex."""
    return hashed(value, "md5")


def to_uuid(value: Any, namespace: str | UUID = _NAMESPACE) -> str:
    """Return a UUID that follows from a text: the same text gives the same one."""
    return str(uuid5(namespace if isinstance(namespace, UUID) else UUID(namespace), _text(value)))


def comment(value: Any, style: str = "plain", decoration: str | None = None) -> str:
    """Make a text a comment: a sign before each line; `style` is plain (#), erlang (%), c (//), cblock or xml."""
    styles = {
        "plain": ("", "# ", "", ""),
        "erlang": ("", "% ", "", ""),
        "c": ("", "// ", "", ""),
        "cblock": ("/*", " * ", " */", " *"),
        "xml": ("<!--", " - ", "-->", ""),
    }
    if style not in styles:
        raise ValueError(f"comment: expected one of {', '.join(styles)}, found {style!r}")
    beginning, sign, end, bare = styles[style]
    sign = decoration if decoration is not None else sign
    empty = bare or sign.rstrip()
    lines = [(f"{sign}{line}" if line else empty) for line in str(value).split("\n")]
    if style in ("cblock", "xml"):
        return "\n".join([beginning, *([empty] if bare else [" -"]), *lines, *([empty] if bare else [" -"]), end])
    return "\n".join([empty, *lines, empty])


def split(value: str, separator: str | None = None, maximum: int = -1) -> list[str]:
    """Split a text at a separator, or at blanks."""
    return value.split(separator, maximum)


def basename(value: str) -> str:
    """Return the last part of a path."""
    return posixpath.basename(value)


def dirname(value: str) -> str:
    """Return a path without its last part."""
    return posixpath.dirname(value)


def splitext(value: str) -> tuple[str, str]:
    """Return a path without its extension, and the extension."""
    return posixpath.splitext(value)


def path_join(parts: str | Iterable[str]) -> str:
    """Join the parts of a path."""
    return parts if isinstance(parts, str) else posixpath.join(*parts)


def urldecode(value: str) -> str:
    """Decode what is percent-encoded."""
    return unquote_plus(value)


def url_parts(value: str, query: str = "") -> Any:
    """Return the parts of a URL (scheme, hostname, port, path, query, fragment, username, netloc), or one of them."""
    parsed = urlsplit(value)
    names = ("fragment", "hostname", "netloc", "password", "path", "port", "query", "scheme", "username")
    parts = {name: getattr(parsed, name) for name in names}
    if query and query not in parts:
        raise ValueError(f"urlsplit: expected one of {', '.join(names)}, found {query!r}")
    return parts[query] if query else parts


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {type(value).__name__}")
    return value


def _pattern(pattern: str, *, ignorecase: bool, multiline: bool) -> re.Pattern[str]:
    return re.compile(pattern, (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0))
