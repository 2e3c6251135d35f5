"""What a real mesh answered: trace says the same of the caller's answer, of both logs, of the cluster, and of whom the server saw."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubectl_meshfix.traffic.responses import Log
from kubectl_meshfix.traffic.terms.wire import Transport
from kubectl_meshfix.traffic.trace.answers import Branch
from tests.traffic.situations.scenes import situations, traced

MEASURED: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "measured.yaml").read_text("utf-8"))

_BORINGSSL = re.compile(r"\|?\d*:SSL_routines:OPENSSL_internal:|:TLS_error_end")

_ENDED = frozenset({"RESET", "CLOSED"})
"""A proxy that has nowhere to go closes at once; whether the caller's bytes come before or after that makes the difference, by chance."""

_IN_HANDSHAKE = frozenset({"RESET", "CLOSED", "TLS_FAILED"})

KNOWN_DIFFERENCES: Mapping[str, str] = {
    "outbound 40": "The connection went to the ServiceEntry's host, where nothing listens on that port; no object says so.",
    "inbound 32": "A Secret that files do not hold is taken to be there, and the answer says so.",
    "others host network": "The pod's DNS is its node's, which is said not to be known; there, it knew no Service.",
    "others simple TLS and TCP": "TLS reached the application, which speaks none; no object says so.",
    "inbound 13 tcp": "TLS reached the application, which speaks none; no object says so.",
}
"""Situations in which trace says otherwise than the mesh, each with the reason; one that has healed must be taken off."""


def written(log: Log | None) -> str | None:
    """A line of an access log as the measured rows have it."""
    return None if log is None else f"{log.flag} {log.details}".strip()


def rows(name: str) -> Sequence[Mapping[str, Any]]:
    """The answers to one situation."""
    found = MEASURED[name]
    return found if isinstance(found, list) else [found]


def agrees(branch: Branch, row: Mapping[str, Any], *, is_tls: bool) -> bool:
    """Whether a branch is what the mesh answered."""
    ending = branch.ending
    if row.get("code") == 200:
        seen_plain = "peer" not in row
        is_plain = ending.transport is not Transport.ISTIO
        is_cluster = "outbound" not in row.get("cluster", "") or branch.to.host in row["cluster"]
        is_subset = not branch.to.subset or f"|{branch.to.subset}|" in row.get("cluster", "")
        return ending.arrives is True and seen_plain == is_plain and is_cluster and is_subset and branch.to.container_port == row["port"]
    if ending.arrives is not False or ending.status != row.get("code"):
        return False
    if "ends" in row:
        same = next((group for group in ((_IN_HANDSHAKE,) if is_tls else (_ENDED,)) if row["ends"] in group), {row["ends"]})
        return ending.symptom is not None and ending.symptom.name in same and _logs(branch, row)
    return _logs(branch, row) and row.get("location", ending.location) == ending.location


def _logs(branch: Branch, row: Mapping[str, Any]) -> bool:
    client, server = written(branch.ending.client), written(branch.ending.server)
    if branch.hops[0].role == "gateway":
        client = client or server
    told = {side: _BORINGSSL.sub("", row[side]) for side in ("client", "server") if side in row}
    return told.get("client") in (None, client or "") and told.get("server", "") in ("", server)


@pytest.mark.parametrize("item", [item for item in situations() if item.name in MEASURED], ids=lambda item: item.name)
def test_trace_agrees_with_the_mesh(item: Any) -> None:
    """Every answer of the mesh is one of the ways that trace tells; known differences are still there."""
    branches = traced(item.name).branches
    found = [
        any(agrees(branch, row, is_tls=item.request.scheme == "https") for branch in branches) for row in rows(item.name)
    ]  # fmt: skip

    assert all(found) is (item.name not in KNOWN_DIFFERENCES), (rows(item.name), [branch.ending for branch in branches])


def test_the_measured_rows_are_of_situations() -> None:
    """No answer is left of a situation that is no more, and no difference of one that was never asked."""
    assert MEASURED.keys() <= {item.name for item in situations()}
    assert KNOWN_DIFFERENCES.keys() <= MEASURED.keys()
