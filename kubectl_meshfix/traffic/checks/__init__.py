"""THE table of the chain of a request: every check, its outcomes, and the only sentences there are about them."""

from kubectl_meshfix.chain.table import Row, rows
from kubectl_meshfix.traffic.checks import authentication, party, policy

CHECKS: tuple[Row, ...] = (*rows(party), *rows(authentication), *rows(policy))
"""All rows, stage by stage, as the questions are asked."""
