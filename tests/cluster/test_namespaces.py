"""A namespace that is not there is not one without mistakes."""

import pytest

from kubectl_meshfix.errors import UsageError
from tests.cluster.conftest import Lab
from tests.cluster.test_loop import run
from tests.cluster.test_rights import open_cart, open_cart_for_a_team

pytestmark = pytest.mark.vcr


def test_a_namespace_that_is_not_there_is_an_error(lab: Lab) -> None:
    """Every verb says so, with the nearest one that is there."""
    lab.prepare(open_cart)

    for words in (["diagnose"], ["diagnose", "svc/cart"], ["apply", "--yes"], ["explain", "pods"], ["explain", "deploy/cart"]):
        with pytest.raises(UsageError, match='There is no namespace "shpo"') as error:
            run(lab, *words, "-n", "shpo")
        assert "Did you mean shop?" in error.value.hint


def test_who_may_not_know_is_told_nothing_of_it(lab: Lab) -> None:
    """With rights on one namespace nobody can say which others there are."""
    lab.prepare(open_cart_for_a_team)

    assert run(lab, "explain", "pods", "-n", "shop", user="viewer")[:2] == (0, "No pods in namespace shop.\n")
