"""What istiod and the proxy say of a pod, where they are asked."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.kubelet.configuration import inspect_configuration
from kubectl_meshfix.mesh.answers import Answers, NotAsked, Push, Sync, proxy_of
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import ContainerState, ContainerStatus, Pod
from tests.injection.cases import CART_POD, EVERYONE, NO_ISTIOD, PAST, REFUSED, answered, explanation, saying, serving
from tests.injection.scenes import NOW

SYNCED = Push(type="CDS", sync=Sync.SYNCED)
REFUSING = Push(type="LDS", sync=Sync.ERROR, error=REFUSED)


@pytest.mark.parametrize(
    ("answers", "status", "words"),
    [
        pytest.param(serving(SYNCED), Status.PASS, "has acknowledged all of it", id="all is acknowledged"),
        pytest.param(serving(SYNCED, REFUSING), Status.FAIL, "refuses the listeners that istiod istiod-1 sends", id="refused"),
        pytest.param(serving(Push(type="EDS", sync=Sync.STALE)), Status.PASS, "has just sent new endpoints", id="on its way"),
        pytest.param(
            serving(SYNCED, Push(type="RDS", sync=Sync.STALE, sent=PAST)), Status.WARN, "has not answered for", id="not acknowledged"
        ),
        pytest.param(EVERYONE, Status.FAIL, "connected to no istiod", id="none serves it"),
        pytest.param(NO_ISTIOD, Status.UNKNOWN, "not allowed to list pods", id="istiod gave no answer"),
        pytest.param(saying(connected=True), Status.UNKNOWN, "no istiod names it yet", id="it went to another istiod"),
        pytest.param(saying(connected=False, everyone=False), Status.WARN, "The proxy says", id="its word alone"),
    ],
)
def test_what_istiod_says_is_a_step(answers: Answers, status: Status, words: str) -> None:
    """Each answer is one step of kubelet's stage, with its status, and its reason where nobody knows."""
    (found,) = (
        step for stage in explanation(answered(answers)).stages for step in stage.steps if (step.stage, step.check) == ("kubelet", "istiod")
    )

    assert found.status is status
    assert words in sentence(found)


def test_who_did_not_ask_reads_nothing_of_it() -> None:
    """Without answers there are no such steps, and the verdict is the same."""
    found = explanation(answered(Answers()))

    assert found.verdict.as_requested
    assert not {step.check for step in found.stages[-1].steps} & {"istiod", "certificate"}


def test_a_refusal_decides() -> None:
    """A proxy that refuses its configuration is not as asked for; where it is not ready either, the refusal is the reason."""
    for ready in (True, False):
        verdict = explanation(answered(serving(REFUSING), ready=ready)).verdict

        assert (verdict.as_requested, verdict.decided_by.check) == (False, "istiod")
        assert "Envoy says: Didn't find a registered implementation for 'x'" in verdict.summary


def test_a_certificate_is_judged_by_when_it_is_renewed() -> None:
    """One that should have been renewed is a warning, one that has ended a failure; of others it is said how long they are valid."""
    own = ({"name": "CA_ADDR", "value": "istiod.istio-system.svc:15012"},)
    expected = {80_000.0: Status.PASS, 1_200.0: Status.WARN, -60.0: Status.FAIL}

    for seconds, status in expected.items():
        steps = explanation(answered(saying(connected=True, seconds=seconds), env=own)).stages[-1].steps
        assert [step.status for step in steps if step.check == "certificate"] == [status]


@pytest.mark.parametrize("sent", ["", "0001-01-01T00:00:00Z", "yesterday"])
def test_a_push_of_no_known_time_is_not_late(sent: str) -> None:
    """Where istiod does not say when it sent something, nothing is said of how long ago that is."""
    push = msgspec.structs.replace(Push(type="RDS", sync=Sync.STALE), sent=sent)
    (found,) = (step for step in explanation(answered(serving(push))).stages[-1].steps if step.check == "istiod")

    assert found.status is Status.PASS


def young(answers: Answers) -> Mesh:
    """A cluster whose proxy has only begun to run."""
    found = answered(answers, ready=False).mesh
    objects = [
        msgspec.structs.replace(item, status=msgspec.structs.replace(item.status, start_time=NOW)) if isinstance(item, Pod) else item
        for item in found.objects
    ]
    return Mesh(objects, live=True, taken_at=NOW).with_answers(answers)


def judged(mesh: Mesh, check: str) -> Step:
    """The step of a check about the only proxy."""
    pod = mesh.get(Pod, "shop", "cart-1-x")
    assert pod
    (found,) = (step for step in inspect_configuration(mesh, pod) if step.check == check)
    return found


