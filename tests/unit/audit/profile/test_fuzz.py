"""Whatever stands in a profile's file, it is read or its mistake is named."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omc.audit.profile.form import Profile
from omc.audit.profile.reading import KEYS, read_profile
from omc.errors import SiteError

WORDS = st.sampled_from(
    [
        *KEYS,
        "id",
        "area",
        "fact",
        "fix",
        "needs",
        "any",
        "portable",
        "tied",
        "otherwise",
        "cpu",
        "cpu.mode",
        "type",
        "core",
    ]
)
SCALARS = st.one_of(WORDS, st.none(), st.booleans(), st.integers(-2, 2), st.text(max_size=3))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6), max_leaves=20
)


def _outcome(path: Path) -> Profile | str | None:
    """Return the profile, or where its mistake is; None where that is said of another file."""
    try:
        return read_profile(path)
    except SiteError as error:
        return error.where if error.where.startswith(str(path)) else None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_a_profile_is_read_or_its_mistake_is_named(tmp_path: Path, value: object) -> None:
    """Never another error."""
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert isinstance(_outcome(path), Profile | str)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 400), junk=st.text(max_size=5))
def test_a_broken_shipped_profile_is_named(tmp_path: Path, cut: int, junk: str) -> None:
    """As an editor leaves it: a line cut off, something typed into it."""
    lines = (
        (Path(__file__).parents[4] / "inventory" / "profiles" / "core-2026.yaml")
        .read_text(encoding="utf-8")
        .split("\n")
    )
    place = cut % len(lines)
    lines[place] = lines[place][: cut % 30] + junk
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    assert isinstance(_outcome(path), Profile | str)
