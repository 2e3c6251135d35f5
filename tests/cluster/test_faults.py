"""Whatever ends apply in the middle, the journal knows all that was changed, and undo takes it back. Live only."""

import base64
import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kubectl_meshfix.cli.main import main
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.targets import cluster, journal
from kubectl_meshfix.targets import journaled_apply as target
from kubectl_meshfix.targets.journal_entry import JournalEntry
from tests.cluster.conftest import Lab
from tests.cluster.injector import Injector, serving
from tests.cluster.server import Server, assets
from tests.cluster.test_loop import run
from tests.cluster.test_undo import cleaned, objects, states

pytestmark = pytest.mark.skipif(assets() is None, reason="needs a kube-apiserver in KUBEBUILDER_ASSETS: moments cannot be recorded")

NAMES = ("a", "b", "c", "d", "e")
APPLY = ("apply", "-n", "default", "--scope", "all", "--select", "MF101", "--unsafe", "--yes")
KILLS = 100


def five(server: Server) -> None:
    """Five Services, each with one mistake."""
    items = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"selector": {"app": name}, "ports": [{"name": "web", "port": 8080}]},
        }
        for name in NAMES
    ]
    server.kubectl("apply", "--server-side", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def services(lab: Lab) -> dict[str, Any]:
    """The five as they are now."""
    assert lab.server
    found = json.loads(lab.server.kubectl("get", "services", "-n", "default", *NAMES, "-o", "json"))["items"]
    return {item["metadata"]["name"]: cleaned(item) for item in found}


def changed(lab: Lab, first: dict[str, Any]) -> set[str]:
    """Names of the Services that are not what they were."""
    return {name for name, item in services(lab).items() if item != first[name]}


def last_run() -> JournalEntry:
    """The newest entry."""
    entry = journal.runs()[-1]
    assert not isinstance(entry, journal.Unreadable)
    return entry


def forked(lab: Lab, after: Callable[[], None]) -> None:
    """Apply in a process of its own, killed when ``after``, which starts with the first write, returns."""
    begun, begins = os.pipe()
    child = os.fork()
    if child == 0:
        import sys  # noqa: PLC0415

        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        write = journal._write

        def write_and_tell(entry: JournalEntry) -> None:
            os.write(begins, b".")
            write(entry)

        journal._write = write_and_tell
        sys.argv = ["kubectl-meshfix", *APPLY, "--kubeconfig", lab.kubeconfig()]
        try:
            main()
        finally:
            os._exit(0)
    os.close(begins)
    assert os.read(begun, 1) == b"."
    after()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(begun)


def test_killed_at_any_moment(lab: Lab) -> None:
    """Killed at a hundred random moments between the first write to the journal and the last: undo gives every first state back."""
    lab.prepare(five)
    first = services(lab)
    started = time.monotonic()
    forked(lab, lambda: time.sleep(2))
    assert len(changed(lab, first)) == 5
    assert run(lab, "undo", "--yes")[0] == 0
    seconds = 0.16  # about what five patches and six writes of the journal take
    moments = random.Random(4)
    seen: dict[int, int] = {}
    for _ in range(KILLS):
        forked(lab, lambda: time.sleep(moments.uniform(0, seconds)))
        moved = changed(lab, first)
        seen[len(moved)] = seen.get(len(moved), 0) + 1
        recorded = {row.resource.name for entry in journal.runs() if not isinstance(entry, journal.Unreadable) for row in entry.objects}
        assert moved <= recorded
        if journal.runs() and not last_run().is_undone:
            code, _, said = run(lab, "undo", "--yes")
            assert code == 0, said
        assert changed(lab, first) == set()
    print(f"{KILLS} kills in {time.monotonic() - started:.0f} s; Services changed by then: {dict(sorted(seen.items()))}")  # noqa: T201
    assert len(seen) >= 3, seen  # the moments were spread over the writes


def late(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> None:
    """Let something happen after the diff was shown and before the first patch."""
    begin = target.start_run

    def begin_late(previews: Any, where: Any) -> Any:
        work()
        return begin(previews, where)

    monkeypatch.setattr(target, "start_run", begin_late)


def refusing(request: Mapping[str, Any]) -> dict[str, Any]:
    """A webhook's answer that is another for dry runs: what counts is refused for the third Service."""
    refused = request["name"] == "c" and (not request.get("dryRun") or "probe" in request["object"]["metadata"].get("labels", {}))
    return {"uid": request["uid"], "allowed": not refused, "status": {"message": "The third is not to be changed."}}


def install_webhook(server: Server, injector: Injector) -> None:
    """Let the API server ask it about every change of a Service, and return when it does."""
    hook = {
        "name": "third.example.com",
        "clientConfig": {"url": f"{injector.address}/inject", "caBundle": base64.b64encode(injector.authority.encode()).decode()},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["services"]}],
        "sideEffects": "NoneOnDryRun",
        "admissionReviewVersions": ["v1"],
    }
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "third"}}
    server.kubectl("apply", "-f", "-", text=json.dumps({**head, "webhooks": [hook]}))
    for _ in range(100):
        if "third" in server.try_kubectl("label", "service", "c", "-n", "default", "--dry-run=server", f"probe=y{time.monotonic_ns()}"):
            return
        time.sleep(0.1)
    raise AssertionError("the webhook was never asked")


