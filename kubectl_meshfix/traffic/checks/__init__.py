"""THE table of the chain of a request: every check, its outcomes, and the only sentences there are about them."""

from kubectl_meshfix.chain.table import Row, rows
from kubectl_meshfix.traffic.checks import address, capture, listener, party, scope

CHECKS: tuple[Row, ...] = (*rows(party), *rows(address), *rows(capture), *rows(scope), *rows(listener))
"""All rows, stage by stage, as the questions are asked."""
