"""Which hosts belong together."""

import pytest

from omc.site.clusters import cluster_name


@pytest.mark.parametrize(
    ("groups", "named", "name"),
    [
        (("prod", "rack1"), (), "prod+rack1"),
        ((), (), "all"),
        (("prod", "rack1"), ("rack2", "rack1", "prod"), "rack1"),
        (("prod", "rack1"), ("rack2",), "prod+rack1"),
    ],
)
def test_a_named_group_wins_over_all_groups_together(
    groups: tuple[str, ...], named: tuple[str, ...], name: str
) -> None:
    """The first that is named, in the site's order."""
    assert name == cluster_name(groups, named)
