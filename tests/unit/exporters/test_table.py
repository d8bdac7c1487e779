"""The metric tables: each mistake with file and line, a site's rows win, the shipped ones fit together."""

import pytest

from omc.errors import SiteError
from omc.exporters.mixin import check_mixin
from omc.exporters.reference import described, names, page
from omc.exporters.table import FOLDER, load_tables, read_tables
from omc.site import reference_root
from omc.site.mistakes import Mistakes

ROW = "metrics:\n- {name: my_level, type: gauge, help: Mine., collector: memory, key: balloon.current}\n"


def site(tmp_path, text, name="guest.yaml"):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / name).write_text(text)
    return tmp_path


def test_the_shipped_tables_rules_and_dashboards_fit_together():
    tables, mistakes = read_tables()
    check_mixin(reference_root() / FOLDER, names(tables), mistakes)
    assert [] == [str(mistake) for mistake in mistakes.errors]


def test_a_site_adds_rows_and_replaces_those_of_the_same_name(tmp_path):
    more = ROW + (
        "- {name: libvirt_domain_vcpu_current, type: gauge, help: Other., collector: vcpu, key: vcpu.current}\n"
        "collectors:\n  mine: {help: Mine., default: off}\n"
    )
    tables = load_tables(site(tmp_path, more))
    assert tables.guest["my_level"].key == "balloon.current"
    assert tables.guest["libvirt_domain_vcpu_current"].help == "Other."
    assert len(tables.guest) == len(load_tables().guest) + 1
    assert not tables.collectors["mine"].on


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "guest.yaml:1: expected a mapping, found a list"),
        ("metric: []", "guest.yaml:1: unknown key 'metric'"),
        ("metrics: {}", "guest.yaml:1: expected a list of metrics, found a mapping"),
        ("metrics:\n- 5", "guest.yaml:2: expected a metric, found the number '5'"),
        (ROW.replace("gauge", "level"), "guest.yaml:2: type: expected counter or gauge, found the text 'level'"),
        (ROW.replace("gauge", "counter"), "guest.yaml:2: my_level: a counter's name ends in _total, and no other"),
        (ROW.replace(", help: Mine.", ""), "guest.yaml:2: my_level: expected help in every metric"),
        (ROW.replace("my_level", "my-level"), "guest.yaml:2: name: expected the name of a metric"),
        (ROW.replace("collector: memory", "collector: memori"), "guest.yaml:2: my_level: unknown collector 'memori'"),
        (ROW.replace("balloon.current", "balloon.*.x"), "guest.yaml:2: my_level: expected 1 labels, one for each *"),
        (ROW.replace("key:", "divisor: 0, key:"), "guest.yaml:2: divisor: expected a whole number above 0"),
        (ROW.replace("key:", "labels: [a, a], key:"), "guest.yaml:2: labels: expected a list of different label names"),
        (ROW.replace("key:", "unit: s, key:"), "guest.yaml:2: unknown key 'unit'"),
        (ROW.replace("balloon.current", "vcpu.*.time, labels: [uuid]"), "guest.yaml:2: my_level: the label 'uuid' is"),
        ("collectors: {mine: 5}", "guest.yaml:1: mine: expected help and default, found the number '5'"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path, text, said):
    with pytest.raises(SiteError) as caught:
        load_tables(site(tmp_path, text))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mine: [{name: a, of: nothing}]", "no metric 'nothing'"),
        ("mine: [{name: a b, of: libvirt_up}]", "mine: a b: expected the name of a metric"),
        ("mine: [{name: a, of: libvirt_up, type: b}]", "mine: a: type: expected counter, gauge, histogram, found 'b'"),
        ("mine: [{name: libvirt_domains, of: libvirt_up}]", "libvirt_domains: a metric has this name already"),
        ("mine: [{name: a, of: libvirt_up}, {name: a, of: libvirt_domains}]", "a: this name is there more than once"),
        ("mine: [{name: a, of: libvirt_up, labels: {pool: p}}]", "mine: a: libvirt_up has no label 'pool'"),
        ("mine: [{name: a, of: libvirt_domain_vcpu_state, labels: {vcpu: uuid}}]", "a: expected different label names"),
        ("mine: [{name: a, of: libvirt_domain_vcpu_state, labels: {vcpu: a b}}]", "a: expected different label names"),
        ("mine: [{name: a}]", "compat.yaml:1: mine: Object missing required field `of`"),
    ],
)
def test_a_dialect_may_only_name_metrics_that_there_are(tmp_path, text, said):
    with pytest.raises(SiteError) as caught:
        load_tables(site(tmp_path, text, "compat.yaml"))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "row", "said"),
    [
        ("guest.yaml", "name: mine, key: vcpu.0.time", "mine: expected * in place of the number in its key"),
        ("guest.yaml", "name: mine, source: XML", "mine: nothing makes it: expected a key"),
        (
            "guest.yaml",
            "name: libvirt_domain_autostart, key: state.state",
            "libvirt_domain_autostart: it is made in code",
        ),
        ("host.yaml", "name: libvirt_node_cpus, key: state.state", "libvirt_node_cpus: a metric of a host has no key"),
        ("host.yaml", "name: mine, source: the paint", "mine: nothing makes it: metrics of a host are made in code"),
    ],
)
def test_a_row_that_would_give_no_series_is_named_and_left_out(tmp_path, name, row, said):
    """It keeps nobody from serving: a site's tables may be older than omc."""
    text = f"metrics:\n- {{type: gauge, help: Mine., collector: node, {row}}}\n"
    tables, mistakes = read_tables(site(tmp_path, text, name))
    (warning,) = mistakes.warnings
    assert f"{name}:2: {said}" in warning
    shipped = load_tables()
    assert (shipped.guest, shipped.host) == (tables.guest, load_tables(tmp_path).host)


