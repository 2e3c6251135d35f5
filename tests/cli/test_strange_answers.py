"""A server whose answers are not what was asked for: a sentence and exit code 2, in the middle of changes too, and undo puts all back."""

import json
import os
import random
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets import journaled_apply as target
from tests.cli.changing_server import Answer, Asked, Changing, Say, changing
from tests.command import run

APPLY = ("apply", "-n", "shop", "--scope", "all", "--unsafe", "--yes", "--request-timeout", "5s")
VERBS: dict[str, Sequence[str]] = {
    "diagnose": ("diagnose", "-A", "--scope", "all", "-o", "json"),
    "explain": ("explain", "deploy/cart", "-n", "shop", "--probe"),
    "apply": APPLY,
    "undo": ("undo", "--yes"),
    "version": ("version",),
}

POD = {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": [{"name": "cart", "image": "cart:1"}]}}
SERVICE_PORT = {"selector": {"app": "cart"}, "ports": [{"name": "web", "port": 8080, "targetPort": 8080}]}


def shop() -> dict[str, Sequence[dict[str, Any]]]:
    """A namespace with a Deployment, its pod, three Services with a mistake each, and the injector's webhook and ConfigMaps."""
    webhook = {
        "name": "namespace.sidecar-injector.istio.io",
        "clientConfig": {"service": {"name": "istiod", "namespace": "istio-system", "path": "/inject"}, "caBundle": "eA=="},
        "namespaceSelector": {"matchLabels": {"istio-injection": "enabled"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
    }
    meta = {"namespace": "shop", "labels": {"app": "cart"}}
    values = {"config": "policy: enabled\n", "values": "{}"}
    return {
        "namespaces": [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
            for name, labels in (("shop", {"istio-injection": "enabled"}), ("kube-system", {}))
        ],
        "services": [
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"}, "spec": SERVICE_PORT} for name in "abc"
        ],
        "deployments": [
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "cart", **meta},
                "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "cart"}}, "template": POD},
            }
        ],
        "pods": [
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "cart-1", **meta},
                "spec": POD["spec"],
                "status": {"phase": "Running", "containerStatuses": [{"name": "cart", "ready": True}]},
            }
        ],
        "mutatingwebhookconfigurations": [
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "MutatingWebhookConfiguration",
                "metadata": {"name": "istio-sidecar-injector", "labels": {"app": "sidecar-injector", "istio.io/rev": "default"}},
                "webhooks": [webhook],
            }
        ],
        "configmaps": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "istio-system"}, "data": data}
            for name, data in (("istio", {"mesh": "{}"}), ("istio-sidecar-injector", values))
        ],
    }


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changing]:
    """That shop, served."""
    with changing(tmp_path_factory.mktemp("kube"), shop()) as server:
        yield server


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for between two tries, and requests come one after the other, so that a seed is one run."""
    monkeypatch.setattr("kubectl_meshfix.sources.cluster.PARALLEL_REQUESTS", 1)
    monkeypatch.setattr(target, "PAUSE", 0.0)
    monkeypatch.setattr("kubectl_meshfix.targets.cluster.PAUSE", 0.0)
    monkeypatch.setattr("kubectl_meshfix.sources.api.connection._back_off", lambda _attempt: 0.0)


WHOLE = (b"", b"hello", b"{", b"[]", b"null", b"5", b'"x"', b"{}", b'{"metadata": {}}', b'{"items": []}', b"\xff\xfe", b"[" * 100_000)
VALUES: Sequence[Any] = (None, 5, "x", [], {}, [5], {"a": 1}, True, [None], [[]], -1.5, "\ud800", 10**30, [{}])


IDENTITY = frozenset({"kind", "metadata", "name", "namespace", "uid", "resourceVersion"})


def strange(rng: random.Random, asked: Asked, answer: Answer) -> Answer:
    """An answer in the place of the right one: another text, another status, or the right one with a value that does not belong.

    Of an object that is to be changed only what tells it from others is spoilt: nobody can know that a server lies about a value.
    """
    match rng.randrange(8):
        case 0:
            return Answer(200, rng.choice(WHOLE))
        case 1:
            return Answer(200, b"hello", "text/plain")
        case 2:
            return Answer(200, b"<html>Log in</html>", "text/html; charset=utf-8")
        case 3:
            return Answer(rng.choice([404, 403, 500, 502, 409, 422, 302, 401]), rng.choice([*WHOLE, answer.body]))
        case _:
            document = json.loads(answer.body)
            for _ in range(rng.choice([1, 1, 3])):
                document = _spoilt(rng, document, IDENTITY if asked.is_of_one else None)
            return Answer(answer.status, json.dumps(document).encode())


def _spoilt(rng: random.Random, document: Any, keys: Collection[str] | None) -> Any:
    """A document with one of its values, at any depth, replaced, left out or renamed."""
    places: list[tuple[Any, Any]] = []

    def visit(value: Any) -> None:
        rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in rows:
            if keys is None or key in keys:
                places.append((value, key))
                visit(item)

    visit(document)
    if not places or rng.random() < 0.1:
        return rng.choice(VALUES)
    holder, key = rng.choice(places[:8] if rng.random() < 0.4 else places)
    if isinstance(holder, dict) and rng.random() < 0.3:
        del holder[key]
    else:
        holder[key] = rng.choice(VALUES)
    return document


def ends_well(result: Result, seed: object = "") -> None:
    """A run ends with an exit code of ours, or with a sentence."""
    error = result.exception
    if error and not isinstance(error, SystemExit | MeshfixError):
        raise AssertionError(f"seed {seed}: {error!r}") from error
    if isinstance(error, MeshfixError):
        assert error.message.endswith((".", "?", "!")), (seed, error.message)
        assert "failed with" not in error.message + error.hint, seed
    else:
        assert result.exit_code in (0, 1, 2)


@pytest.mark.parametrize("verb", VERBS)
def test_no_answer_breaks_a_run(verb: str, cluster: Changing, state: Path) -> None:
    """Whichever request gets an answer that is none, the run ends in words, and what it has changed is in the journal."""
    first = cluster.content()
    for seed in range(4 * int(os.environ.get("MESHFIX_LAWS", "1"))):
        cluster.begin(honest)
        if verb == "undo":
            assert run(*APPLY, "--kubeconfig", cluster.kubeconfig).exit_code == 0
        cluster.begin(sometimes_strange(random.Random(f"{verb} {seed}")))
        result = run(*VERBS[verb], "--kubeconfig", cluster.kubeconfig)
        ends_well(result, seed)
        error = result.exception
        if verb == "apply" and cluster.changes and isinstance(error, MeshfixError):
            assert "kubectl meshfix undo" in error.message + error.hint, (seed, error.message)
        cluster.begin(honest)
        for _ in range(3):
            if cluster.content() == first:
                break
            undone = run("undo", "--yes", "--kubeconfig", cluster.kubeconfig)
            assert undone.exit_code == 0, (seed, undone.output, result.output)
        assert cluster.content() == first, seed
    assert journal.runs() or verb not in ("apply", "undo")


def sometimes_strange(rng: random.Random) -> Say:
    """Strange answers to one request of some kind, or to all after it."""
    number, once, method = rng.randrange(12), rng.random() < 0.7, rng.choice(["GET", "PATCH", "POST", "any"])
    seen = [0]

    def say(asked: Asked, answer: Answer) -> Answer:
        if method not in (asked.method, "any"):
            return answer
        seen[0] += 1
        return strange(rng, asked, answer) if (seen[0] == number + 1 if once else seen[0] > number) else answer

    return say


def honest(_asked: Asked, answer: Answer) -> Answer:
    """The right answer."""
    return answer


def test_a_change_that_is_answered_with_something_else(cluster: Changing) -> None:
    """The second of three changes is answered with text, and nothing after it: what was changed is told, and how to take it back."""
    first = cluster.content()

    def say(asked: Asked, answer: Answer) -> Answer:
        return Answer(200, b"hello", "text/plain") if cluster.changes >= 2 else answer

    cluster.begin(say)
    error = run(*APPLY, "--select", "MF101", "--kubeconfig", cluster.kubeconfig).exception
    assert isinstance(error, MeshfixError)
    assert re.match(r"Service shop/\w: it is not known whether it was changed", error.message)
    assert re.match(r"Changed before it: Service shop/\w\.\n", error.hint)
    (entry,) = journal.runs()
    assert f"kubectl meshfix undo {entry.id}" in error.hint
    cluster.begin(honest)
    assert run("undo", "--yes", "--kubeconfig", cluster.kubeconfig).exit_code == 0
    assert cluster.content() == first


def test_an_object_that_goes_away(cluster: Changing) -> None:
    """Probing a Deployment that is deleted between the list and the read says so."""
    gone = Answer(404, b'{"kind": "Status", "reason": "NotFound", "code": 404}')
    cluster.begin(lambda asked, answer: gone if asked.path.endswith("/deployments/cart") and cluster.asked > 4 else answer)
    result = run("explain", "deploy/cart", "-n", "shop", "--probe", "--kubeconfig", cluster.kubeconfig)
    ends_well(result)


def test_a_list_without_an_end(cluster: Changing) -> None:
    """A server that gives the same continue token again and again is not followed for ever."""
    more = Answer(200, b'{"metadata": {"continue": "again"}, "items": []}')
    cluster.begin(lambda asked, answer: more if asked.path.endswith("/services") else answer)
    error = run("diagnose", "-A", "--kubeconfig", cluster.kubeconfig).exception
    assert isinstance(error, MeshfixError)
    assert "never comes to an end" in error.message


def test_undo_looks_again_where_an_object_moved(cluster: Changing) -> None:
    """An object whose status is written between its being read and its patch goes back all the same, and nobody is told to force it."""
    first = cluster.content()
    cluster.begin(honest)
    assert run(*APPLY, "--select", "MF101", "--kubeconfig", cluster.kubeconfig).exit_code == 0
    moves = [0]

    def say(asked: Asked, answer: Answer) -> Answer:
        if asked.method == "GET" and asked.path.endswith("/services/b") and moves[0] < 2:
            moves[0] += 1
            cluster.move("services", "b")
        return answer

    cluster.begin(say)
    result = run("undo", "--yes", "--kubeconfig", cluster.kubeconfig)
    assert (result.exit_code, moves[0], cluster.content()) == (0, 2, first), result.output
    assert "--force-fields" not in result.output


def test_a_run_is_undone_at_another_address_of_its_cluster(cluster: Changing, tmp_path: Path) -> None:
    """A cluster that gets another address, as kind's and minikube's do at each start, is the same by the uid of its kube-system."""
    first = cluster.content()
    cluster.begin(honest)
    moved = tmp_path / "moved"
    moved.write_text(Path(cluster.kubeconfig).read_text().replace("127.0.0.1", "localhost"))
    for by_id in (True, False):
        assert run(*APPLY, "--select", "MF101", "--kubeconfig", cluster.kubeconfig).exit_code == 0
        run_id = journal.runs()[-1].id if by_id else ""
        assert run("undo", *filter(None, [run_id]), "--yes", "--kubeconfig", str(moved)).exit_code == 0
        assert cluster.content() == first


def test_another_cluster_of_the_same_name_is_told_by_its_server(cluster: Changing, tmp_path: Path) -> None:
    """A run of another cluster is not undone, and the error names both servers."""
    cluster.begin(honest)
    assert run(*APPLY, "--select", "MF101", "--kubeconfig", cluster.kubeconfig).exit_code == 0
    with changing(tmp_path, shop()) as other:
        next(item for item in other.objects["namespaces"] if item["metadata"]["name"] == "kube-system")["metadata"]["uid"] = "another"
        error = run("undo", journal.runs()[-1].id, "--yes", "--kubeconfig", other.kubeconfig).exception
        assert isinstance(error, MeshfixError)
        assert all(
            json.loads(Path(file).read_text())["clusters"][0]["cluster"]["server"] in error.message
            for file in (cluster.kubeconfig, other.kubeconfig)
        )
    assert run("undo", "--yes", "--kubeconfig", cluster.kubeconfig).exit_code == 0
