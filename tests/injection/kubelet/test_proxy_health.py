"""A pod that has its proxy: what its statuses and events say of it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Outcome, Step, step, told
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.kubelet.proxy_health import inspect_proxy
from kubectl_meshfix.injection.membership import Membership, Mode
from kubectl_meshfix.injection.proxy import proxy_container
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from tests.injection.scenes import cluster, event, pod, template

RUNNING: dict[str, Any] = {"ready": True, "state": {"running": {}}}
UNREADY: dict[str, Any] = {"ready": False, "state": {"running": {}}}
ENDED: dict[str, Any] = {"ready": False, "state": {"terminated": {"exitCode": 0}}}
CRASHED: dict[str, Any] = {"ready": False, "state": {"terminated": {"exitCode": 2}}}
DECIDED = step(checks.NO_PROXY_EXPECTED, pod="x")
ANYHOW = Membership(mode=Mode.NONE, injected=False, decided_by=DECIDED, because=())


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    """The status of a container that kubelet has not got going."""
    return {"ready": False, "state": {"waiting": {"reason": reason, "message": message}}}


def inspected(
    made: Object, *others: Any, expected: Membership = ANYHOW, coverage: Mapping[Kind, Coverage] | None = None
) -> tuple[list[Step], Step | None]:
    """The steps about a pod with a proxy, and what is wrong with it first."""
    assert isinstance(made, Pod)
    proxy = proxy_container(made.spec)
    assert proxy
    found = told(inspect_proxy(cluster(made, *others, coverage=coverage), made, proxy, expected))
    return list(found.steps), found.value


def outcomes(made: Object, *others: Any, **given: Any) -> list[Outcome]:
    """The answers of these steps."""
    return [item.outcome for item in inspected(made, *others, **given)[0]]


@pytest.mark.parametrize(
    ("reason", "message", "expected"),
    [
        ("FailedCreatePodSandBox", 'plugin type="istio-cni" failed (add)', [checks.AGENT_FAILS]),
        ("FailedCreatePodSandBox", 'plugin type="calico" failed (add)', []),
        ("FailedKillPod", 'plugin type="istio-cni" failed (delete)', []),
        ("FailedMount", 'configmap "istio-ca-root-cert" not found', [checks.ROOT_MISSING]),
        ("FailedMount", 'configmap "settings" not found', []),
        ("Failed", 'configmap "istio-ca-root-cert" not found', []),
    ],
)
def test_events_tell_why_no_container_starts(reason: str, message: str, expected: list[Outcome]) -> None:
    """The agent's failures and the root certificate that is not there, and nothing that only looks like them."""
    steps, wrong = inspected(pod(injected=True, states={"istio-proxy": waiting("")}), event(reason, message))

    assert [item.outcome for item in steps] == expected
    assert [item.evidence for item in steps] == [(message,) for _ in expected]
    assert wrong == (steps[0] if steps else None)


@pytest.mark.parametrize(
    ("name", "status", "expected", "evidence"),
    [
        ("istio-init", {"state": {"terminated": {"exitCode": 0}}}, checks.INIT_DONE, ()),
        ("istio-init", {"state": {"terminated": {"exitCode": 126}}}, checks.INIT_FAILS, ("exit code 126", "0 restarts")),
        ("istio-init", {"state": {"terminated": {"exitCode": 1, "message": "no"}}}, checks.INIT_FAILS, ("exit code 1", "no", "0 restarts")),
        (
            "istio-init",
            {"state": {"waiting": {"reason": "ErrImagePull"}}},
            checks.INIT_NOT_PULLED,
            ("ErrImagePull", "ErrImagePull", "0 restarts"),
        ),
        ("istio-init", {"state": {"waiting": {"reason": "PodInitializing"}}}, None, ()),
        ("istio-init", {"state": {"running": {}}}, None, ()),
        ("istio-init", {"state": {}}, None, ()),
        ("istio-validation", {"state": {"terminated": {"exitCode": 0}}}, checks.VALIDATION_DONE, ()),
        ("istio-validation", {"state": {"terminated": {"exitCode": 126}}}, checks.RULES_ABSENT, ("exit code 126", "0 restarts")),
        ("istio-validation", {"state": {"terminated": {"exitCode": 125}}}, checks.VALIDATION_FAILS, ("exit code 125", "0 restarts")),
        (
            "istio-validation",
            {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 126}}, "restartCount": 3},
            checks.RULES_ABSENT,
            ("exit code 126", "CrashLoopBackOff", "3 restarts"),
        ),
        (
            "istio-validation",
            {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 0}}},
            checks.VALIDATION_FAILS,
            ("exit code 0", "CrashLoopBackOff", "0 restarts"),
        ),
        (
            "istio-validation",
            {"state": {"waiting": {"reason": "CreateContainerError"}}},
            checks.VALIDATION_FAILS,
            ("CreateContainerError", "CreateContainerError", "0 restarts"),
        ),
        (
            "istio-validation",
            {"state": {"waiting": {"reason": "ImagePullBackOff"}}},
            checks.VALIDATION_NOT_PULLED,
            ("ImagePullBackOff", "ImagePullBackOff", "0 restarts"),
        ),
        ("copy", {"state": {"terminated": {"exitCode": 0}}}, None, ()),
    ],
)
def test_what_prepares_the_pod(name: str, status: dict[str, Any], expected: Outcome | None, evidence: tuple[str, ...]) -> None:
    """How istio-init and istio-validation end, now or the time before; exit code 126 has its meaning for the latter alone."""
    steps, _ = inspected(pod(injected=True, states={"istio-proxy": waiting("")}, init={"name": name, **status}))

    assert [(item.outcome, item.evidence) for item in steps] == ([(expected, evidence)] if expected else [])


