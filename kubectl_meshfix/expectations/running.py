"""Expectations, one after the other, in every mesh that the input makes."""

from collections.abc import Iterable, Iterator

import msgspec

from kubectl_meshfix.chain.steps import Step, told
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.expectations.judging import judge, verdict_of, word
from kubectl_meshfix.expectations.terms import Asked, Complaint, Expectation, Field, Injected, Result, Verdict, Why
from kubectl_meshfix.injection import chain
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.injection.subjects import chosen, subject
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.trace import inputs
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import CallerName, callers
from kubectl_meshfix.traffic.trace.walk import trace


class Outcome(msgspec.Struct, frozen=True):
    """An expectation's results: one for each mesh that holds what it speaks of; the worst first."""

    results: tuple[Result, ...]

    @property
    def worst(self) -> Result:
        """The one to speak of."""
        return self.results[0]


def wanted_kinds(expectations: Iterable[Expectation]) -> set[Kind]:
    """What has to be read of a cluster for these expectations, and no more."""
    found: set[Kind] = set()
    for item in expectations:
        found |= set(inputs.INPUTS) if isinstance(item.about, Asked) else {*chain.INPUTS, *kinds.WORKLOADS}
    return found


def run(meshes: Meshes, expectations: Iterable[Expectation]) -> Iterator[Outcome]:
    """What happens to each expectation. One whose caller or workload is nowhere has an error."""
    for item in expectations:
        found: list[Result] = []
        errors: list[UsageError] = []
        for mesh in meshes:
            try:
                found.append(_in_mesh(mesh, item, beside=mesh.place if len(meshes) > 1 else ""))
            except UsageError as error:
                errors.append(error)
        if not found:
            found = [Result(expectation=item, verdict=Verdict.ERROR, error=(errors[0].message, errors[0].hint))]
        order = list(Verdict)
        yield Outcome(tuple(sorted(found, key=lambda result: order.index(result.verdict))))


def traced(mesh: Mesh, caller: CallerName, about: Asked, namespace: str | None) -> Trace:
    """What happens to a request. Raises UsageError for a caller that is not there."""
    memo = mesh.memo("callers of expectations")
    if (caller, namespace) not in memo:
        memo[caller, namespace] = told(callers(mesh, caller, namespace))
    steps, parties = memo[caller, namespace]
    kept: tuple[Step, ...] = steps
    return trace(mesh, parties, about.request, kept)


def _in_mesh(mesh: Mesh, item: Expectation, beside: str) -> Result:
    match item.about:
        case Asked() as about:
            found = traced(mesh, about.caller, about, item.namespace)
            complaints = judge(found, about.expected, item.namespace or found.caller.namespace)
            return Result(expectation=item, verdict=verdict_of(complaints), complaints=complaints, trace=found, beside=beside)
        case Injected() as about:
            explanation = explained(mesh, about.workload, item.namespace)
            wrong = _injection(explanation, about)
            return Result(expectation=item, verdict=verdict_of(wrong), complaints=wrong, explanation=explanation, beside=beside)


def explained(mesh: Mesh, word_: str, namespace: str | None) -> Explanation:
    """How new pods of a workload (``deploy/cart``) get their sidecar. Raises UsageError for one that is not there."""
    kind, _, name = word_.partition("/")
    able = [found for found in kinds.named(kind) if found in kinds.WORKLOADS]
    objects = list(chosen(mesh, able or kinds.named(kind), name, namespace=namespace))
    places = sorted({obj.namespace for obj in objects})
    if len(places) > 1:
        raise UsageError(f"{word_} is in several namespaces: {', '.join(places)}.", "Name one: namespace: …")
    return _explained(mesh, objects[0])


def _explained(mesh: Mesh, obj: Object) -> Explanation:
    return chain.explain(mesh, subject(mesh, obj, from_manifest=mesh.live and not mesh.is_live(obj.ref)))


def _injection(explanation: Explanation, about: Injected) -> tuple[Complaint, ...]:
    is_so = explanation.verdict.injected
    wanted = word(about.injected)
    if isinstance(is_so, Unknown):
        return (Complaint(field=Field.INJECTED, wanted=wanted, why=Why.UNKNOWN, unknowns=(is_so,)),)
    return () if is_so is about.injected else (Complaint(field=Field.INJECTED, wanted=wanted, got=word(is_so)),)
