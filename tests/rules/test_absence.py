"""What is not there."""

from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Severity


def test_files_are_sure_of_nothing_that_may_stand_elsewhere() -> None:
    """Absence is a fact on a cluster. Files tell what they hold; without a slip that explains it, it is information with a condition."""
    assert absence("gateway shop/public", "requests get 404", is_live=True) == (
        "There is no gateway shop/public. Requests get 404.",
        None,
    )
    assert absence("gateway shop/public", "requests get 404", is_live=False, is_slip=True) == (
        "These files hold no gateway shop/public. Requests get 404.",
        None,
    )
    assert absence("gateway shop/public", "requests get 404", is_live=False) == (
        "These files hold no gateway shop/public. If there is none elsewhere, requests get 404.",
        Severity.INFO,
    )
