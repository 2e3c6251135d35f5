"""THE table of the chain of a request: every check, its outcomes, and the only sentences there are about them."""

from kubectl_meshfix.chain.table import Row, rows
from kubectl_meshfix.traffic.checks import address, capture, cluster, endpoints, listener, party, scope, server, tls

CHECKS: tuple[Row, ...] = (*rows(party), *rows(address), *rows(capture), *rows(scope), *rows(listener), *rows(cluster), *rows(endpoints), *rows(tls), *rows(server))
"""All rows, stage by stage, as the questions are asked."""
