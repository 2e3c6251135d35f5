"""Kinds that tell whether pods are in the mesh: apart from what reads them, for the many that only name them."""

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = (*control_plane.INPUTS, kinds.NAMESPACE, kinds.NODE)
"""Kinds that decide which webhooks are called, what the injector does, and whether a sidecar is a native one.

Any of them may be missing or unreadable; the answer then says that it is assumed, or unknown.
"""

WORKLOAD_INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*INPUTS, *kinds.WORKLOADS)))
"""The same, and the workloads."""

CALL_INPUTS: tuple[Kind, ...] = (kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.DEPLOYMENT, kinds.POD, kinds.CONFIG_MAP)
"""Kinds the way to the injector is read from, where the injector is."""
