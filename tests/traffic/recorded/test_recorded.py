"""Small meshes that surprise, each with what a mesh really answered; trace has to say the same.

A case is a file: what it shows, the versions that answered, the requests with their answers, then the objects, which come on top of
``ground.yaml`` or replace what is there under the same name. An answer has the caller's ``status`` or how its connection ``ends``, or the
workload that it ``reaches``; ``client`` and ``server`` are flag and details in the access logs of the two proxies, where they write any.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.responses import Log, Symptom
from kubectl_meshfix.traffic.trace.answers import Branch, Ending
from kubectl_meshfix.traffic.trace.callers import callers, parse_caller
from kubectl_meshfix.traffic.trace.urls import parse_request
from kubectl_meshfix.traffic.trace.walk import trace
from tests.injection.installations import decoded

_HERE = Path(__file__).parent
_VERSIONS = {
    "Namespace": "v1", "Service": "v1", "Deployment": "apps/v1", "HTTPRoute": "gateway.networking.k8s.io/v1",
    "PeerAuthentication": "security.istio.io/v1", "AuthorizationPolicy": "security.istio.io/v1",
}  # fmt: skip

_SSL = re.compile(r"TLS_error:[^}]*")
"""What a TLS library writes differs with its version, and with what the application answers."""

KNOWN_DIFFERENCES: Mapping[str, str] = {}
"""Requests of which trace says something else than the mesh, each with the reason; one that has healed must be taken off."""


class Asked(NamedTuple):
    """One request of a case, and its recorded answers."""

    case: str
    row: Mapping[str, Any]

    @property
    def name(self) -> str:
        """It in words."""
        return f"{self.case} {self.row['from']} {self.row['url']}"


@cache
def documents(name: str) -> tuple[Mapping[str, Any], ...]:
    """The documents of a file."""
    return tuple(yaml.safe_load_all((_HERE / name).read_text("utf-8")))


def mesh(case: str) -> Mesh:
    """The ground with a case's objects."""
    own = documents(f"cases/{case}.yaml")[1:]
    places = [_place(raw) for raw in own]
    raws = [*(raw for raw in documents("ground.yaml") if _place(raw) not in places), *own]
    return Mesh(decoded({"apiVersion": _VERSIONS.get(raw["kind"], "networking.istio.io/v1"), **raw}) for raw in raws)


def _place(raw: Mapping[str, Any]) -> tuple[str, str, str]:
    return raw["kind"], raw["metadata"].get("namespace", ""), raw["metadata"]["name"]


def asked() -> Iterator[Asked]:
    """Every request of every case."""
    for path in sorted((_HERE / "cases").glob("*.yaml")):
        head = documents(f"cases/{path.name}")[0]
        for row in head["requests"]:
            yield Asked(path.stem, row)


def branches(item: Asked) -> Sequence[Branch]:
    """What trace says of a request."""
    namespace, _, name = item.row["from"].partition("/")
    whole = mesh(item.case)
    found = told(callers(whole, parse_caller(f"deploy/{name}"), namespace))
    return trace(whole, found.value, parse_request(item.row["url"]), found.steps).branches


def _line(log: Log | None) -> str:
    return _SSL.sub("TLS_error", f"{log.flag} {log.details}".strip()) if log else ""


def _ends(ending: Ending) -> str:
    return "closed" if ending.symptom in (Symptom.RESET, Symptom.CLOSED) else str(ending.symptom)


def _says(branch: Branch, answer: Mapping[str, Any]) -> bool:
    ending = branch.ending
    if "reaches" in answer:
        workload = branch.to.party.workload if branch.to.party else None
        return ending.arrives is True and workload is not None and f"{workload.namespace}/{workload.name}" == answer["reaches"]
    is_end = ending.status == answer["status"] if "status" in answer else ending.status is None and _ends(ending) == answer["ends"]
    lines = {"client": _line(ending.client), "server": _line(ending.server)}
    return (
        ending.arrives is False and is_end and all(lines[side] == _SSL.sub("TLS_error", answer[side]) for side in lines if side in answer)
    )


@pytest.mark.parametrize("item", list(asked()), ids=lambda item: item.name)
def test_trace_says_what_the_mesh_answered(item: Asked) -> None:
    """Every recorded answer is one of the ways that trace tells, and every way is a recorded answer."""
    found = branches(item)
    answers = item.row["answers"]
    agrees = all(any(_says(branch, answer) for branch in found) for answer in answers)
    agrees = agrees and all(any(_says(branch, answer) for answer in answers) for branch in found)

    assert agrees is (item.name not in KNOWN_DIFFERENCES), [(branch.to, branch.ending) for branch in found]
    assert sum((branch.share for branch in found if not branch.given), Fraction(0)) <= 1


def test_known_differences_are_of_requests() -> None:
    """No difference is left of a request that is not asked any more."""
    assert KNOWN_DIFFERENCES.keys() <= {item.name for item in asked()}
