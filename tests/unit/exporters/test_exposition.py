"""The text format: escaped, grouped, filled; and what the parser makes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from omc.exporters.exposition import Family, Line, Plan, Writer, joined, labels, openmetrics, written

COUNTER = Family("read_bytes_total", "counter", 'Bytes that were "read".')
GAUGE = Family("level", "gauge", "A level\nof 100 %, with \\.")
STATE = Family("state", "gauge", "The state.")
FAMILIES = [STATE, COUNTER, GAUGE]


def page(*guests: tuple[list[Line], dict]) -> bytes:
    return rendered(Writer(FAMILIES), *((Plan(lines, values, budget=1000), values) for lines, values in guests))


def rendered(writer: Writer, *parts: tuple[Plan, dict]) -> bytes:
    return writer.render([(plan, plan.fill(values)) for plan, values in parts])


def line(family: Family, who: str, **more) -> Line:
    return Line(family.name, labels([("domain", who)]), **more)


def test_series_of_one_metric_stand_together_under_one_header():
    guests = [([line(GAUGE, who, key="a"), line(COUNTER, who, key="b")], {"a": 1, "b": 2}) for who in ("x", "y")]
    assert page(*guests).decode().splitlines() == [
        '# HELP read_bytes_total Bytes that were "read".',
        "# TYPE read_bytes_total counter",
        'read_bytes_total{domain="x"} 2',
        'read_bytes_total{domain="y"} 2',
        "# HELP level A level\\nof 100 %, with \\\\.",
        "# TYPE level gauge",
        'level{domain="x"} 1',
        'level{domain="y"} 1',
    ]


@pytest.mark.parametrize(
    ("value", "scale", "shown"),
    [
        (5, {}, "5"),
        (2**62, {}, str(2**62)),
        (5, {"multiplier": 1024}, "5120"),
        (1_500_000_000, {"divisor": 10**9}, "1.5"),
        (1, {"divisor": 10**9}, "1e-09"),
        (True, {}, "1"),
        (False, {}, "0"),
    ],
)
def test_values_are_scaled_to_base_units(value, scale, shown):
    assert page(([line(GAUGE, "x", key="k", **scale)], {"k": value})).decode().split()[-1] == shown


def test_a_key_that_is_not_there_or_is_no_number_gives_no_line():
    lines = [line(GAUGE, "x", key="absent"), line(COUNTER, "x", key="word")]
    assert b"" == page((lines, {"word": "text"}))


def test_a_state_set_says_one_for_the_state_and_zero_for_the_others():
    states = line(STATE, "x", key="s", states=("off", "on"))
    for value, ones in ((0, [1, 0]), (1, [0, 1]), (7, [0, 0])):
        (family,) = parse(page(([states], {"s": value})).decode())
        assert ones == [sample.value for sample in family.samples]
        assert ["off", "on"] == [sample.labels["state"] for sample in family.samples]


def test_only_the_current_state_may_be_one_series_with_its_number():
    states = line(STATE, "x", key="s", states=("off", "on"), state_label="state_desc", only_current=True)
    (family,) = parse(page(([states], {"s": 1})).decode())
    assert [({"domain": "x", "state_desc": "on"}, 1.0)] == [(one.labels, one.value) for one in family.samples]


def test_a_budget_leaves_out_what_comes_last_and_counts_it():
    lines = [line(STATE, "x", key="s", states=("off", "on")), line(COUNTER, "x", key="a"), line(GAUGE, "x", key="a")]
    plan = Plan(lines, {"s": 0, "a": 1}, budget=3)
    assert (3, 1) == (plan.series, plan.dropped)


def test_the_same_plans_are_filled_again_and_new_ones_change_the_page():
    writer = Writer(FAMILIES)
    first = Plan([line(GAUGE, "x", key="k")], {"k": 1}, budget=9)
    assert rendered(writer, (first, {"k": 1})).endswith(b'level{domain="x"} 1\n')
    assert rendered(writer, (first, {"k": 2})).endswith(b'level{domain="x"} 2\n')
    second = Plan([line(GAUGE, "y", key="k")], {"k": 1}, budget=9)
    assert rendered(writer, (first, {"k": 3}), (second, {"k": 4})).endswith(b'"x"} 3\nlevel{domain="y"} 4\n')
    assert rendered(writer) == b""


@given(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40),
    st.text('%s\\"\n{}', max_size=12),
)
def test_any_text_is_a_label_and_comes_back_as_it_was(name, other):
    given_labels = labels([("domain", name), ("title", other)])
    body = written(FAMILIES, [Line(GAUGE.name, given_labels, value=1)])
    for families in (parse(body.decode()), parse_openmetrics(b"".join(openmetrics([body])).decode())):
        ((sample,),) = (family.samples for family in families)
        assert {"domain": name, "title": other} == sample.labels


def test_openmetrics_names_a_counter_without_its_suffix_and_ends():
    body = b"".join(openmetrics([page(([line(COUNTER, "x", key="a")], {"a": 1}))])).decode()
    assert body.splitlines() == [
        '# HELP read_bytes Bytes that were \\"read\\".',
        "# TYPE read_bytes counter",
        'read_bytes_total{domain="x"} 1',
        "# EOF",
    ]


def test_openmetrics_keeps_a_counters_name_where_another_metric_has_the_short_one():
    families = [Family("swap_total", "counter", "."), Family("swap", "gauge", ".")]
    body = b"".join(
        openmetrics([written(families, [Line("swap_total", "", value=1), Line("swap", "", value=2)])])
    ).decode()
    assert ["swap_total", "swap"] == [family.name for family in parse_openmetrics(body)]


def test_labels_are_joined_with_or_without_others():
    assert ["a", "b", "a,b", ""] == [joined("a", ""), joined("", "b"), joined("a", "b"), joined("", "")]
