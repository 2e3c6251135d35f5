"""What a trace comes to: the way through each proxy, where it ends, and with which share."""

from fractions import Fraction

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.checks.observed import CAUSE
from kubectl_meshfix.traffic.destination.cluster import Cluster
from kubectl_meshfix.traffic.responses import Log, Symptom
from kubectl_meshfix.traffic.server.inbound import Chain
from kubectl_meshfix.traffic.stages import EXTENSIONS, PROXY
from kubectl_meshfix.traffic.terms.addresses import Address
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.gateways import GatewayRoute
from kubectl_meshfix.traffic.terms.listeners import Listener
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.routes import Rule, Target
from kubectl_meshfix.traffic.terms.wire import Transport, Wire


class Chosen(Struct, frozen=True):
    """What a proxy makes of a request, in the types of the rooms that decided; None for what was not reached.

    ``request`` is what its routes saw: its path is normalised. ``target`` is where the rule sends this part of the requests, ``cluster``
    what it has for that, ``endpoints`` all that are behind it, and ``endpoint`` the one that this way leads to, over ``line``. Of a server
    these two are what comes to it, and ``chain`` is what takes it.
    """

    address: Address | None = None
    listener: Listener | GatewayRoute | None = None
    request: Request | None = None
    rule: Rule | None = None
    target: Target | None = None
    cluster: Cluster | None = None
    endpoints: tuple[Endpoint, ...] = ()
    endpoint: Endpoint | None = None
    line: Wire | None = None
    chain: Chain | None = None


class Hop(Struct, frozen=True):
    """One proxy or pod on the way: who it is, what it does there (``client``, ``gateway``, ``waypoint``, ``server``), and its steps.

    ``chosen`` is what it decided, for whoever holds that against what the proxy itself has.
    """

    role: str
    party: Party
    steps: tuple[Step, ...]
    chosen: Chosen = Chosen()


class Destination(Struct, frozen=True):
    """Where a branch leads: a full host, its port and subset, and the pods behind it with the port they are called on."""

    host: str = ""
    port: int = 0
    subset: str = ""
    party: Party | None = None
    container_port: int = 0


class Ending(Struct, frozen=True):
    """How a branch ends.

    ``arrives`` is None where nobody knows. ``status`` is what the caller sees where a proxy answers; where it arrives, the application
    decides. Without a status, ``symptom`` says what the caller sees. ``by`` is the step that decided. ``client`` and ``server`` are what
    the access logs of the two sides say; None where nothing is written.
    """

    arrives: bool | None
    status: int | None = None
    symptom: Symptom | None = None
    body: str = ""
    failure: Failure | None = None
    by: Step | None = None
    client: Log | None = None
    server: Log | None = None
    transport: Transport | None = None
    location: str = ""


class Branch(Struct, frozen=True):
    """One way of a request: its share of all requests for which ``given`` holds, the hops on it, where it leads and how it ends."""

    share: Fraction
    given: tuple[Given, ...]
    hops: tuple[Hop, ...]
    to: Destination
    ending: Ending
    delay: float = 0.0
    timeout: float | None = None
    mirrors: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, hop by hop."""
        return tuple(step for hop in self.hops for step in hop.steps)


class Trace(Struct, frozen=True):
    """A request, and every way it may take; those that end alike are one."""

    caller: Party
    request: Request
    branches: tuple[Branch, ...]

    @property
    def arrives(self) -> bool | None:
        """Whether it arrives on every way; False where it does on none, None where it may or may not.

        It may not where something that nobody here evaluates changes a proxy on the way, or a proxy that was asked has something else.
        """
        found = {branch.ending.arrives for branch in self.branches}
        return None if len(found) > 1 or self.altering or self.parted else found.pop()

    @property
    def altering(self) -> tuple[str, ...]:
        """The EnvoyFilters and WasmPlugins on the way, by kind and name."""
        steps = (step for branch in self.branches for step in branch.steps if step.stage == EXTENSIONS)
        return tuple(dict.fromkeys(str(step.args["object"]) for step in steps))

    @property
    def parted(self) -> tuple[Step, ...]:
        """Where a proxy that was asked has something else than the objects say, once each."""
        found = {step.identity: step for branch in self.branches for step in branch.steps if _parts(step)}
        return tuple(found.values())

    @property
    def foremost(self) -> Branch:
        """The branch to speak of first: of those that do not arrive the one with the largest share, else the largest."""
        return max(self.branches, key=lambda branch: (branch.ending.arrives is not True, not branch.given, branch.share))

    @property
    def unknowns(self) -> tuple[Step, ...]:
        """The steps that could not be decided, once each."""
        found = {step.identity: step for branch in self.branches for step in branch.steps if step.status is Status.UNKNOWN}
        return tuple(found.values())


def _parts(step: Step) -> bool:
    return step.stage == PROXY and step.status is Status.WARN and step.outcome.check is not CAUSE
