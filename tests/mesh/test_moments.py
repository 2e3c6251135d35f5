"""How old things are, as far as anything tells."""

from datetime import UTC, datetime, timedelta

import pytest

from kubectl_meshfix.mesh import moments
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.resources.meta import Meta

NOON = "2026-03-01T12:00:00Z"


def config_map(name: str, made: str | None) -> ConfigMap:
    """An object that was made at a moment."""
    return ConfigMap(metadata=Meta(name=name, namespace="shop", creation_timestamp=made))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NOON, datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T13:00:00+01:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_has_a_time_zone(text: str | None, found: datetime | None) -> None:
    """What names none might be any hour, and is no moment."""
    assert moments.moment(text) == found


@pytest.mark.parametrize(
    ("taken_at", "made", "age"),
    [
        (NOON, "2026-03-01T11:55:00Z", timedelta(minutes=5)),
        (NOON, None, None),
        ("noon", "2026-03-01T11:55:00Z", None),
        (None, "2026-03-01T11:00:00Z", timedelta(minutes=30)),
        (None, "2026-03-01T12:30:00+01:00", timedelta()),
        (None, None, None),
    ],
)
def test_an_age_needs_both_ends(taken_at: str | None, made: str | None, age: timedelta | None) -> None:
    """When it was made, and when the cluster was read; files were written after the youngest object that they hold."""
    obj, other = config_map("one", made), config_map("other", "2026-03-01T11:30:00Z")

    assert moments.age(Mesh([obj, other], taken_at=taken_at), obj) == age


def test_files_without_times_tell_none() -> None:
    """Nobody knows then how old they are."""
    assert moments.now(Mesh([config_map("one", None)])) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min"), (90, "2 min"), (3540, "59 min"), (3599, "60 min"), (3600, "1 h"), (5400, "2 h"), (86400, "24 h")],
)
def test_from_an_hour_on_time_is_told_in_hours(seconds: int, words: str) -> None:
    """Minutes before it, each rounded."""
    assert moments.span(timedelta(seconds=seconds)) == words
