"""From flags to a matrix: each workload that may call, and each Service that may be called."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix import scope
from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.formats.traces import TraceFormat
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags
from kubectl_meshfix.cli.flags.requests import RequestFlags
from kubectl_meshfix.cli.work.tracing import read
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol, verdict
from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.render.text import machine
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.render.trace.matrix import Cell, document, table
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.meta import LabelSelector
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.trace.urls import parse_request
from kubectl_meshfix.traffic.trace.walk import trace


def answer_matrix(
    words: Sequence[str], connection: ConnectionFlags, where: SourceFlags, asked: RequestFlags, output: TraceFormat, screen: Screen
) -> bool:
    """Print who reaches whom; whether every request arrives. Raises MeshfixError."""
    targets = scope.parse_targets(words)
    if any(kind not in kinds.WORKLOADS for target in targets for kind in target.kinds):
        raise UsageError("--matrix takes kinds of workloads.", "For example: kubectl meshfix trace --matrix deploy -n shop")
    if output not in (TraceFormat.TREE, TraceFormat.JSON, TraceFormat.YAML):
        raise UsageError(f"-o {output} draws one request.", "Choose -o json or yaml, or leave -o out for a table.")
    source, namespace = read(connection, where)
    labels = scope.parse_labels(where.selector)
    cells = [cell for mesh in source.snapshot.meshes for cell in _cells(mesh, targets, namespace, labels, asked)]
    if not cells:
        raise UsageError("No workload here calls and no Service is called.", "Check the kinds, -n and -l, or look everywhere with -A.")
    match output:
        case TraceFormat.JSON:
            console.answer(machine.as_json(document(cells)))
        case TraceFormat.YAML:
            console.answer(machine.as_yaml(document(cells)))
        case _:
            console.answer(table(cells, screen))
    return all(cell.trace.arrives for cell in cells)


def _cells(
    mesh: Mesh, targets: Sequence[scope.NamedTarget], namespace: str | None, labels: LabelSelector | None, asked: RequestFlags
) -> Iterator[Cell]:
    callers = [item for item in mesh.workloads if _calls(item, targets, namespace, labels)]
    called = [(service, port) for service in mesh.all(Service) if namespace in (None, service.namespace) for port in service.spec.ports]
    requests = [
        parse_request(url_of(service, port), method=asked.method, headers=asked.header or (), claims=asked.jwt_claims)
        for service, port in called
        if service.spec.type != "ExternalName" and port.protocol == "TCP" and not _leads_to_gateways(mesh, service)
    ]
    for caller in callers:
        steps, parties = told(parties_of(mesh, caller))
        for request in requests:
            yield Cell(str(caller.ref), trace(mesh, parties, request, steps))


def _calls(item: Workload, targets: Sequence[scope.NamedTarget], namespace: str | None, labels: LabelSelector | None) -> bool:
    """Whether a workload is one of the callers: all that are no gateways, where none is named."""
    is_named = not targets or any(item.kind in target.kinds and target.name in (None, item.name) for target in targets)
    is_labelled = labels is None or matches(labels, {**item.labels, **item.object.labels})
    return is_named and is_labelled and namespace in (None, item.namespace) and not is_gateway(item) and not item.has_ended


def _leads_to_gateways(mesh: Mesh, service: Service) -> bool:
    """Whether a Service is for callers from outside: gateways serve hosts, and no host is the Service's own."""
    behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    return bool(behind) and all(map(is_gateway, behind))


def url_of(service: Service, port: ServicePort) -> str:
    """The URL by which a Service's port is called, by the protocol that it declares; HTTP where it declares none."""
    protocol = verdict(port).protocol
    place = f"{service.name}.{service.namespace}:{port.port}"
    if protocol in (Protocol.GRPC, Protocol.GRPC_WEB):
        return f"grpc://{place}"
    if protocol in HTTP_LIKE or protocol is Protocol.UNSUPPORTED:
        return f"http://{place}/"
    return f"https://{place}/" if protocol in (Protocol.HTTPS, Protocol.TLS) else place
