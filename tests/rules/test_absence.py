"""What is not there."""

from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Severity


def test_files_are_sure_of_nothing_that_may_stand_elsewhere() -> None:
    """Absence is a fact with the rule's own severity where it is certain, and information with a condition elsewhere."""
    assert absence("gateway shop/public", "requests get 404", is_certain=True) == (
        "There is no gateway shop/public: requests get 404.",
        None,
    )
    assert absence("gateway shop/public", "requests get 404", is_certain=False) == (
        "These files hold no gateway shop/public. Unless there is one elsewhere, requests get 404.",
        Severity.INFO,
    )
