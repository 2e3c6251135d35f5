"""Who takes part: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import FOUND

PLANE = Check(id="plane", stage=FOUND, question="Which proxy stands before the pods?", source="pkg/kube/inject/inject.go; cni/pkg/util")
GATEWAY = Outcome(PLANE, Status.PASS, "{workload} is {plane}.")
OBSERVED = Outcome(PLANE, Status.PASS, "The running pods of {workload} have {plane}.")
MIXED = Outcome(PLANE, Status.WARN, "The running pods of {workload} differ; those with {plane} are looked at.")
PREDICTED = Outcome(PLANE, Status.PASS, "New pods of {workload} get {plane}: {why}.")
UNKNOWN = Outcome(PLANE, Status.UNKNOWN, "Whether pods of {workload} get a sidecar is not known: {why}.")
