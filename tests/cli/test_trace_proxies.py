"""``trace --proxies`` on the command line, against a cluster that was recorded, over real sockets."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kubectl_meshfix.errors import ExitCode, UsageError
from tests.command import run
from tests.sources.proxies.stand_in import CUT, Port, StandIn, standing_in
from tests.traffic.observed.scenes import recorded

ROOT = Path(__file__).parents[2]
REQUEST = ("trace", "-n", "demo", "deploy/client", "http://server/v2", "--proxies")
CLIENT = "client-7fc5f9f5c-xb4gv"
SERVERS = {"server-v1-7c99dd6497-7swnl": "demo/server-v1", "server-v2-577687d4cf-5hwrf": "demo/server-v2"}


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A cluster for one test."""
    with standing_in() as found:
        yield found


def always(body: bytes) -> Port:
    """What gives the same answer to every question."""
    return lambda _: body


def traced(server: StandIn, folder: Path, moment: str, body: bytes | tuple[int, bytes] | None = None, *more: str) -> Any:
    """What the command says at a recorded moment; ``body`` is what the caller's proxy answers in place of what it had."""
    found = recorded(moment)
    server.objects = found["objects"]
    own = json.dumps(found["dumps"]["demo/client"]).encode() if body is None else body
    server.pods[f"demo/{CLIENT}:15000"] = lambda _: own
    for pod, workload in SERVERS.items():
        server.pods[f"demo/{pod}:15000"] = partial(_inbound, found["dumps"].get(workload, {"configs": []}))
    return run(*REQUEST, "--kubeconfig", server.kubeconfig(folder), *more)


def _inbound(dump: Any, _: str) -> bytes:
    return json.dumps(dump).encode()


def words(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def test_a_proxy_with_what_is_predicted_is_a_line(server: StandIn, tmp_path: Path) -> None:
    """The caller's proxy is asked three times for what the request meets, the server's once, and a line says that each agrees."""
    found = traced(server, tmp_path, "predicted")
    asked = [line for line in server.requests if "/pods/" in line]

    assert found.exit_code == ExitCode.OK, found.output
    assert f"✓ proxy: The proxy of Pod demo/{CLIENT} has what is predicted: listener, route, clusters, endpoints and TLS." in words(
        found.stdout
    )
    assert [line.split("/")[6] for line in asked].count(CLIENT) == 3
    assert len(asked) == 4
    assert all("/portforward?ports=15000" in line for line in asked)
    assert " ".join(asked).count("→") == " ".join(asked).count("→ GET /config_dump?include_eds=&name_regex=") == 4
    assert {line.partition(" ")[0] for line in server.requests} == {"GET"}
    assert not any("/secrets" in line for line in server.requests)


def test_where_they_part_the_verdict_says_so(server: StandIn, tmp_path: Path) -> None:
    """The first line has both: what the objects say, and that the proxy has something else; the exit code is the one for doubt."""
    found = traced(server, tmp_path, "stale")

    assert found.exit_code == ExitCode.FINDINGS, found.output
    said = words(found.stdout)
    assert said.startswith("! By the objects, it arrives over mutual TLS: 50 % at port 8080 of Deployment demo/server-v1, ")
    assert f"Deployment demo/server-v2; Pod demo/{CLIENT} has another route." in said
    assert "! proxy: No pod of Deployment istio-system/istiod is ready, so proxies get nothing new." in said


def test_an_object_that_did_not_arrive_yet_is_named(server: StandIn, tmp_path: Path) -> None:
    """Who wrote an object when is read again where a proxy differs, so that a change of a second ago is told from a mistake."""
    found = recorded("predicted")
    server.objects = [
        {**raw, "metadata": {**raw["metadata"], "managedFields": [{"manager": "kubectl", "time": "2030-01-01T00:00:00Z"}]}}
        for raw in found["objects"]
    ]
    dump = json.loads(json.dumps(found["dumps"]["demo/client"]).replace("|v2|", "|v1|"))
    server.pods[f"demo/{CLIENT}:15000"] = lambda _: json.dumps(dump).encode()
    said = words(run(*REQUEST, "--kubeconfig", server.kubeconfig(tmp_path)).stdout)

    assert "VirtualService demo/server was written at 2030-01-01T00:00:00Z; what the proxy has of it is of 2026-" in said


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "its answer is not JSON"),
        (CUT, "the connection broke before the answer was complete"),
        ((503, b"no healthy upstream"), "port 15000 answers with HTTP 503"),
        (b'{"configs": 1}', "its configuration has another form: Expected `array`, got `int` - at `$.configs`"),
    ],
    ids=["html", "cut", "503", "form"],
)
def test_a_proxy_that_gives_no_answer_is_said_to(server: StandIn, tmp_path: Path, body: Any, reason: str) -> None:
    """The verdict is the one of the objects, and why the proxy is not beside it stands with it."""
    found = traced(server, tmp_path, "predicted", body)

    assert found.exit_code == ExitCode.OK, found.output
    assert f"? proxy: The proxy of Pod demo/{CLIENT} was not asked: {reason}." in words(found.stdout)


def test_without_the_right_it_says_which(server: StandIn, tmp_path: Path) -> None:
    """A person who may not open a port-forward learns what is missing."""
    server.refused.add("pods/portforward")
    found = traced(server, tmp_path, "predicted")

    assert "not allowed to get pods/portforward in namespace demo" in words(found.stdout)


@pytest.mark.parametrize("moment", ["predicted", "stale", "patched"])
def test_its_json_is_of_the_schema(server: StandIn, tmp_path: Path, moment: str) -> None:
    """What is said of proxies is a stage like others."""
    document = json.loads(traced(server, tmp_path, moment, None, "-o", "json").stdout)
    stages = [stage for stage in document["traces"][0]["stages"] if stage["stage"] == "proxy"]

    jsonschema.validate(document, json.loads((ROOT / "docs" / "schema" / "trace.v1.json").read_text("utf-8")))
    assert stages[0]["status"] == ("pass" if moment == "predicted" else "warn")
    assert stages[1]["status"] == "pass"
    assert document["traces"][0]["verdict"]["arrives"] is (True if moment == "predicted" else None)


@pytest.mark.parametrize("output", ["html", "mermaid", "yaml"])
def test_the_other_formats_show_it_too(server: StandIn, tmp_path: Path, output: str) -> None:
    """Every format has the verdict that names the proxy, or at least draws its doubt."""
    text = traced(server, tmp_path, "stale", None, "-o", output).stdout

    assert "has another route" in text or ":::warn" in text


@pytest.mark.parametrize("more", [("-f", "examples/shop"), ("--matrix",)])
def test_proxies_are_of_a_cluster_and_of_one_request(more: tuple[str, ...]) -> None:
    """Manifests have no proxies, and a matrix would ask all of them."""
    found = run(*REQUEST, *more)

    assert isinstance(found.exception, UsageError)
    assert "--proxies asks the proxies of a cluster about one request." in found.exception.message


def test_a_number_of_proxies_is_a_number() -> None:
    """Other words are refused before anything is read."""
    found = run(*REQUEST[:-1], "--proxies=some")

    assert isinstance(found.exception, UsageError)
    assert '"--proxies=some" is no number of proxies.' in found.exception.message
