"""What can be said of one branch of a trace: where it goes, whether policies let it through, and how it is protected."""

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.expectations.terms import Field
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.stages import POLICY, ROUTE, TLS
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.wire import Transport
from kubectl_meshfix.traffic.trace.answers import Branch

_TELLING = frozenset({Status.PASS, Status.FAIL, Status.WARN})

REFUSALS = frozenset(
    {
        Failure.DENIED, Failure.NOT_ALLOWED, Failure.BAD_PROVIDER, Failure.PROVIDER_DENIED, Failure.UNAUTHENTICATED,
        Failure.FORBIDDEN_TOKEN,
    }
)  # fmt: skip
"""Failures that policies or tokens cause."""

_GOES_NOWHERE = frozenset({Failure.NO_SUCH_NAME, Failure.NO_ROUTE, Failure.BLOCKED, Failure.FAULT, Failure.HTTP_1_0, Failure.NO_HOST})
"""Failures before any destination is chosen."""


def has_destination(branch: Branch) -> bool:
    """Whether a route or the registry chose where it goes; not so where a proxy answers by itself."""
    ending = branch.ending
    return ending.arrives is not False or (ending.failure is not None and ending.failure not in _GOES_NOWHERE)


def goes_to(branch: Branch, destination: str, namespace: str) -> bool:
    """Whether it goes to a host (``catalog``, ``catalog.shop``, in full), with a port or without, or to pods (``deploy/catalog``)."""
    if not has_destination(branch):
        return False
    if "/" in destination:
        return _is_made_by(branch, destination)
    to = branch.to
    host, port = _split(destination)
    names = {host, f"{host}.{namespace}"} if "." not in host else {host}
    return port in (0, to.port) and any(to.host == name or to.host.startswith(f"{name}.svc.") for name in names)


def _is_made_by(branch: Branch, word: str) -> bool:
    workload = branch.to.party.workload if branch.to.party else None
    kind, _, name = word.partition("/")
    return bool(workload and workload.kind in kinds.named(kind) and workload.name == name)


def _split(destination: str) -> tuple[str, int]:
    host, colon, port = destination.rpartition(":")
    return (host.lower(), int(port)) if colon and port.isdecimal() else (destination.lower(), 0)


def is_allowed(branch: Branch) -> bool | None:
    """Whether policies let it through; None where it ends before any is asked."""
    ending = branch.ending
    if ending.failure in REFUSALS:
        return False
    was_asked = bool(branch.hops) and any(step.stage == POLICY for step in branch.hops[-1].steps)
    return True if ending.arrives or (was_asked and ending.arrives is not None) else None


def is_mutual_tls(branch: Branch) -> bool | None:
    """Whether the last connection is the mesh's mutual TLS; None where the request does not get so far."""
    transport = branch.ending.transport
    return None if transport is None else transport in (Transport.ISTIO, Transport.HBONE)


def deciding_step(branch: Branch, field: Field) -> Step | None:
    """The step that decided what a field is about; None where a request arrives and nothing alone decides that."""
    match field:
        case Field.DESTINATION | Field.SUBSET | Field.SHARE:
            found = [step for step in branch.steps if step.stage == ROUTE and step.at and step.status in _TELLING]
            return found[-1] if found else branch.ending.by
        case Field.MTLS:
            found = [step for step in branch.steps if step.stage == TLS and step.at and step.status in _TELLING]
            return found[-1] if found else None
        case Field.GIVEN:
            return None
        case _:
            return None if branch.ending.arrives else branch.ending.by


def flags(branch: Branch) -> frozenset[str]:
    """The response flags of the caller's access log, else of the server's."""
    log = branch.ending.client or branch.ending.server
    return frozenset(filter(None, log.flag.split(","))) if log else frozenset()
