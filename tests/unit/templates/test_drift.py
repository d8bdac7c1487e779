"""Drift tells whether a host is behind, or somebody else was at it."""

import pytest
from msgspec.structs import replace

from omc.ports import AppliedFile
from omc.templates.drift import OTHER_KEY, drift, left
from omc.templates.fingerprint import Fingerprints
from omc.templates.remote.state import Lock, Unfinished
from tests.unit.templates.test_plan import PATH, PRINTS, present, wanted
from tests.unit.templates.test_task import task

APPLIED = AppliedFile(
    host="kvm1", path=PATH, template="chrony", run="R", after=PRINTS.of(present().digest, secret=True)
)


def applied(**asked) -> AppliedFile:
    """What is known of a file that was applied as a template asked for then."""
    (file,) = task(wanted("old\n", **asked)).plan.files
    return replace(APPLIED, rendered=f"{file.rendered}+0123456789abcdef")


@pytest.mark.parametrize(
    ("found", "last", "expected"),
    [
        (task(wanted("old\n")), [], "ok"),
        (task(), [], "new"),
        (task(), [APPLIED], "outdated"),
        (task(now=present("by hand\n")), [APPLIED], "changed"),
        (task(wanted("old\n", mode=0o600)), [applied(mode=0o644)], "outdated"),
        (task(wanted("old\n", mode=0o600)), [applied(mode=0o600)], "changed"),
        (task(wanted("old\n", mode=0o600), present("by hand\n")), [applied(mode=0o644)], "changed"),
        (task(now=present(kind="symlink")), [APPLIED], "blocked"),
    ],
)
def test_drift_tells_who_is_behind(found, last, expected):
    """A mode that the manifest asks for since is another matter than one that somebody set."""
    assert [expected] == [one.state for one in drift(found, last, PRINTS)]


def test_drift_of_what_another_user_applied_accuses_nobody():
    """With another key nobody can tell whether a file with a secret is still as it was applied."""
    foreign = replace(APPLIED, after=Fingerprints(lambda: b"b" * 32).of(present().digest, secret=True))
    (one,) = drift(task(), [foreign], PRINTS)
    assert ("changed", f"its content differs; {OTHER_KEY}") == (one.state, one.detail)
    assert f"its template is gone, and {OTHER_KEY}" == left(foreign, present(), PRINTS, "its template is gone").detail


def test_drift_names_what_else_is_amiss_on_a_host():
    found = task(
        wanted("old\n"),
        lock=Lock(run="L", host="kvm1", actor="bob", since="noon"),
        unfinished=(
            Unfinished(run="W", host="kvm1", step="waiting", confirm_seconds=3.4),
            Unfinished(run="U", host="kvm1", step="placing"),
        ),
        pending_handlers=(("true",),),
    )
    assert [("ok", PATH), ("locked", "L"), ("waiting", "W"), ("unfinished", "U"), ("pending", "true")] == [
        (one.state, one.subject) for one in drift(found, [], PRINTS)
    ]