def test_a_site_switches_a_metric_of_a_host_to_another_collector(tmp_path):
    text = "metrics:\n- {name: libvirt_node_cpus, type: gauge, help: Mine., collector: allocation}\n"
    assert load_tables(site(tmp_path, text, "host.yaml")).host["libvirt_node_cpus"].collector == "allocation"


def test_of_many_mistakes_the_first_is_told_and_what_lists_the_others(tmp_path):
    twice = ROW + ROW.removeprefix("metrics:\n").replace("memory", "nothing") + "more: 1\n"
    with pytest.raises(SiteError) as caught:
        load_tables(site(tmp_path, twice))
    assert "and 1 more: omc exporter check lists them" in caught.value.hint


def test_every_metric_stands_in_the_reference():
    tables = load_tables()
    text = page(tables)
    for name, *_ in described(tables):
        assert f"`{name}`" in text
    for name in names(tables):
        assert f"`{name}`" in text


def test_a_rule_file_of_any_shape_is_read(tmp_path):
    """Whether it is a rule file at all, promtool says."""
    (tmp_path / "rules").mkdir()
    odd = "- [expr]\n- ? [x]\n  : y\n  expr: libvirt_upp\n- expr: {a: [b]}\n- ? {expr: z}\n"
    (tmp_path / "rules" / "mine.yaml").write_text(odd)
    mistakes = Mistakes()
    check_mixin(tmp_path, names(load_tables()), mistakes)
    assert ["no metric 'libvirt_upp'"] == [mistake.message for mistake in mistakes.errors]


def test_a_rule_file_that_nobody_would_read_is_a_mistake(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yml").write_text("groups: []\n")
    mistakes = Mistakes()
    check_mixin(tmp_path, names(load_tables()), mistakes)
    ((message, hint),) = ((mistake.message, mistake.hint) for mistake in mistakes.errors)
    assert ("not read: the name of a rule file ends in .yaml", "call it mine.yaml") == (message, hint)


def test_a_rule_file_that_holds_itself_is_read_once(tmp_path):
    """Nor does one whose parts refer to each other many times over take long."""
    (tmp_path / "rules").mkdir()
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    (tmp_path / "rules" / "mine.yaml").write_text(f"l0: &l0 {{expr: libvirt_upp, more: &m [*m, *l0]}}\n{levels}")
    mistakes = Mistakes()
    check_mixin(tmp_path, names(load_tables()), mistakes)
    assert ["no metric 'libvirt_upp'"] == [mistake.message for mistake in mistakes.errors]


def test_a_rule_that_asks_for_nothing_that_is_measured_is_a_mistake(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yaml").write_text(
        "groups:\n- name: g\n  rules:\n  - {alert: A, expr: libvirt_upp == 0}\n"
    )
    mistakes = Mistakes()
    check_mixin(tmp_path, names(load_tables()), mistakes)
    assert ["no metric 'libvirt_upp'"] == [mistake.message for mistake in mistakes.errors]
