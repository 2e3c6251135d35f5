"""To what a policy is attached: workloads by a selector, or targets by name (`pkg/config/validation/validation.go`)."""

from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.validation.values.fields import has, items, part, parts, text
from kubectl_meshfix.validation.values.labels import selector
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

OF_NAMESPACE = "It is for all workloads of the namespace, and in the root namespace for those of the whole mesh"
_GATEWAY_API = "gateway.networking.k8s.io"
_GROUPS = {"Service": "", "ServiceEntry": "networking.istio.io", "Gateway": _GATEWAY_API, "GatewayClass": _GATEWAY_API}
_CORE = "core"


def attachment(spec: Fields) -> Violations:
    """``selector``, ``targetRef`` and ``targetRefs``, of which only one can be set (`validateOneOfSelectorType`)."""
    held = [name for name in ("selector", "targetRef") if has(spec, name)]
    held += ["targetRefs"] if items(spec, "targetRefs") else []
    if len(held) > 1:
        yield Violation(path="/spec", says=f"{' and '.join(held)} cannot be used together; write only one of them")
    yield from selector(spec, "selector", "/spec", map_name="matchLabels", effect=OF_NAMESPACE)
    target = part(spec, "targetRef")
    if target is not None:
        yield from _target(target, "/spec/targetRef", "targetRef")
    for path, reference in parts(spec, "targetRefs", "/spec"):
        yield from _target(reference, path, "an entry of targetRefs")


def _target(target: Fields, path: str, called: str) -> Violations:
    """One target: its name, in the policy's own namespace, of a kind that Istio knows (`validatePolicyTargetReference`)."""
    if not text(target, "name"):
        yield Violation(path=path, says=f"{called} has no name")
    if text(target, "namespace"):
        says = f"{called} has a namespace, and a target has to be in the policy's own; leave it out"
        yield Violation(path=f"{path}/namespace", says=says)
    kind, group = text(target, "kind"), text(target, "group")
    known = _GROUPS.get(kind)
    if known is None:
        near = nearest(kind, _GROUPS)
        meant = near if near is not None and (_GROUPS[near] or _CORE) == (group or _CORE) else None
        wrong = f'{called} has the kind "{kind}"' if kind else f"{called} has no kind"
        says = f"{wrong}, and a target is a Service, a ServiceEntry, or the Gateway API's Gateway or GatewayClass"
        yield Violation(path=f"{path}/kind" if kind else path, says=says, correction=meant)
    elif (known or _CORE) != (group or _CORE):
        wrong = f'the group "{group}"' if group else "no group"
        says = f'{called} is a {kind} with {wrong}, and its group is "{known}"'
        yield Violation(path=f"{path}/group" if group else path, says=says, correction=_meant(group, known))


def _meant(group: str, known: str) -> str | None:
    """The group that a misspelt one means; Istio's own Gateway has another one, and cannot be a target."""
    return known if group and known and nearest(group, [known]) else None
