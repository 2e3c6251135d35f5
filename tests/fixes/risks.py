"""The law of risks: what must hold of every fix that a rule offers, wherever it was seen."""

import re

from kubectl_meshfix.fixes.fix import Fix, Safety

LONGEST = 160
"""Characters of a risk; the voice asks for no more of any message."""


def must_name_its_risk(fix: Fix | None) -> None:
    """A fix that is neither safe nor by hand names its risk in one sentence; the others name none."""
    if fix is None:
        return
    if fix.safety in (Safety.SAFE, Safety.MANUAL):
        assert fix.risk is None, fix
        return
    assert fix.risk, fix
    assert len(fix.risk) <= LONGEST, fix.risk
    assert fix.risk.endswith("."), fix.risk
    assert not re.search(r"[.!?] [A-Z]", fix.risk), f"more than one sentence: {fix.risk}"
    assert fix.risk[0].isupper() or fix.risk[0].isdigit(), fix.risk
