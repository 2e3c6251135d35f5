"""Annotations that istiod's webhook refuses (`pkg/config/validation/validation.go validateMetadata`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.validation.values.fields import part
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_DRY_RUN = "istio.io/dry-run"
_RESERVED = ("internal.istio.io/webhook-always-reject", "internal.istio.io/parent-namespace", "internal.istio.io/parents")
_GATEWAY = "internal.istio.io/gateway-semantics"
_ROUTE = "internal.istio.io/route-semantics"


def annotations(metadata: Fields, *, action: str | None = None) -> Violations:
    """Istio's own annotations, and a dry run. ``action`` is an AuthorizationPolicy's, None for other kinds."""
    written = part(metadata, "annotations") or {}
    if _DRY_RUN in written:
        path, value = "/metadata" + join("annotations", _DRY_RUN), written[_DRY_RUN]
        if action is None:
            yield Violation(path=path, says=f"the annotation {_DRY_RUN} is only for AuthorizationPolicies", removes=True)
        elif action not in ("ALLOW", "DENY"):
            yield Violation(path=path, says=f"the annotation {_DRY_RUN} is only for the actions ALLOW and DENY, and this one is {action}")
        elif go_bool(str(value)) is None:
            yield Violation(path=path, says=f'the annotation {_DRY_RUN} is "{value}"; write "true" or "false"')
    for name in _RESERVED:
        if name in written:
            yield Violation(path="/metadata" + join("annotations", name), says=f"the annotation {name} is istiod's own; leave it out")


def is_of_gateway_api(metadata: Fields) -> bool:
    """Whether an object is what istiod made of one of Gateway API's, for which some checks are left out."""
    written = part(metadata, "annotations") or {}
    return "gateway" in (written.get(_GATEWAY), written.get(_ROUTE))
