"""The runs of templates in a store, on both databases."""

import pytest

from omc.errors import StoreError
from omc.inventory.store import Store, open_store, upgrade_store
from omc.inventory.store.version import CURRENT
from omc.ports import AppliedFile, RunFile, RunHost, RunOptions, TemplateRun

FIRST, SECOND = "20260101-090000-aaaa", "20260102-090000-bbbb"


def a_file(path: str = "/etc/chrony.conf", after: str = "sha256:new") -> RunFile:
    return RunFile(path=path, template="chrony", action="change", before="sha256:old", after=after, rendered="r")


def a_run(name: str = FIRST, *hosts: RunHost, **fields: object) -> TemplateRun:
    fields = {"kind": "apply", "options": RunOptions(batch="1,10%", confirm_seconds=120)} | fields
    day = f"{name[:4]}-{name[4:6]}-{name[6:8]}"
    return TemplateRun(
        run=name,
        started_at=f"{day}T09:00:00.123456Z",
        actor="ada",
        selection="kvm*",
        templates=("chrony",),
        variables=("ntp_servers",),
        process="machine boot 1 2",
        omc_version="1",
        hosts=hosts or (RunHost(host="kvm1", status="planned", machine="m", files=(a_file(),)),),
        **fields,
    )


def test_run_is_read_as_it_was_begun(store):
    store.template_runs.begin(a_run())
    assert a_run() == store.template_runs.run(FIRST)
    assert store.template_runs.run("20260101-090000-zzzz") is None


def test_outcome_of_a_host_keeps_the_files_that_it_was_begun_with(store):
    runs = store.template_runs
    runs.begin(a_run())
    pending = (("systemctl", "reload", "chrony"),)
    outcome = RunHost(
        host="kvm1",
        status="failed",
        code="handler",
        message="it said no",
        machine="m",
        seconds=1.5,
        pending_handlers=pending,
    )
    runs.record(FIRST, outcome)
    found = runs.run(FIRST).hosts[0]
    assert ("failed", "handler", "it said no", 1.5, pending) == (
        *(found.status, found.code, found.message, found.seconds),
        found.pending_handlers,
    )
    assert (a_file(),) == found.files


def test_run_that_ends_says_when_and_why(store):
    store.template_runs.begin(a_run())
    store.template_runs.finish(FIRST, "stopped", "the health check failed")
    found = store.template_runs.run(FIRST)
    assert ("stopped", "the health check failed") == (found.status, found.reason)
    assert len("2026-01-01T09:00:00.123456Z") == len(found.finished_at)


def test_run_that_is_carried_on_runs_again_in_another_process(store):
    store.template_runs.begin(a_run())
    store.template_runs.finish(FIRST, "stopped", "the health check failed")
    store.template_runs.carry_on(FIRST, "machine boot 3 4")
    found = store.template_runs.run(FIRST)
    assert ("running", "", None, "machine boot 3 4") == (found.status, found.reason, found.finished_at, found.process)


def test_runs_come_newest_first_with_their_hosts_in_order(store):
    hosts = [RunHost(host=name, status="planned") for name in ("b", "a", "c")]
    store.template_runs.begin(a_run(SECOND, *hosts))
    store.template_runs.begin(a_run(FIRST))
    assert [(SECOND, ["b", "a", "c"]), (FIRST, ["kvm1"])] == [
        (run.run, [host.host for host in run.hosts]) for run in store.template_runs.runs()
    ]
    assert [SECOND] == [run.run for run in store.template_runs.runs(1)]


def test_name_of_a_run_is_used_once(store):
    store.template_runs.begin(a_run())
    with pytest.raises(StoreError, match="there is a run"):
        store.template_runs.begin(a_run())


def test_last_applied_is_of_the_newest_run_that_changed_the_host(store):
    runs = store.template_runs
    assert [] == runs.applied(["kvm1"])
    for name, after, status in ((FIRST, "sha256:one", "changed"), (SECOND, "sha256:two", "restored")):
        runs.begin(a_run(name, RunHost(host="kvm1", status="planned", files=(a_file(after=after),))))
        runs.record(name, RunHost(host="kvm1", status=status))
    path, after = "/etc/chrony.conf", "sha256:one"
    expected = AppliedFile(host="kvm1", path=path, template="chrony", run=FIRST, after=after, rendered="r")
    assert [expected] == runs.applied(["kvm1", "kvm2"])


