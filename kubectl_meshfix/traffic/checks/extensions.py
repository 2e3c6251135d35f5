"""What changes a proxy beside Istio's own rules: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import EXTENSIONS

ALTERED = Check(
    id="extensions", stage=EXTENSIONS, question="Does anything else change what the proxy does?",
    source="pilot/pkg/model/push_context.go EnvoyFilters; pilot/pkg/model/extensions.go", of_each=True,
)  # fmt: skip
OPAQUE = Outcome(ALTERED, Status.UNKNOWN, "{object} changes this proxy; what it makes of requests is not evaluated.")
