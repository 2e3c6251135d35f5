"""MF205: who ends a proxy, which pods hang, and what is done about it."""

import msgspec
import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.rules.workloads.ending_pods import ends_the_proxy, is_stuck
from tests.injection.installations import as_workload, decoded
from tests.rules.test_before_the_proxy import OLD, PROXY
from tests.rules.test_workloads import IN_MESH, JOB, Json, fix_of, job, namespace, pod

MAIN = {"name": "main", "image": "app:1.0"}


@pytest.mark.parametrize(
    ("container", "ends"),
    [
        (MAIN, False),
        ({**MAIN, "command": ["sh", "-c", "work; curl -X POST localhost:15020/quitquitquit"]}, True),
        ({**MAIN, "args": ["work; pilot-agent request POST quitquitquit"]}, True),
        ({**MAIN, "args": ["work; pkill -f /usr/local/bin/envoy"]}, True),
        ({**MAIN, "args": ["work; kill 1; echo envoy"]}, True),
        ({**MAIN, "args": ["envoy; kill 1"]}, False),
        ({**MAIN, "env": [{"name": "ISTIO_QUIT_API", "value": "http://localhost:15020"}]}, True),
        ({**MAIN, "env": [{"name": "QUIT_API", "value": "quitquitquit"}]}, False),
        ({**PROXY, "args": ["pilot-agent"]}, False),
    ],
)
def test_who_ends_the_proxy(container: Json, *, ends: bool) -> None:
    """A command of the application's, or scuttle by its variable; the proxy's own arguments do not count."""
    assert ends_the_proxy(as_workload(decoded(job("report", containers=[MAIN, container])))) is ends


ENDED: Json = {"terminated": {"exitCode": 0}}
RUNS: Json = {"running": {}}
WAITS: Json = {"waiting": {"reason": "ContainerCreating"}}


@pytest.mark.parametrize(
    ("states", "is_hanging"),
    [
        ({"main": ENDED, "istio-proxy": RUNS}, True),
        ({"main": ENDED, "other": ENDED, "istio-proxy": RUNS}, True),
        ({"main": ENDED, "other": RUNS, "istio-proxy": RUNS}, False),
        ({"main": RUNS, "istio-proxy": RUNS}, False),
        ({"main": ENDED, "istio-proxy": ENDED}, False),
        ({"main": ENDED, "istio-proxy": WAITS}, False),
        ({"main": ENDED}, False),
        ({"istio-proxy": RUNS}, False),
        ({}, False),
    ],
)
def test_a_pod_hangs_where_only_the_proxy_runs(states: dict[str, Json], *, is_hanging: bool) -> None:
    """All others have ended, and there were some."""
    raw = pod("report", status={"containerStatuses": [{"name": name, "state": state} for name, state in states.items()]})

    assert is_stuck(msgspec.convert(raw, Pod)) is is_hanging


BY_NATIVE = 'Add the annotation sidecar.istio.io/nativeSidecar: "true" to the pod template.'
BY_LABEL = "Correct the label or annotation that asks for no sidecar (MF303): without one, the pods end."
KEEPS = "A running pod keeps its proxy: delete it and create it again."
CONTAINS = "The template contains the proxy: remove it, and let the injector add it."
PIPELINE = {"apiVersion": "tekton.dev/v1", "kind": "TaskRun", "name": "build"}
SLIP = {"app": "report", "sidecar.istio.io/injection": "false"}
OTHER_SLIP = {"app": "report", "istio.io/data-plane-mode": "none"}


@pytest.mark.parametrize(
    ("work", "live", "summary", "why"),
    [
        (job("report", IN_MESH), False, BY_NATIVE, None),
        (job("report", SLIP), False, BY_LABEL, None),
        (job("report", OTHER_SLIP), False, BY_NATIVE, None),
        (job("report", {"app": "report", "sidecar.istio.io/injection": "true"}), False, BY_NATIVE, None),
        (pod("report", IN_MESH, restartPolicy="Never"), False, BY_NATIVE, None),
        (pod("report", IN_MESH, restartPolicy="OnFailure"), True, BY_NATIVE, KEEPS),
        (pod("report", IN_MESH, restartPolicy="Never", containers=[MAIN, PROXY]), False, BY_NATIVE, CONTAINS),
        (pod("report", IN_MESH, restartPolicy="Never", containers=[MAIN, PROXY]), True, BY_NATIVE, KEEPS),
        (job("report", IN_MESH, containers=[MAIN, PROXY]), False, BY_NATIVE, CONTAINS),
    ],
)
def test_how_the_proxy_of_work_that_ends_is_dealt_with(work: Json, live: bool, summary: str, why: str | None) -> None:
    """A native sidecar, where the template can ask for one; a slip in the label for injection is corrected first."""
    fix = fix_of(JOB, namespace(), work, OLD, live=live)

    assert (fix.summary, fix.why) == (summary, why)
    assert (fix.safety is Safety.MANUAL) is (bool(why) or summary == BY_LABEL)


def test_a_proxy_in_what_a_pipeline_makes_is_the_pipelines() -> None:
    """Who made the pod is told, whatever is in it."""
    for containers in ([MAIN], [MAIN, PROXY]):
        step = pod("step", IN_MESH, owner=PIPELINE, restartPolicy="Never", containers=containers)
        assert "TaskRun build" in (fix_of(JOB, namespace(), step, OLD, live=True).why or "")
