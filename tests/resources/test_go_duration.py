"""Durations are read as Go reads them."""

import pytest

from kubectl_meshfix.resources.go_duration import nanoseconds, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5s", 1.5), ("1h2m", 3720.0), ("10ms", 0.01), ("0", 0.0), ("0s", 0.0), (".5m", 30.0), ("1m30s", 90.0)]
    + [(text, None) for text in ("", "5", "1 s", "s", "-1s", "1d")],
)
def test_a_duration_is_a_number_of_seconds(text: str, value: float | None) -> None:
    """Several units add up; what has no unit, or one that Go does not know, is no duration."""
    assert seconds(text) == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5ms", 1_500_000), ("-10ms", -10_000_000), ("+1s", 1_000_000_000), ("100us", 100_000), ("0", 0), ("1h1ns", 3_600_000_000_001)]
    + [(text, None) for text in ("", "-", "5", "1d", "--1s")],
)
def test_a_duration_is_told_to_the_nanosecond(text: str, value: int | None) -> None:
    """No part of one is lost, and it may be negative."""
    assert nanoseconds(text) == value