@pytest.mark.parametrize(
    ("cart", "proxy", "expected", "evidence"),
    [
        (RUNNING, RUNNING, checks.IS_READY, ()),
        (ENDED, RUNNING, checks.NEVER_ENDS, ("cart ended with 0",)),
        (CRASHED, UNREADY, checks.NEVER_ENDS, ("cart ended with 2",)),
        (ENDED, ENDED, None, ()),
        (ENDED, waiting("PodInitializing"), None, ()),
        (RUNNING, UNREADY, checks.NOT_READY, ("second", "third")),
        (RUNNING, CRASHED, None, ()),
        (RUNNING, waiting("CrashLoopBackOff", "back-off"), checks.NOT_RUNNING, ("back-off",)),
        (RUNNING, waiting("CrashLoopBackOff"), checks.NOT_RUNNING, ()),
        (RUNNING, waiting("PodInitializing"), None, ()),
        (RUNNING, waiting("ContainerCreating"), None, ()),
        (RUNNING, waiting(""), None, ()),
        (RUNNING, {"ready": False, "state": {}}, None, ()),
    ],
)
def test_how_the_proxy_lives(
    cart: Mapping[str, Any], proxy: Mapping[str, Any], expected: Outcome | None, evidence: tuple[str, ...]
) -> None:
    """What starts is not judged yet; of what kubelet says of its readiness the last two are told, and no other events."""
    told_of = [event("Unhealthy", text) for text in ("first", "second", "third")] + [event("Pulled", "fourth")]
    events = [changed_name(item, str(index)) for index, item in enumerate(told_of)]
    steps, _ = inspected(pod(injected=True, states={"cart": cart, "istio-proxy": proxy}), *events)

    assert [(item.outcome, item.evidence) for item in steps] == ([(expected, evidence)] if expected else [])


def changed_name(obj: Object, suffix: str) -> Object:
    """The object by another name, so that it stands beside others like it."""
    return msgspec.structs.replace(obj, metadata=msgspec.structs.replace(obj.metadata, name=f"{obj.name}-{suffix}"))


@pytest.mark.parametrize(("status", "expected"), [(RUNNING, [checks.IS_READY]), (UNREADY, [checks.NOT_READY]), (ENDED, [])])
def test_a_native_proxy_ends_by_itself(status: dict[str, Any], expected: list[Outcome]) -> None:
    """Kubelet ends it once the pod's own containers have ended."""
    made = pod(injected=True, native=True, states={"cart": ENDED}, init={"name": "istio-proxy", **status})

    assert outcomes(made) == expected


def test_a_proxy_that_stands_alone_runs_on() -> None:
    """Without other containers, and with one of two that still runs, it is not the one that keeps the pod from ending."""
    alone = template(containers=[{"name": "istio-proxy", "image": "proxyv2:1"}])
    three = template(containers=[{"name": "cart", "image": "c"}, {"name": "log", "image": "c"}])

    assert outcomes(pod(alone, states={"istio-proxy": RUNNING})) == [checks.IS_READY]
    assert outcomes(pod(three, injected=True, states={"cart": ENDED, "log": RUNNING})) == [checks.IS_READY]
    assert outcomes(pod(three, injected=True, states={"cart": ENDED, "log": ENDED})) == [checks.NEVER_ENDS]


@pytest.mark.parametrize(
    ("of_pod", "of_cart", "of_proxy", "shared"),
    [
        (None, None, None, False),
        (None, 1337, None, True),
        (1337, None, None, True),
        (1337, 1, None, False),
        (1, 1337, None, True),
        (None, 1337, 2000, False),
        (None, 2000, 2000, True),
        (None, 0, 0, True),
        (None, None, 2000, False),
    ],
)
def test_who_runs_as_the_proxys_user(of_pod: int | None, of_cart: int | None, of_proxy: int | None, shared: bool) -> None:
    """A container's own user, else the pod's, against the proxy's own, else 1337; the proxy itself is not meant."""
    rows = [{"name": name, "image": "i", "securityContext": context(user)} for name, user in (("cart", of_cart), ("istio-proxy", of_proxy))]
    made = pod(template(containers=rows, securityContext=context(of_pod)), states={"istio-proxy": waiting("")})

    assert [(item.outcome, item.args["container"]) for item in inspected(made)[0]] == ([(checks.SHARED_UID, "cart")] if shared else [])


def context(user: int | None) -> dict[str, int]:
    """A securityContext."""
    return {} if user is None else {"runAsUser": user}
