"""Laws of the walk, on meshes by chance: nothing is lost, counted twice, told without a place, or said to be sure that is not."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import HealthCheck, assume, given, reject, settings

from kubectl_meshfix.chain.steps import Where, answer, told
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.documents.pointer import split
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.client.address import resolve
from kubectl_meshfix.traffic.client.capture import captured
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.trace.answers import Branch, Trace
from kubectl_meshfix.traffic.trace.callers import callers
from kubectl_meshfix.traffic.trace.inputs import INPUTS
from tests.traffic.situations.scenes import Situation, ask, mesh, named, situations
from tests.traffic.worlds import World, worlds

laws = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)

_FEW = 8
"""So many unknowns are tried in all combinations."""


def asked(world: World) -> Trace:
    """The trace of a world's manifests."""
    return traced(world.files, world)


def traced(place: Mesh, world: World) -> Trace:
    """The trace in a mesh. Worlds without the caller's pods are passed over."""
    try:
        return ask(place, world.caller, world.request)
    except UsageError:
        reject()


def holds(branch: Branch, assumed: Mapping[Unknown, bool]) -> bool:
    """Whether a branch's conditions are among what is assumed."""
    return all(assumed[item.unknown] is item.is_so for item in branch.given)


@laws
@given(worlds())
def test_shares_sum_to_one(world: World) -> None:
    """Whatever the unknowns are, the branches that then hold take all requests, and none twice."""
    found = asked(world)
    unknowns = list(dict.fromkeys(item.unknown for branch in found.branches for item in branch.given))[:_FEW]

    for values in itertools.product((True, False), repeat=len(unknowns)):
        assumed = dict(zip(unknowns, values, strict=True))
        assert sum(branch.share for branch in found.branches if holds(branch, assumed)) == 1, (world.caller, world.request)


@laws
@given(worlds())
def test_check_and_place_tell_steps_of_a_proxy_apart(world: World) -> None:
    """In no hop two steps have one identity."""
    for branch in asked(world).branches:
        for hop in branch.hops:
            counted = Counter(step.identity for step in hop.steps)
            assert [identity for identity, number in counted.items() if number > 1] == []


@laws
@given(worlds())
def test_every_place_is_there(world: World) -> None:
    """A step's place is a field of an object of the input, or one that is absent from a part that is there."""
    raw = {
        (item["apiVersion"].rpartition("/")[0], item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]): item
        for item in world.documents
    }
    for branch in asked(world).branches:
        for step in branch.steps:
            if step.at is not None:
                group, kind, namespace, name, _ = step.at.resource.key
                assert (group, kind, namespace, name) in raw, step
                assert is_there(raw[group, kind, namespace, name], step.at), step


def is_there(raw: Mapping[str, Any], place: Where) -> bool:
    """Whether a pointer leads to a field, or to one that its parent lacks. Mappings that are wholly absent count as empty."""
    at: Any = raw
    for part in split(place.path):
        if isinstance(at, list):
            if not part.isdecimal() or int(part) >= len(at):
                return False
            at = at[int(part)]
        elif isinstance(at, dict):
            if part not in at:
                return True
            at = at[part]
        else:
            return False
    return True


@laws
@given(worlds())
def test_the_order_of_objects_does_not_matter(world: World) -> None:
    """A trace is the same whatever the order in which objects are read."""
    found = asked(world)
    other = traced(mesh(world.documents[::-1]), world)

    assert {end_of(branch) for branch in found.branches} == {end_of(branch) for branch in other.branches}


@laws
@given(worlds())
def test_who_only_wants_the_answer_gets_the_same(world: World) -> None:
    """A stage answers the same whether its steps are kept or dropped."""
    place = world.files
    called, namespace = named(world.caller)
    try:
        found = answer(callers(place, called, namespace))
    except UsageError:
        reject()
    for caller in found:
        address = answer(resolve(place, caller.value, world.request))
        assert told(resolve(place, caller.value, world.request)).value == address
        if not isinstance(address, Failure):
            kept = told(captured(place, caller.value, address, world.request)).value
            assert answer(captured(place, caller.value, address, world.request)) == kept


@laws
@given(worlds(is_whole=True))
def test_a_cluster_shows_one_of_the_ways_that_files_foretell(world: World) -> None:
    """The same objects on a cluster, with their pods and endpoints, lead to one of the ends that manifests leave open.

    What istiod makes for a Gateway of Kubernetes is not there.
    """
    assume(not any(item["kind"] == "Gateway" and item["apiVersion"].startswith("gateway.") for item in world.documents))
    foretold = asked(world)
    seen = traced(world.live, world)
    if any(branch.ending.arrives is None for branch in foretold.branches) or foretold.unknowns:
        return
    ends = {outcome(branch) for branch in foretold.branches}

    assert {outcome(branch) for branch in seen.branches} <= ends, (world.caller, world.request)


@laws
@given(worlds())
def test_ages_decide_only_what_was_told_to_be_open(world: World) -> None:
    """Where nothing is said to be unknown, ages that files do not tell decide nothing; where something is, one of the ways is taken."""
    foretold = traced(ageless(world), world)
    if foretold.unknowns:
        return

    assert {end_of(branch) for branch in asked(world).branches} == {end_of(branch) for branch in foretold.branches}


def ageless(world: World) -> Mesh:
    """The manifests of a world without the times at which objects were made."""
    return mesh(tuple({**item, "metadata": {**item["metadata"], "creationTimestamp": None}} for item in world.documents))


def end_of(branch: Branch) -> tuple[object, ...]:
    """Where a branch ends, with its share and what is given."""
    givens = frozenset((str(item.unknown.of), item.is_so) for item in branch.given)
    return branch.share, givens, *outcome(branch)


def outcome(branch: Branch) -> tuple[object, ...]:
    """Where a branch ends."""
    ending, to = branch.ending, branch.to
    return ending.arrives, ending.status, ending.symptom, ending.failure, to.host, to.port, to.subset, to.container_port, ending.transport


def _restricted(items: tuple[Situation, ...]) -> Iterator[tuple[Trace, Trace]]:
    for item in items:
        whole = mesh(item.documents)
        yield (
            ask(whole, item.caller, item.request),
            ask(mesh(item.documents).restricted_to(*INPUTS, kinds.SECRET), item.caller, item.request),
        )


def test_a_trace_reads_no_kind_that_it_does_not_declare() -> None:
    """On a cluster the declared kinds are read and no others: nothing else is asked for but Secrets, which files alone may show."""
    for whole, restricted in _restricted(situations()):
        assert [outcome(branch) for branch in whole.branches] == [outcome(branch) for branch in restricted.branches]
