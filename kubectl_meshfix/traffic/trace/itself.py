"""A pod that calls itself: by its own address, or by the name of a headless Service, which leads to any of the pods behind it."""

from fractions import Fraction

import msgspec

from kubectl_meshfix.chain.steps import step
from kubectl_meshfix.traffic.checks.capture import OWN_ADDRESS
from kubectl_meshfix.traffic.checks.server import ITSELF
from kubectl_meshfix.traffic.client.address import Address
from kubectl_meshfix.traffic.destination.endpoints import endpoints_of_address
from kubectl_meshfix.traffic.destination.tls import plain_wire
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Hop
from kubectl_meshfix.traffic.trace.arriving import delivered
from kubectl_meshfix.traffic.trace.routing import part
from kubectl_meshfix.traffic.trace.way import SERVER, Leg, Way, after, tell, with_steps


def itself(way: Way, hop: Hop, address: Address) -> Branch | None:
    """The part of a pod's calls that get its own address; None where none do.

    Such a connection stays inside the pod, where neither its sidecar nor ztunnel gets it (`tools/istio-iptables/pkg/capture/run.go Run`,
    `cni/pkg/iptables/iptables.go`). A Service with an address of its own leads out of the pod, and back in through its proxy. Which pod of
    a workload calls is not said: of the address of one pod among several, another is taken to be the caller.
    """
    if not address.is_pod or hop.party.plane not in (Plane.SIDECAR, Plane.AMBIENT) or hop.party.workload is None:
        return None
    steps = list(hop.steps)
    found = tell(endpoints_of_address(way.mesh, address, way.request.port), steps)
    own = None if isinstance(found, Failure) else next((item for item in found if _is_of(item, hop.party)), None)
    if isinstance(found, Failure) or own is None or (address.address and own.count > 1):
        return None
    endpoint = msgspec.structs.replace(own, count=1)
    steps.append(step(OWN_ADDRESS, address=address.address or address.name or address.host))
    line = msgspec.structs.replace(plain_wire(hop.party, way.request), by_proxy=False)
    to = Destination(
        host=address.host or way.request.host, port=way.request.port, party=endpoint.party, container_port=endpoint.port
    )  # fmt: skip
    leg = Leg(way=way, hop=with_steps(hop, steps), endpoint=endpoint, line=line, to=to, share=_share(own, found))
    server = Hop(role=SERVER, party=endpoint.party, steps=(step(ITSELF, server=str(endpoint.party)),))
    return after(leg, delivered(server, leg, to))


def _share(own: Endpoint, found: tuple[Endpoint, ...]) -> Fraction:
    return part(own, found) / own.count


def _is_of(endpoint: Endpoint, party: Party) -> bool:
    """Whether an endpoint is pods of the same workload, with the same proxy."""
    workload = endpoint.party.workload
    return bool(workload and party.workload and workload.ref == party.workload.ref and endpoint.party.plane is party.plane)
