"""Moments of a real mesh (Istio 1.31.0, Envoy 1.40): its objects, and what `/config_dump?include_eds` of its proxies said at that time.

Both are shortened: parts of Envoy's resources that nobody here reads are left out, and so are resources of other names.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from kubectl_meshfix.chain.steps import Status, Step, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.answers import Answers
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.observed.asking import Standing, standing
from kubectl_meshfix.traffic.observed.dump import config
from kubectl_meshfix.traffic.observed.joining import Answered, joined
from kubectl_meshfix.traffic.stages import PROXY
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import callers, parse_caller
from kubectl_meshfix.traffic.trace.urls import parse_request
from kubectl_meshfix.traffic.trace.walk import trace
from tests.injection.installations import decoded

_HERE = Path(__file__).parent / "recorded"


@cache
def recorded(name: str) -> Mapping[str, Any]:
    """A moment as it was recorded."""
    found: Mapping[str, Any] = json.loads((_HERE / f"{name}.json").read_text("utf-8"))
    return found


def dump(name: str, workload: str = "demo/client") -> dict[str, Any]:
    """A copy of a proxy's dump, to be changed."""
    found: dict[str, Any] = json.loads(json.dumps(recorded(name)["dumps"][workload]))
    return found


def part(found: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """One of the dumps in a dump, such as ``Routes``."""
    made: dict[str, Any] = next(item for item in found["configs"] if item["@type"].endswith(f".{kind}ConfigDump"))
    return made


def mesh(name: str, answers: Answers | None = None, without: str = "") -> Mesh:
    """The objects of a moment, as a cluster; without those of a kind."""
    world = Mesh((decoded(raw) for raw in recorded(name)["objects"] if raw["kind"] != without), live=True)
    return world.with_answers(answers) if answers else world


def predicted(world: Mesh, url: str, *, headers: Sequence[str] = (), caller: str = "demo deploy/client") -> Trace:
    """What is predicted of a request."""
    namespace, _, word = caller.partition(" ")
    steps, parties = told(callers(world, parse_caller(word), namespace))
    return trace(world, parties, parse_request(url, headers=headers), steps)


def compared(world: Mesh, made: Trace, dumps: Mapping[str, Any]) -> Trace:
    """The trace with what the proxies have; of ``dumps`` each is named by its workload."""
    return joined(world, made, [_answered(place, dumps) for place in standing(world, made)])


def _answered(place: Standing, dumps: Mapping[str, Any]) -> Answered:
    name = f"{place.party.namespace}/{place.party.workload.name}" if place.party.workload else ""
    if name not in dumps:
        return Answered(of=place, reason="nothing listens on port 15000")
    return Answered(of=place, config=config(json.dumps(dumps[name]).encode()))


def asked(name: str, url: str, *, headers: Sequence[str] = (), caller: str = "demo deploy/client") -> Trace:
    """The trace of a request at a moment, with what its proxies had."""
    world = mesh(name)
    return compared(world, predicted(world, url, headers=headers, caller=caller), recorded(name)["dumps"])


def steps(made: Trace) -> tuple[Step, ...]:
    """What is said of the proxies."""
    found = {(*step.identity, sentence(step)): step for branch in made.branches for step in branch.steps if step.stage == PROXY}
    return tuple(found.values())


def odd(made: Trace) -> list[str]:
    """What is said of them beside that they agree."""
    return [sentence(step) for step in steps(made) if step.status is not Status.PASS]