OF_PROXY = NotAsked(subject=proxy_of(CART_POD), reason="it answers with HTML")


@pytest.mark.parametrize(
    ("mesh", "reason"),
    [
        (young(EVERYONE), "the proxy has only begun to run"),
        (young(saying(connected=False)), "the proxy has only begun to run"),
        (young(saying(connected=True)), "the proxy says that it is connected, and no istiod names it yet"),
        (answered(Answers(missing=(OF_PROXY, *NO_ISTIOD.missing))).mesh, "istiods in namespace istio-system: not allowed to list pods"),
        (answered(Answers(missing=(OF_PROXY,))).mesh, "no istiod of it was found"),
        (answered(Answers(of=1)).mesh, "no istiod of it was found"),
    ],
)
def test_why_no_istiod_names_the_proxy(mesh: Mesh, reason: str) -> None:
    """Why no istiod could say so, or what the proxy says of itself."""
    found = judged(mesh, "istiod")

    assert (found.status, found.args["reason"]) == (Status.UNKNOWN, reason)


@pytest.mark.parametrize(("answers", "reason"), [(serving(), "it answers with HTML"), (EVERYONE, "it was not among those that were asked")])
def test_why_a_certificate_is_not_known(answers: Answers, reason: str) -> None:
    """Why the proxy gave no answer, where somebody noted it."""
    found = judged(answered(answers).mesh, "certificate")

    assert (found.status, found.args["reason"]) == (Status.UNKNOWN, reason)


def test_a_refusal_without_words() -> None:
    """Envoy may refuse something and say nothing about it."""
    found = judged(answered(serving(Push(type="LDS", sync=Sync.ERROR, error=""))).mesh, "istiod")

    assert (found.status, found.args["words"], found.evidence) == (Status.FAIL, "nothing", ())


def test_three_refused_resources_are_named() -> None:
    """Of each refusal the first three, and the reason of the first without its full stop."""
    listeners = " ".join(f"10.0.0.{place}_80: no such filter." for place in range(4))
    pushes = (
        Push(type="LDS", sync=Sync.ERROR, error=f"Error adding/updating listener(s) {listeners}"),
        Push(type="RDS", sync=Sync.STALE, sent=PAST),
        Push(type="CDS", sync=Sync.ERROR, error="Error adding/updating cluster(s) outbound|80||a.shop: no address"),
    )
    found = judged(answered(serving(*pushes)).mesh, "istiod")

    assert found.evidence == (*(f"refused: 10.0.0.{place}_80" for place in range(3)), "refused: outbound|80||a.shop")
    assert (found.args["what"], found.args["istiod"]) == ("listeners and clusters", "istiod istiod-1")


@pytest.mark.parametrize(
    ("seconds", "of_istiod", "status"),
    [
        (21_600.0, True, Status.PASS),
        (21_599.0, True, Status.WARN),
        (1.0, True, Status.WARN),
        (0.0, True, Status.FAIL),
        (1.0, False, Status.PASS),
        (0.0, False, Status.PASS),
        (-1.0, False, Status.FAIL),
    ],
)
def test_a_certificate_at_its_end(seconds: float, of_istiod: bool, status: Status) -> None:
    """Istiod's is late from the last quarter of its day on; of another authority's only that it has ended is known."""
    env = ({"name": "CA_ADDR", "value": "istiod.istio-system.svc:15012"},) if of_istiod else ()

    assert judged(answered(saying(connected=True, seconds=seconds), env=env).mesh, "certificate").status is status


@pytest.mark.parametrize("state", [{"waiting": {"reason": "CrashLoopBackOff"}}, {"terminated": {"exitCode": 0}}, {}])
def test_a_proxy_that_does_not_run_has_no_configuration(state: dict[str, Any]) -> None:
    """A pod may run without it; then nothing is said of what istiod sends."""
    case = answered(EVERYONE)
    stopped = ContainerStatus(name="istio-proxy", state=msgspec.convert(state, ContainerState))
    objects = [
        msgspec.structs.replace(item, status=msgspec.structs.replace(item.status, container_statuses=(stopped,)))
        if isinstance(item, Pod) and item.name == "cart-1-x"
        else item
        for item in case.mesh.objects
    ]
    found = explanation(case._replace(mesh=Mesh(objects, live=True, taken_at=NOW).with_answers(EVERYONE)))

    assert not [step for step in found.stages[-1].steps if step.check in ("istiod", "certificate")]