def test_change_that_was_put_back_is_not_applied_and_its_rollback_is(store):
    """The same state says the one of a run and the other of its rollback."""
    runs = store.template_runs
    for name, kind, after in ((FIRST, "apply", "sha256:one"), (SECOND, "rollback", "sha256:two")):
        host = RunHost(host="kvm1", status="planned", files=(a_file(after=after),))
        runs.begin(a_run(name, host, kind=kind))
        runs.record(name, RunHost(host="kvm1", status="rolled_back"))
        assert ([] if kind == "apply" else ["sha256:two"]) == [file.after for file in runs.applied(["kvm1"])]


def test_host_that_nobody_planned_is_recorded_too(store):
    store.template_runs.begin(a_run())
    store.template_runs.record(FIRST, RunHost(host="kvm9", status="unreachable", message="no route"))
    assert ["kvm1", "kvm9"] == [host.host for host in store.template_runs.run(FIRST).hosts]


def test_message_that_no_database_takes_is_made_to_fit(store):
    store.template_runs.begin(a_run())
    store.template_runs.record(FIRST, RunHost(host="kvm1", status="failed", message="a\0b\ud800"))
    assert store.template_runs.run(FIRST).hosts[0].message.startswith("a")


def test_prune_keeps_what_a_host_has_now_and_what_is_not_finished(store):
    runs = store.template_runs
    third = "20260103-090000-cccc"
    for name, path in ((FIRST, "/etc/a"), (SECOND, "/etc/a")):
        runs.begin(a_run(name, RunHost(host="kvm1", status="planned", files=(a_file(path),))))
        runs.record(name, RunHost(host="kvm1", status="changed"))
        runs.finish(name, "ok")
    runs.begin(a_run(third))
    assert 1 == store.prune(0).runs
    assert [third, SECOND] == [run.run for run in runs.runs()]
    assert [] == store.check()


def test_runs_with_no_known_end_on_a_host_are_found_however_many_came_since(store):
    runs = store.template_runs
    for number, status in enumerate(["planned", "unknown", "waiting", "changed", "restored", *["changed"] * 25]):
        name = f"20260101-0900{number:02}-aaaa"
        runs.begin(
            a_run(name, RunHost(host="kvm1", status="planned", files=(a_file(),)), RunHost(host="kvm2", status=status))
        )
        runs.record(name, RunHost(host="kvm1", status="changed"))
    assert [] == runs.open_runs(["kvm1", "kvm3"])
    found = runs.open_runs(iter(["kvm2"]))
    assert ["waiting", "unknown", "planned"] == [run.hosts[1].status for run in found]
    assert (a_file(),) == found[0].hosts[0].files


def test_names_of_runs_are_found_by_their_beginning(store):
    for name in (FIRST, SECOND):
        store.template_runs.begin(a_run(name))
    assert [SECOND, FIRST] == store.template_runs.names()
    assert [SECOND] == store.template_runs.names(limit=1)
    assert [FIRST] == store.template_runs.names("20260101")
    assert [] == store.template_runs.names("2026%")


def test_run_that_an_omc_without_options_wrote_is_read(url):
    with open_store(url) as store:
        store.template_runs.begin(a_run())
    _migrate(url, "0002")
    upgrade_store(url)
    with open_store(url) as store:
        assert a_run(options=RunOptions()) == store.template_runs.run(FIRST)


def test_store_of_the_first_version_is_upgraded_with_what_is_in_it(url):
    _make_first_version(url)
    with pytest.raises(StoreError, match="older version 0001"):
        open_store(url)
    assert ("0001", CURRENT) == upgrade_store(url)[:2]
    with open_store(url) as store:
        _is_whole(store)


def _make_first_version(url: str) -> None:
    """Make a store, and take back what came after the first version."""
    with open_store(url) as store:
        store.finish(store.begin(actor="ada", selection="all"), "ok")
    _migrate(url, "0001")


def _migrate(url: str, version: str) -> None:
    """Take back what came after that version."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    from omc.inventory.store.upgrade import MIGRATIONS

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, version)
    engine.dispose()


def _is_whole(store: Store) -> None:
    assert [] == store.check()
    assert [("ada",)] == list(store.query("runs", columns=["actor"]))
    store.template_runs.begin(a_run())
    assert 1 == len(store.template_runs.runs())
