"""What a caller's name resolves to."""

from enum import StrEnum

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.traffic.registry import Entry


class AddressKind(StrEnum):
    """Whose address it is."""

    SERVICE = "the address of a Service"
    HEADLESS = "a pod's address, by the name of a headless Service"
    POD = "a pod's address"
    REGISTERED = "the address that a ServiceEntry's host has in the mesh"
    EXTERNAL = "an address outside of the cluster"
    LOOPBACK = "the caller's own pod"
    UNKNOWN = "not known"
    """A Service that was not read may have that name."""


class Address(Struct, frozen=True):
    """Where a caller connects to.

    ``host`` is the full host of the registry, empty for an address that belongs to none; ``entry`` is what registers it, whether the
    caller's proxy knows that or not. ``address`` is the IP address, empty where it is not known: then it is one that only this host has.
    ``is_pod`` says that it is the address of a pod, ``pod`` whose, where that is known. ``name`` is the full name that was resolved.
    ``without`` is the workload of a caller of whose pods one, its own, is not meant.
    ``unknown`` is what was not read of a host that a Service may have.
    """

    kind: AddressKind
    host: str = ""
    entry: Entry | None = None
    address: str = ""
    is_pod: bool = False
    pod: Workload | None = None
    name: str = ""
    without: Ref | None = None
    unknown: Unknown | None = None
