"""What speaks for a port's protocol: every witness is named, the strongest is heard, a contradiction is never settled by a guess."""

from collections.abc import Iterator, Sequence
from enum import IntEnum

from kubectl_meshfix.fixes import words
from kubectl_meshfix.mesh import hosts, protocols
from kubectl_meshfix.mesh.ports import container_port, targets
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Container, Probe, Service, ServicePort
from kubectl_meshfix.resources.gateway_api import GRPCRoute, KubernetesHTTPRoute, TCPRoute, TLSRoute
from kubectl_meshfix.resources.istio_networking import VirtualService
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.resources.networking import Ingress

KINDS: tuple[Kind, ...] = (
    *kinds.WORKLOADS,
    kinds.VIRTUAL_SERVICE,
    kinds.HTTP_ROUTE,
    kinds.GRPC_ROUTE,
    kinds.TCP_ROUTE,
    kinds.TLS_ROUTE,
    kinds.INGRESS,
)
"""Kinds that may hold a witness."""


class Strength(IntEnum):
    """How much a witness is worth."""

    HINT = 1
    """A number or an image: what it mostly means."""
    WORD = 2
    """What somebody called it."""
    PROOF = 3
    """It would not work today if it were otherwise."""


class Witness(Struct, frozen=True):
    """One piece of evidence, in words that can be shown."""

    protocol: Protocol
    strength: Strength
    text: str


class Inference(Struct, frozen=True):
    """What the witnesses make of a port; ``protocol`` is None where there are none or the strongest disagree."""

    protocol: Protocol | None
    is_proven: bool
    witnesses: tuple[Witness, ...]

    @property
    def evidence(self) -> tuple[str, ...]:
        """The witnesses' words, strongest first, with what each speaks for."""
        return tuple(f"{witness.text}: {witness.protocol}" for witness in self.witnesses)


def infer(mesh: Mesh, service: Service, port: ServicePort) -> Inference:
    """The protocol of a Service's port, from everything that was read, or from what somebody said of it."""
    told = mesh.preferences.protocol(service, port)
    if told:
        return Inference(protocol=told, is_proven=True, witnesses=(Witness(protocol=told, strength=Strength.PROOF, text="--protocol"),))
    heard = sorted({witness.text: witness for witness in _hear(mesh, service, port)}.values(), key=lambda item: (-item.strength, item.text))
    if not heard:
        return Inference(protocol=None, is_proven=False, witnesses=())
    strongest = [witness for witness in heard if witness.strength is heard[0].strength]
    protocol = _agreed({witness.protocol for witness in strongest})
    undisputed = protocol is not None and all(_compatible(witness.protocol, protocol) for witness in heard)
    return Inference(protocol=protocol, is_proven=undisputed and heard[0].strength is Strength.PROOF, witnesses=tuple(heard))


def _agreed(said: set[Protocol]) -> Protocol | None:
    """One protocol, or the most telling of several HTTP ones where the rest only say "HTTP"."""
    if len(said) > 1 and said <= HTTP_LIKE:
        said = said - {Protocol.HTTP}
    return said.pop() if len(said) == 1 else None


def _compatible(weaker: Protocol, protocol: Protocol) -> bool:
    return (
        weaker is protocol or (weaker is Protocol.HTTP and protocol in HTTP_LIKE) or (weaker is Protocol.TCP and protocol not in HTTP_LIKE)
    )


