"""Nothing that a small change of a kubeconfig comes to changes unseen."""

import pytest

from tests.variants import kubeconfigs


@pytest.mark.parametrize("number", range(kubeconfigs.NUMBER))
def test_what_a_kubeconfig_comes_to_has_been_read(number: int) -> None:
    """The line is that of kubeconfigs.txt. If it is to be another: make docs, and read the diff."""
    known = kubeconfigs.FILE.read_text(encoding="utf-8").splitlines()

    assert list(kubeconfigs.lines(number)) == known[2 * number : 2 * number + 2]
