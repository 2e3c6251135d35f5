"""Durations as Go writes them (`time.ParseDuration`): in flags, in Istio's objects, in Gateway API."""

import re

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)"


def seconds(text: str) -> float | None:
    """``1.5s`` or ``1h2m`` in seconds; None for what is no duration, or a negative one. A zero may come without a unit."""
    if text == "0":
        return 0.0
    if not re.fullmatch(f"({_PART})+", text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text))


def nanoseconds(text: str) -> int | None:
    """``1.5s`` or ``-10ms`` in whole nanoseconds; None for what is no duration."""
    sign, bare = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if bare == "0":
        return 0
    if not re.fullmatch(f"({_PART})+", bare):
        return None
    from decimal import Decimal  # noqa: PLC0415 -- a start-up of few objects has no time for it

    return sign * sum(int(Decimal(number) * round(_UNITS[unit] * 1e9)) for number, unit in re.findall(_PART, bare))
