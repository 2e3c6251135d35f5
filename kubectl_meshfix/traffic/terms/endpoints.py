"""Where a cluster's requests may arrive."""

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.terms.parties import Party


class Endpoint(Struct, frozen=True):
    """Pods that are alike for the mesh, and the port they are called on.

    ``ready`` is Unknown in files. ``count`` is how many there are; 1 where that is not known. ``address`` is one of theirs, empty where it
    is not known. ``has_tls_label`` is the label ``security.istio.io/tlsMode: istio``, by which callers know that it takes the mesh's TLS.
    ``given`` is what is taken for granted of its pods: where nobody knows whether they have a sidecar, there are two of them.
    """

    party: Party
    port: int
    ready: bool | Unknown = True
    count: int = 1
    address: str = ""
    has_tls_label: bool = False
    given: tuple[Given, ...] = ()