def _hear(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[Witness]:
    behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    for workload in behind:
        yield from _siblings(mesh, service, port, workload)
        yield from _containers(workload, port)
    yield from _routes(mesh, service, port)
    word = words.said_by(port.app_protocol or "") or words.said_by(port.name)
    if word:
        where = "appProtocol" if port.app_protocol and words.said_by(port.app_protocol) else "name"
        shown = port.app_protocol if where == "appProtocol" else port.name
        yield Witness(protocol=word, strength=Strength.WORD, text=f'the port\'s {where} "{shown}"')
    numbers = {port.port, *(number for workload in behind if (number := container_port(port, workload.spec)))}
    for number in sorted(numbers & set(words.NUMBERS)):
        yield Witness(protocol=words.NUMBERS[number], strength=Strength.HINT, text=f"port number {number}")


def _siblings(mesh: Mesh, service: Service, port: ServicePort, workload: Workload) -> Iterator[Witness]:
    number = container_port(port, workload.spec)
    for target in targets(mesh, workload):
        verdict = protocols.verdict(target.port)
        is_other = target.service.name != service.name or target.port is not port
        if (
            is_other
            and target.number == number
            and verdict.decided_by in ("name", "appProtocol")
            and verdict.protocol not in (Protocol.UNSUPPORTED, Protocol.UDP)
        ):
            yield Witness(
                protocol=verdict.protocol,
                strength=Strength.PROOF,
                text=f"{target.service.ref} declares the same container port {number} on its port {target.port.port}",
            )


def _containers(workload: Workload, port: ServicePort) -> Iterator[Witness]:
    number = container_port(port, workload.spec)
    for container in workload.spec.containers:
        declared = next((item for item in container.ports if item.container_port == number), None)
        for probe in container.probes:
            yield from _probe(workload, container, probe, number)
        if declared and declared.name and (protocol := words.said_by(declared.name)):
            text = f'{workload.ref} calls container port {number} "{declared.name}"'
            yield Witness(protocol=protocol, strength=Strength.WORD, text=text)
        known = words.IMAGES.get(words.image_name(container.image))
        if known and number in known[1]:
            yield Witness(protocol=known[0], strength=Strength.HINT, text=f"{workload.ref} runs the image {container.image}")


def _probe(workload: Workload, container: Container, probe: Probe, number: int | None) -> Iterator[Witness]:
    def leads_here(target: int | str) -> bool:
        return target == number or any(item.name == target and item.container_port == number for item in container.ports)

    if probe.http_get and leads_here(probe.http_get.port):
        protocol = Protocol.HTTPS if probe.http_get.scheme == "HTTPS" else Protocol.HTTP
        text = f"{workload.ref} is probed there by httpGet" + (" over HTTPS" if protocol is Protocol.HTTPS else "")
        yield Witness(protocol=protocol, strength=Strength.PROOF, text=text)
    if probe.grpc and leads_here(probe.grpc.port):
        yield Witness(protocol=Protocol.GRPC, strength=Strength.PROOF, text=f"{workload.ref} is probed there by grpc")


def _routes(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[Witness]:
    for protocol, text in mesh.once("routes by Service", _routes_by_service).get((service.namespace, service.name, port.port), ()):
        yield Witness(protocol=protocol, strength=Strength.WORD, text=text)
    for protocol, text in mesh.once("routes by Service", _routes_by_service).get(
        (service.namespace, service.name, port.name or port.port), ()
    ):
        yield Witness(protocol=protocol, strength=Strength.WORD, text=text)


def _routes_by_service(mesh: Mesh) -> dict[tuple[str, str, int | str], list[tuple[Protocol, str]]]:
    """What routes say, by namespace and name of the Service and number or name of the port."""
    said: dict[tuple[str, str, int | str], list[tuple[Protocol, str]]] = {}

    def note(namespace: str, name: str, port: int | str, protocol: Protocol, text: str) -> None:
        said.setdefault((namespace, name, port), []).append((protocol, text))

    rows: tuple[tuple[Protocol, Sequence[KubernetesHTTPRoute | GRPCRoute | TCPRoute | TLSRoute]], ...] = (
        (Protocol.HTTP, mesh.all(KubernetesHTTPRoute)),
        (Protocol.GRPC, mesh.all(GRPCRoute)),
        (Protocol.TCP, mesh.all(TCPRoute)),
        (Protocol.TLS, mesh.all(TLSRoute)),
    )
    for protocol, routes in rows:
        for route in routes:
            for ref in (ref for rule in route.spec.rules for ref in rule.backend_refs if ref.kind == "Service" and ref.port):
                note(ref.namespace or route.namespace, ref.name, ref.port or 0, protocol, f"{route.ref} leads there")
    for ingress in mesh.all(Ingress):
        backends = [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
        for backend in (*backends, *([ingress.spec.default_backend] if ingress.spec.default_backend else [])):
            if backend.service:
                port = backend.service.port
                note(ingress.namespace, backend.service.name, port.name or port.number, Protocol.HTTP, f"{ingress.ref} leads there")
    for virtual_service in mesh.all(VirtualService):
        spec = virtual_service.spec
        for routes_, protocol in ((spec.http, Protocol.HTTP), (spec.tls, Protocol.TLS), (spec.tcp, Protocol.TCP)):
            for destination in (item.destination for route in routes_ for item in route.route):
                found = hosts.service_of(hosts.fqdn(destination.host, virtual_service.namespace))
                if found and destination.port:
                    note(found[1], found[0], destination.port.number, protocol, f"{virtual_service.ref} routes to it as {protocol}")
    return said
