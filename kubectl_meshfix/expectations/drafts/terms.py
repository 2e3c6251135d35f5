"""What a first file of expectations holds."""

from collections.abc import Mapping

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.expectations.terms import Expected
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.terms.conditions import Condition
from kubectl_meshfix.traffic.terms.request import Request, Scheme


class RequestDraft(Struct, frozen=True):
    """One request that a route takes, and what happens to it now. ``caller`` is the word for who makes it."""

    title: str
    caller: str
    namespace: str
    request: Request
    expected: tuple[Expected, ...]


class WorkloadDraft(Struct, frozen=True):
    """Whether new pods of a workload get a sidecar."""

    workload: str
    namespace: str
    injected: bool


class NoDraft(Struct, frozen=True):
    """Something that no expectation can be written for, and why not."""

    title: str
    why: str


Draft = RequestDraft | WorkloadDraft | NoDraft


class Opening(Struct, frozen=True):
    """Where requests for a route come in: a gateway (``gateway/NAME`` of a namespace), or any sidecar where there is none.

    ``conditions`` are those of one match of the route; ``labels`` and ``namespaces`` are those that its callers must have.
    """

    scheme: Scheme
    host: str
    port: int
    gateway: str = ""
    namespace: str = ""
    conditions: tuple[Condition, ...] = ()
    labels: Mapping[str, str] = {}
    namespaces: tuple[str, ...] = ()


class RouteWays(Struct, frozen=True):
    """A route, and the openings through which a request may come to it."""

    at: Where
    openings: tuple[Opening, ...]
