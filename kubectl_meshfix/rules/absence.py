"""What is not there: a fact on a cluster, and in files a fact about these files."""

from typing import NamedTuple

from kubectl_meshfix.rules.rule import Severity


def sentence(clause: str) -> str:
    """A clause as a sentence of its own."""
    return f"{clause[:1].upper()}{clause[1:]}."


class Absence(NamedTuple):
    """The message of a finding, and its severity; None for the rule's own."""

    message: str
    severity: Severity | None


def absence(what: str, effect: str, *, is_live: bool, is_slip: bool = False) -> Absence:
    """What an object refers to is absent: ``what`` it is, as in "gateway shop/public", and the ``effect`` as a clause, without a full stop.

    In files it is information, because it may be elsewhere. ``is_slip`` says that the files have what was meant instead; then it is
    as certain as on a cluster.
    """
    if is_live:
        return Absence(f"There is no {what}. {sentence(effect)}", None)
    if is_slip:
        return Absence(f"These files hold no {what}. {sentence(effect)}", None)
    return Absence(f"These files hold no {what}. If there is none elsewhere, {effect}.", Severity.INFO)
