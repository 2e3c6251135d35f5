"""The tool refuses what istioctl refuses. Runs where ISTIOCTL names an istioctl of today."""

import os
from collections import Counter

import pytest

from kubectl_meshfix.validation.checks import CHECKS
from tests.validation.differential import drawn, verdicts
from tests.validation.manifests import of_pages


@pytest.mark.skipif(not os.environ.get("ISTIOCTL"), reason="needs an istioctl: ISTIOCTL")
def test_the_tool_refuses_what_istioctl_refuses() -> None:
    """Of objects of kinds with checks, changed in one place each, the same are refused but for what the schema alone refuses."""
    bases = [value for value in of_pages() if (value["apiVersion"].partition("/")[0], value["kind"]) in CHECKS]

    found = verdicts(os.environ["ISTIOCTL"], drawn(2000, 1, bases))

    assert [row for row in found if row.name in ("missed", "false alarm")] == []
    assert min(Counter(row.name for row in found)[name] for name in ("both refuse", "both admit")) > 100


def test_one_place_is_changed() -> None:
    """The same seed draws the same objects, most of which differ from what they began as."""
    bases = of_pages()

    assert drawn(50, 3, bases) == drawn(50, 3, bases)
    assert sum(value in bases for value in drawn(50, 3, bases)) < 25
