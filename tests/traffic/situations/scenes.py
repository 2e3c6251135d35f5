"""Situations: a change of one small mesh, a request, and what becomes of it. They are told in YAML, in few words."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import OUTSIDE, CallerName, callers
from kubectl_meshfix.traffic.trace.urls import parse_request
from kubectl_meshfix.traffic.trace.walk import trace
from tests.injection.installations import decoded

HERE = Path(__file__).parent
FOLDERS = ("outbound", "inbound", "others")

_NETWORKING, _SECURITY, _GATEWAY = "networking.istio.io/v1", "security.istio.io/v1", "gateway.networking.k8s.io/v1"
_VERSIONS = {
    **dict.fromkeys(("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"), "apps/v1"),
    **dict.fromkeys(("VirtualService", "DestinationRule", "ServiceEntry", "Sidecar", "Gateway", "WorkloadEntry"), _NETWORKING),
    **dict.fromkeys(("PeerAuthentication", "RequestAuthentication", "AuthorizationPolicy"), _SECURITY),
    **dict.fromkeys(("HTTPRoute", "KubernetesGateway", "GRPCRoute"), _GATEWAY),
    "ReferenceGrant": "gateway.networking.k8s.io/v1beta1",
    **dict.fromkeys(("Role", "RoleBinding"), "rbac.authorization.k8s.io/v1"),
    "EndpointSlice": "discovery.k8s.io/v1",
    "GatewayClass": _GATEWAY,
    "EnvoyFilter": "networking.istio.io/v1alpha3",
}


_KEYS = frozenset(
    {"case", "what", "from", "url", "method", "headers", "http", "claims", "principal", "change", "is live", "says"}
)  # fmt: skip


_PARTS = ("spec", "data", "status", "endpoints", "addressType", "ports", "type", "rules", "roleRef", "subjects")


class Situation(NamedTuple):
    """One row: its number, what it shows, what is changed, who asks for what, and what trace has to say of each way."""

    name: str
    what: str
    documents: tuple[Mapping[str, Any], ...]
    caller: str
    request: Request
    says: tuple[Mapping[str, Any], ...]
    row: Mapping[str, Any]


def manifest(text: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest from its short form: ``is`` holds kind, namespace and name, ``made`` its month, ``template`` is that of the spec."""
    kind, _, path = str(text["is"]).partition(" ")
    namespace, slash, name = path.rpartition("/")
    metadata: dict[str, Any] = {"name": name, **({"namespace": namespace} if slash else {})}
    metadata |= {key: text[key] for key in ("labels", "annotations") if key in text}
    if "made" in text:
        metadata["creationTimestamp"] = f"2026-{text['made']:02}-01T00:00:00Z"
    if "owner" in text:
        owner, _, owned = text["owner"].partition(" ")
        version = _VERSIONS.get(owner, "v1")
        metadata["ownerReferences"] = [{"apiVersion": version, "kind": owner, "name": owned, "controller": True, "uid": owned}]
    made = {"apiVersion": _VERSIONS.get(kind, "v1"), "kind": kind.removeprefix("Kubernetes"), "metadata": metadata}
    made |= {key: text[key] for key in _PARTS if key in text}
    return _over(made, {"spec": {"template": text["template"]}}) if "template" in text else made


def _over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """One mapping over another, key by key; lists are replaced."""
    both = {key: _over(under[key], over[key]) for key in under.keys() & over.keys() if isinstance(under[key], dict) and over[key]}
    return {**under, **over, **both}


def _identity(document: Mapping[str, Any]) -> tuple[str, ...]:
    metadata = document["metadata"]
    return document["apiVersion"], document["kind"], metadata.get("namespace", ""), metadata["name"]


def _flat(items: Any) -> Iterator[Mapping[str, Any]]:
    for item in items:
        if isinstance(item, list):
            yield from _flat(item)
        else:
            yield item


def changed(*changes: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The ground's documents, with changes: of what is there, or something more."""
    found = {_identity(document): document for document in map(manifest, _read("ground"))}
    for document in map(manifest, _flat(changes)):
        key = _identity(document)
        found[key] = _over(found[key], document) if key in found else document
    return tuple(found.values())


@cache
def _read(name: str) -> Any:
    return yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))


@cache
def situations() -> tuple[Situation, ...]:
    """All of them, in their order."""
    return tuple(_situation(folder, row) for folder in FOLDERS for row in _read(folder)["situations"])


def _situation(folder: str, row: Mapping[str, Any]) -> Situation:
    assert row.keys() <= _KEYS, row
    says = row["says"] if isinstance(row["says"], list) else [row["says"]]
    caller = "shop/cart" if folder == "inbound" else "web/cart"
    request = parse_request(
        row.get("url", "http://catalog.shop/"),
        method=row.get("method", ""),
        headers=[f"{name}: {value}" for name, value in row.get("headers", {}).items()],
        version=row.get("http", ""),
        claims=row.get("claims", ""),
        principal=row.get("principal", ""),
    )
    return Situation(
        f"{folder} {row['case']}", row["what"], changed(*row.get("change", ())), row.get("from", caller), request, tuple(says), row
    )  # fmt: skip


@cache
def mesh_of(name: str) -> Mesh:
    """The mesh of a situation: manifests, or a cluster that was read whole."""
    item = next(item for item in situations() if item.name == name)
    return mesh(item.documents, live=item.row.get("is live", False))


def mesh(documents: tuple[Mapping[str, Any], ...], *, live: bool = False) -> Mesh:
    """The mesh of documents; kinds that nobody reads, such as ServiceAccounts, are left out."""
    return Mesh(tuple(decoded(document) for document in documents if kinds.of(document["apiVersion"], document["kind"])), live=live)


def named(caller: str) -> tuple[CallerName, str]:
    """A caller in the words of a row: ``web/cart`` is a Deployment, ``gateway shop/front`` a gateway."""
    kind, _, path = caller.rpartition(" ")
    namespace, _, name = path.rpartition("/")
    word = OUTSIDE if caller == OUTSIDE else kind or "deployment"
    return CallerName(caller, word, name), namespace


@cache
def traced(name: str) -> Trace:
    """What becomes of a situation's request."""
    item = next(item for item in situations() if item.name == name)
    return ask(mesh_of(name), item.caller, item.request)


def ask(world: Mesh, caller: str, request: Request) -> Trace:
    """What becomes of a request in a mesh."""
    called, namespace = named(caller)
    steps, parties = told(callers(world, called, namespace))
    return trace(world, parties, request, steps)
