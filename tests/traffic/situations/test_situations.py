"""The situations: for each, what trace says of the caller's answer, of both access logs, and of the object that decides."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from kubectl_meshfix.traffic.responses import Log
from kubectl_meshfix.traffic.trace.answers import Branch
from tests.traffic.situations.scenes import Situation, situations, traced


def written(log: Log | None) -> str | None:
    """A line of an access log in the words of a row."""
    return None if log is None else f"{log.flag} {log.details}".strip()


def shown(branch: Branch) -> dict[str, Any]:
    """A branch in the words of a row."""
    ending, to = branch.ending, branch.to
    log = ending.client
    return {
        "share": branch.share,
        "if": " and ".join(f"{given.unknown.of}" for given in branch.given if given.is_so),
        "if not": " and ".join(f"{given.unknown.of}" for given in branch.given if not given.is_so),
        "arrives": ending.arrives,
        "status": ending.status,
        "symptom": ending.symptom.name if ending.symptom else None,
        "flag": log.flag if log else None,
        "details": log.details if log else None,
        "server": written(ending.server),
        "by": str(ending.by.at.resource) if ending.by and ending.by.at else "",
        "to": f"{to.host}:{to.port}" + f"/{to.subset}" * bool(to.subset),
        "asks": ", ".join(str(step.unknown.of) for step in branch.steps if step.unknown is not None),
        "wire": ending.transport.value if ending.transport else None,
        "delay": branch.delay,
        "timeout": branch.timeout,
        "location": ending.location,
    }


_WITHIN = ("to", "asks", "details", "server", "if", "if not")
"""Of these, a row may say a part."""


def fits(seen: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether a branch is as a row says."""
    whole = {"arrives": "status" not in said and "symptom" not in said, "if": "", "if not": "", **said}
    whole.pop("share", None)
    return all(value in (seen[key] or "") if key in _WITHIN and value else seen[key] == value for key, value in whole.items())


@pytest.mark.parametrize("item", situations(), ids=lambda item: item.name)
def test_trace_says_what_becomes_of_the_request(item: Situation) -> None:
    """Every way ends as the row says, with the share that it says, and no way is left out."""
    seen = [shown(branch) for branch in traced(item.name).branches]

    assert seen
    for said in item.says:
        found = [row for row in seen if fits(row, said)]
        assert sum(row["share"] for row in found) == Fraction(said.get("share", 1)), (item.what, said, seen)
    assert [row for row in seen if not any(fits(row, said) for said in item.says)] == [], item.what
