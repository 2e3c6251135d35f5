"""What makes the configuration that an explained pod's proxy refuses."""

from collections.abc import Mapping, Sequence

import msgspec

from kubectl_meshfix.injection.checks.kubelet import CONFIGURATION_REFUSED
from kubectl_meshfix.injection.explanation import Advice, Explanation
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Key, Ref
from kubectl_meshfix.traffic.in_force.refusals import Refusal, refusals


def with_causes(mesh: Mesh, explanations: Sequence[Explanation]) -> list[Explanation]:
    """The explanations; where a refusal decided, what makes it is the thing to correct, if that is known."""
    refused = [item for item in explanations if item.verdict.decided_by.outcome is CONFIGURATION_REFUSED]
    if not refused:
        return list(explanations)
    by_pod: dict[Key, Refusal] = {}
    for refusal in refusals(mesh):
        for pod in refusal.pods:
            by_pod.setdefault(pod.key, refusal)
    return [_with_cause(item, by_pod) for item in explanations]


def _with_cause(item: Explanation, by_pod: Mapping[Key, Refusal]) -> Explanation:
    decided = item.verdict.decided_by
    if decided.outcome is not CONFIGURATION_REFUSED or decided.at is None:
        return item
    refusal = by_pod.get(decided.at.resource.key)
    found = _withdrawn(refusal) if refusal else None
    return msgspec.structs.replace(item, advice=(found or _look_further(decided.at.resource),))


def _look_further(pod: Ref) -> Advice:
    """What this does not read may have made it; diagnose reads it all."""
    command = f"kubectl meshfix diagnose{pod.namespace_flag} --proxies --select MF950"
    return Advice(summary="No EnvoyFilter that was read makes it. See whether Envoy's words lead to another object.", command=command)


def _withdrawn(refusal: Refusal) -> Advice | None:
    filters: dict[Key, Ref] = {found.envoy_filter.ref.key: found.envoy_filter.ref for found in refusal.culprits}
    if not filters:
        return None
    if len(filters) + len(refusal.makers) > 1:
        names = sorted({str(ref) for ref in (*filters.values(), *(maker.ref for maker in refusal.makers))})
        return Advice(summary=f"Correct or remove what makes it, in {_either(names)}.")
    (ref,) = filters.values()
    numbers = [str(found.number + 1) for found in refusal.culprits]
    which = f"patch {numbers[0]}" if len(numbers) == 1 else f"patches {', '.join(numbers)}"
    command = f"kubectl meshfix apply envoyfilter/{ref.name}{ref.namespace_flag} --proxies --dry-run"
    return Advice(summary=f"{ref} makes it, by {which}: correct or remove that.", command=command)


def _either(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
