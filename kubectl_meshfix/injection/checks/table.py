"""THE table of the chain of injection: every check, its outcomes, and the only sentences there are about them."""

from kubectl_meshfix.chain.table import Row, rows
from kubectl_meshfix.injection.checks import apiserver, injector, kubelet

CHECKS: tuple[Row, ...] = (*rows(apiserver), *rows(injector), *rows(kubelet))
"""All rows, stage by stage, as the questions are asked."""
