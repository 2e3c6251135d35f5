"""What is not there: said as a fact where everything was read, and as what these files hold where it may stand elsewhere."""

from typing import NamedTuple

from kubectl_meshfix.rules.rule import Severity


class Absence(NamedTuple):
    """The message of a finding, and its severity; None for the rule's own."""

    message: str
    severity: Severity | None


def absence(what: str, effect: str, *, is_certain: bool) -> Absence:
    """What an object refers to is absent: ``what`` it is, as in "gateway shop/public", and the ``effect``, both without a full stop.

    It is certain on a cluster, and in files that show what was meant instead; elsewhere it is mere information.
    """
    if is_certain:
        return Absence(f"There is no {what}: {effect}.", None)
    return Absence(f"These files hold no {what}. Unless there is one elsewhere, {effect}.", Severity.INFO)