def test_the_third_of_five_is_refused_by_a_webhook(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that lets dry runs pass: what came before is changed and recorded, what comes after is not tried, and both are said."""
    lab.prepare(five)
    first = services(lab)
    with serving(tmp_path) as injector:
        monkeypatch.setattr(injector, "answer", refusing)
        lab.prepare(lambda server: install_webhook(server, injector))

        with pytest.raises(TargetError, match=r"Service default/c was not changed: .*not to be changed") as error:
            run(lab, *APPLY)

        assert "Changed before it: Service default/a, Service default/b." in error.value.hint
        assert "Not tried: Service default/d, Service default/e." in error.value.hint
        assert f"kubectl meshfix undo {last_run().id}" in error.value.hint
        assert changed(lab, first) == {"a", "b"}
        assert [row.state for row in last_run().objects] == ["applied", "applied", "refused", "refused", "refused"]
        assert run(lab, "undo", "--yes")[0] == 0
        assert changed(lab, first) == set()


def test_the_disk_fills_up_in_the_middle(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that cannot be written any more stops apply after the change it is at; undo finds that one all the same."""
    lab.prepare(five)
    first = services(lab)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    send, count = cluster.send, list[int]()

    def send_and_fill(*arguments: Any, **options: Any) -> Any:
        count.append(1)
        answer = send(*arguments, **options)
        if len(count) == 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
        return answer

    with monkeypatch.context() as full:
        full.setattr(target, "send", send_and_fill)
        try:
            with pytest.raises(TargetError, match="journal cannot be written any more"):
                run(lab, *APPLY)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert changed(lab, first) == {"a", "b"}
    assert [row.state for row in last_run().objects] == ["applied", "planned", "planned", "planned", "planned"]
    assert run(lab, "undo", "--yes")[0] == 0
    assert changed(lab, first) == set()


def test_a_full_disk_changes_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the entry cannot be written nothing is changed."""
    lab.prepare(five)
    first = services(lab)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    late(monkeypatch, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1])))
    try:
        with pytest.raises(TargetError, match="so nothing was changed"):
            run(lab, *APPLY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert changed(lab, first) == set()
    assert journal.runs() == []


def test_two_at_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second apply between the diff of the first and its patches: each change is made and recorded once."""
    lab.prepare(five)
    first = services(lab)
    begin = target.start_run

    def second(previews: Any, where: Any) -> Any:
        monkeypatch.setattr(target, "start_run", begin)
        assert run(lab, *APPLY)[0] == 0
        return begin(previews, where)

    monkeypatch.setattr(target, "start_run", second)
    with pytest.raises(TargetError, match="Service default/a was not changed"):
        run(lab, *APPLY)

    assert len(objects(lab)) == 5
    assert sorted(states()) == ["applied", "refused"]
    assert run(lab, "undo", "--yes")[0] == 0
    assert changed(lab, first) == set()
