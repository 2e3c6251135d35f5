"""Policies in the words of a manifest, and what is decided by them."""

from typing import Any

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Status, Told, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.traffic.policy.authorization import authorize
from kubectl_meshfix.traffic.terms.attributes import Attributes, Decision
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from tests.traffic.objects import make

CATALOG = Party(plane=Plane.SIDECAR, namespace="shop", labels={"app": "catalog"}, service_account="catalog")
CART = "cluster.local/ns/shop/sa/cart"

GET = Attributes(
    is_http=True, identity=CART, source_ip="10.1.2.3", remote_ip="10.1.2.3", destination_ip="10.9.9.9", port=8080, method="GET", path="/",
    host="catalog.shop",
)  # fmt: skip


def policy(name: str, action: str = "ALLOW", *rules: dict[str, Any], namespace: str = "shop", dry_run: str = "", **spec: Any) -> Any:
    """An AuthorizationPolicy."""
    annotations = {"istio.io/dry-run": dry_run} if dry_run else {}
    found: AuthorizationPolicy = make(AuthorizationPolicy, name, namespace, annotations, action=action, rules=list(rules), **spec)
    return found


def source(**fields: list[str]) -> dict[str, Any]:
    """A rule with one source."""
    return {"from": [{"source": fields}]}


def operation(**fields: list[str]) -> dict[str, Any]:
    """A rule with one operation."""
    return {"to": [{"operation": fields}]}


def when(key: str, *values: str, **more: Any) -> dict[str, Any]:
    """A rule with one condition."""
    return {"when": [{"key": key, "values": list(values), **more}]}


def ways(
    *objects: Object, server: Party = CATALOG, services: tuple[Ref, ...] = (), **changes: Any
) -> Told[tuple[Alternative[Decision], ...]]:
    """The steps and the ways on of a request of the cart to the catalog, changed as it is said."""
    return told(authorize(Mesh(objects, live=True), server, msgspec.structs.replace(GET, **changes), services))


def verdict(*objects: Object, server: Party = CATALOG, services: tuple[Ref, ...] = (), **changes: Any) -> str:
    """``allowed``, the failure and the matched policy, or ``?`` with what is not known."""
    found = ways(*objects, server=server, services=services, **changes).value
    if len(found) > 1:
        return "?"
    only = found[0].value
    return f"{only.failure.name} {only.matched_policy}".strip() if only.failure else "allowed"


def sentences(*objects: Object, status: Status | None = None, **changes: Any) -> list[str]:
    """What is told of it."""
    return [sentence(step) for step in ways(*objects, **changes).steps if status in (None, step.status)]
