"""THE table of the chain of a request: every check, its outcomes, and the only sentences there are about them."""

from kubectl_meshfix.chain.table import Row, rows
from kubectl_meshfix.traffic.checks import gateway, host, party, route

CHECKS: tuple[Row, ...] = (*rows(party), *rows(host), *rows(route), *rows(gateway))
"""All rows, stage by stage, as the questions are asked."""
