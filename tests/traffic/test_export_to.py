"""An ``exportTo`` means namespaces."""

import pytest

from kubectl_meshfix.traffic.export_to import exported


@pytest.mark.parametrize(
    ("words", "namespaces"),
    [([], set()), (["*", "~"], {"*"}), (["~", "web"], set()), ([".", "web"], {"shop", "web"})],
)
def test_a_star_decides_over_a_tilde_over_names(words: list[str], namespaces: set[str]) -> None:
    """A dot is the own namespace."""
    assert exported(words, "shop") == namespaces
