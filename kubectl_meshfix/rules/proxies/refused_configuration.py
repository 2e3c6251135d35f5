"""MF950: proxies refuse configuration that istiod sent them."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import choice, few, patch, removal
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.answers import CHANGES
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.resources.written import written
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.envoy_patches.fatal import fatal
from kubectl_meshfix.traffic.in_force.objects import INPUTS, Maker
from kubectl_meshfix.traffic.in_force.refusals import Refusal, refusals

RISK = "The patch no longer does what it is for, and what these proxies refused together with it comes into force."
LISTED = 3


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each cause for which proxies refuse what they were sent last, at what makes it where that is known."""
    for refusal in refusals(mesh):
        filters = {item.envoy_filter.ref.key: item.envoy_filter for item in refusal.culprits}
        makers = {item.ref.key: item for item in refusal.makers}
        if len(filters) + len(makers) != 1:
            yield _at_proxies(refusal, [*(each.ref for each in filters.values()), *(item.ref for item in makers.values())])
            continue
        if makers:
            yield _at_object(refusal, *makers.values())
            continue
        (envoy_filter,) = filters.values()
        numbers = [item.number for item in refusal.culprits]
        if not {found.number for found in fatal(envoy_filter)} & set(numbers):  # MF705 says it of the object itself
            yield _at_filter(refusal, envoy_filter, numbers)


def _at_filter(refusal: Refusal, envoy_filter: EnvoyFilter, numbers: Sequence[int]) -> Finding:
    what, which = _what(refusal), "this patch makes" if len(numbers) == 1 else "these patches make"
    return Finding(
        resource=envoy_filter.ref,
        path=join("spec", "configPatches", numbers[0]),
        message=f"{_whose(refusal)} the {what} that {which}. {_effect(refusal)}",
        evidence=_evidence(refusal),
        fix=_withdrawn(envoy_filter, numbers),
    )


def _at_object(refusal: Refusal, maker: Maker) -> Finding:
    what = _what(refusal)
    return Finding(
        resource=maker.ref,
        path=maker.path,
        message=f"{_whose(refusal)} the {what} that istiod sends, and this {maker.ref.kind} {maker.why}. {_effect(refusal)}",
        evidence=_evidence(refusal),
        fix=manual("Correct in it what Envoy's words name, or take back its last change."),
    )


def _at_proxies(refusal: Refusal, changing: Sequence[Ref]) -> Finding:
    """Several EnvoyFilters or other objects, or none, can have made it."""
    fix = manual("Correct what Envoy's words name, or take back the last change of it.")
    if changing:
        fix = choice("Correct or remove what makes it, in {}.", sorted(changing))
    evidence = (*_evidence(refusal), *(f"changes them too: {ref}" for ref in sorted(changing)))
    message = f"{_whose(refusal)} the {_what(refusal)} that istiod sends. {_effect(refusal)}"
    return Finding(resource=refusal.owners[0], path="/spec", message=message, evidence=evidence, fix=fix)


def _what(refusal: Refusal) -> str:
    return CHANGES.get(refusal.push.type, refusal.push.type)


def _whose(refusal: Refusal) -> str:
    if len(refusal.pods) == 1:
        return f"The proxy of {refusal.pods[0]} refuses"
    return f"{len(refusal.pods)} proxies, of {few(list(map(str, refusal.owners)))}, refuse"


def _effect(refusal: Refusal) -> str:
    whose = "It keeps" if len(refusal.pods) == 1 else "They keep"
    return f"{whose} the old ones; new pods may not become ready."


def _evidence(refusal: Refusal) -> tuple[str, ...]:
    named = (f"refused: {few(refusal.words.resources)}",) if refusal.words.resources else ()
    listed = tuple(map(str, refusal.pods[:LISTED]))
    more = (f"and {len(refusal.pods) - LISTED} more",) if len(refusal.pods) > LISTED else ()
    return (f"Envoy: {refusal.words.reason or 'no reason given'}", *named, *listed, *more)


def _withdrawn(envoy_filter: EnvoyFilter, numbers: Sequence[int]) -> Fix:
    """Without the patches; the others stay. An EnvoyFilter with none does nothing."""
    spec = (written(envoy_filter) or {}).get("spec", {})
    patches = spec.get("configPatches", []) if isinstance(spec, dict) else []
    if any(number >= len(patches) for number in numbers):
        return manual("Correct or remove the patch.")
    places = [join("spec", "configPatches", number) for number in numbers]
    steps = [step for number, place in sorted(zip(numbers, places, strict=True), reverse=True) for step in removal(place, patches[number])]
    return patch(envoy_filter.ref, steps, "Remove the patch." if len(numbers) == 1 else f"Remove these {len(numbers)} patches.", risk=RISK)


RULE = Rule(
    code="MF950",
    name="refused-configuration",
    severity=Severity.ERROR,
    inputs=(),
    optional=tuple(dict.fromkeys((kinds.ENVOY_FILTER, *kinds.WORKLOADS, *INPUTS))),
    of_answers=True,
    summary="Proxies refuse configuration that istiod sends",
    check=check,
)
