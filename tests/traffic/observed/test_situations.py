"""The situations of requests, each with what the caller's proxy had when a real mesh was in it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.observed.asking import standing
from kubectl_meshfix.traffic.observed.dump import config
from kubectl_meshfix.traffic.observed.joining import Answered, joined
from tests.traffic.observed.scenes import odd, steps
from tests.traffic.situations.scenes import ask, mesh, situations

_FILE = Path(__file__).parent / "recorded" / "situations.json"


@cache
def recorded() -> Mapping[str, Any]:
    """By the name of a situation: the caller's pod, the addresses that its Services had, and the proxy's dump."""
    found: Mapping[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def _with_addresses(document: Mapping[str, Any], addresses: Mapping[str, str]) -> Mapping[str, Any]:
    """A Service with the address that it had."""
    path = f"{document['metadata'].get('namespace')}/{document['metadata']['name']}"
    if document["kind"] != "Service" or path not in addresses:
        return document
    return {**document, "spec": {**document["spec"], "clusterIP": addresses[path]}}


@pytest.mark.parametrize("name", sorted(recorded()))
def test_the_proxy_of_a_real_mesh_had_what_is_predicted(name: str) -> None:
    """In no situation does the real proxy's listener, route, clusters or TLS differ from what trace predicts of them."""
    kept = recorded()[name]
    item = next(item for item in situations() if item.name == name)
    documents = tuple(_with_addresses(document, kept["addresses"]) for document in item.documents)
    world = mesh(documents, live=item.row.get("is live", False))
    made = ask(world, item.caller, item.request)
    namespace, _, pod = kept["pod"].partition("/")
    places = [place for place in standing(world, made) if place.place == 0]
    answers = [
        Answered(of=msgspec.structs.replace(place, pod=Ref("v1", "Pod", namespace, pod)), config=config(json.dumps(kept["dump"]).encode()))
        for place in places
    ]
    found = joined(world, made, answers)

    assert [step for step in steps(found) if step.status is Status.WARN] == [], odd(found)
