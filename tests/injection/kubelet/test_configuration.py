"""What istiod and the proxy say of a pod, where they are asked."""

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.answers import Answers, Push, Sync
from tests.injection.cases import EVERYONE, NO_ISTIOD, PAST, REFUSED, answered, explanation, saying, serving

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
