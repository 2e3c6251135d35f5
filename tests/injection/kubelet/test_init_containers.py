"""Init containers that fail: which do, with what code, and whether a proxy that does not run yet is the reason."""

from typing import Any

import pytest

from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.early import Host, InitCall
from kubectl_meshfix.injection.kubelet.init_containers import failing_init_containers, inspect_init_containers, is_cut_off
from kubectl_meshfix.resources.core import Pod
from tests.injection.cases import MIGRATE
from tests.injection.scenes import cluster, pod, template

VALIDATION = {"name": "istio-validation", "image": "p"}
FAILED, DONE = {"terminated": {"exitCode": 3, "message": " no route\n"}}, {"terminated": {"exitCode": 0}}
AGAIN = {"waiting": {"reason": "CrashLoopBackOff"}}
CALL = InitCall(container="migrate", index=0, says="", hosts=(Host("db", 5432),))


def made(*containers: dict[str, Any], init: dict[str, Any] | None = None, annotations: dict[str, str] | None = None, **kind: Any) -> Pod:
    """A pod with init containers, and the status of one of them."""
    found = pod(template(annotations=annotations, initContainers=list(containers)), init=init, phase="Pending", **kind)
    assert isinstance(found, Pod)
    return found


@pytest.mark.parametrize(
    ("status", "fails"),
    [
        ({"state": FAILED}, True),
        ({"state": DONE, "ready": True}, False),
        ({"state": DONE, "lastState": FAILED, "ready": True}, False),
        ({"state": AGAIN, "lastState": FAILED}, True),
        ({"state": AGAIN}, True),
        ({"state": {"waiting": {"reason": "Error"}}}, True),
        ({"state": {"waiting": {"reason": "RunContainerError"}}}, True),
        ({"state": {"waiting": {"reason": "PodInitializing"}}}, False),
        ({"state": {"waiting": {"reason": "PodInitializing"}}, "lastState": FAILED}, True),
        ({"state": {"running": {}}, "lastState": FAILED}, False),
        ({"state": {}}, False),
        ({"state": FAILED, "name": "istio-init"}, False),
        ({"state": FAILED, "name": "istio-validation"}, False),
        ({"state": FAILED, "name": "istio-proxy"}, False),
    ],
)
def test_which_init_containers_fail(status: dict[str, Any], fails: bool) -> None:
    """What ended with an error and does not run again, and what kubelet cannot get to run; Istio's own are others' matter."""
    found = list(failing_init_containers(made(MIGRATE, init={"name": "migrate", **status})))

    assert [index for index, _ in found] == ([0] if fails else [])


@pytest.mark.parametrize(
    ("status", "code", "evidence"),
    [
        ({"state": FAILED}, "exit code 3", ("it runs migrate", "0 restarts", "no route")),
        ({"state": AGAIN, "lastState": FAILED, "restartCount": 2}, "exit code 3", ("it runs migrate", "2 restarts", "no route")),
        ({"state": AGAIN}, "CrashLoopBackOff", ("it runs migrate", "0 restarts")),
    ],
)
def test_how_it_ended_is_told(status: dict[str, Any], code: str, evidence: tuple[str, ...]) -> None:
    """By its exit code, of now or of the time before, else by what kubelet waits for."""
    own = made(VALIDATION, MIGRATE, init={"name": "migrate", **status}, injected=True)
    (found,) = inspect_init_containers(cluster(own), own)

    assert (found.outcome, found.args["code"], found.evidence) == (checks.INIT_CUT_OFF, code, evidence)


@pytest.mark.parametrize(
    ("containers", "native", "outcome"),
    [
        ((VALIDATION, MIGRATE), False, checks.INIT_CUT_OFF),
        ((MIGRATE,), False, checks.INIT_REFUSED),
        ((VALIDATION, MIGRATE), True, checks.INIT_FAILS_OTHERWISE),
        ((VALIDATION, {"name": "migrate", "image": "c", "command": ["cp", "a", "b"]}), False, checks.INIT_FAILS_OTHERWISE),
    ],
)
def test_why_it_fails(containers: tuple[dict[str, Any], ...], native: bool, outcome: Any) -> None:
    """A native proxy runs before it, and what does not call has another reason."""
    own = made(*containers, init={"name": "migrate", "state": FAILED}, injected=True, native=native)

    assert [step.outcome for step in inspect_init_containers(cluster(own), own)] == [outcome]


@pytest.mark.parametrize(
    ("context", "user", "group", "cut_off"),
    [
        (None, None, None, True),
        (None, 1337, None, False),
        (None, None, 1337, False),
        ({}, 1337, None, False),
        ({}, None, 1337, False),
        ({"runAsUser": 2000}, 2000, None, False),
        ({"runAsUser": 2000}, 1337, None, True),
        ({"runAsUser": 2000}, None, 1337, False),
        ({"runAsGroup": 3000}, None, 3000, False),
        ({"runAsGroup": 3000}, None, 1337, True),
        ({"runAsGroup": 3000}, 1337, None, False),
    ],
)
def test_who_is_cut_off(context: dict[str, int] | None, user: int | None, group: int | None, cut_off: bool) -> None:
    """Everybody but the proxy's own user and group, which are 1337 where its container names none."""
    proxy = {"name": "istio-proxy", "image": "p", **({} if context is None else {"securityContext": context})}
    own = pod(template(initContainers=[VALIDATION, MIGRATE], containers=[{"name": "cart", "image": "c"}, proxy]))
    assert isinstance(own, Pod)

    assert is_cut_off(own, InitCall(container="migrate", index=1, says="", user=user, group=group)) is cut_off


@pytest.mark.parametrize(
    ("containers", "injected", "annotations", "cut_off"),
    [
        ((VALIDATION, MIGRATE), True, {}, True),
        ((MIGRATE,), True, {}, False),
        ((VALIDATION, MIGRATE), False, {}, False),
        ((VALIDATION, MIGRATE), True, {"traffic.sidecar.istio.io/excludeOutboundPorts": "5432"}, False),
        ((VALIDATION, MIGRATE), True, {"traffic.sidecar.istio.io/excludeOutboundPorts": "80"}, True),
    ],
)
def test_where_nobody_is_cut_off(
    containers: tuple[dict[str, Any], ...], injected: bool, annotations: dict[str, str], cut_off: bool
) -> None:
    """Without the CNI agent, without a proxy, and on ports that pass it by."""
    assert is_cut_off(made(*containers, injected=injected, annotations=annotations), CALL) is cut_off
