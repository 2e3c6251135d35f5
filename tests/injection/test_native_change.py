"""The change that makes a sidecar native, and what is left to a person where none can be."""

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.injection.native_change import make_native
from kubectl_meshfix.mesh.control_plane import control_plane
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import as_workload, injector, istiod, node
from tests.injection.scenes import backend, cluster, deployment, hooks, pod

NATIVE = "sidecar.istio.io/nativeSidecar"
SUMMARY = f'Add the annotation {NATIVE}: "true" to the pod template.'
PLAIN = (hooks(), *backend(), istiod(), injector(templates={"sidecar": f"{{{{ annotation `{NATIVE}` }}}}"}))
NEW, OLD, ANCIENT = node("n1", "v1.33.0"), node("n1", "v1.32.0"), node("n1", "v1.28.0")
RISK = "Calls of init containers go through the proxy, and on a kubelet with native sidecars turned off the pod never starts."
BY_HAND = "Run init container migrate as user 1337, or exclude its ports (traffic.sidecar.istio.io/excludeOutboundPorts)."
IN_PLAIN_TEXT = "Let migrate do its work in the application's container, which has the proxy."
KUBELET = "A native sidecar is not possible: the kubelet of node n1 is older than 1.29."


def bare(maker: str | None) -> Object:
    """A pod of the shop, made by hand or by something that is not here."""
    return pod(owner=("ReplicationController", maker) if maker else None)


@pytest.mark.parametrize(
    ("there", "live", "obj", "all_fail", "safety", "why"),
    [
        (NEW, True, deployment(), True, Safety.RESTART, None),
        (NEW, True, deployment(), False, Safety.UNSAFE, None),
        (OLD, True, deployment(), True, Safety.UNSAFE, None),
        (OLD, True, deployment(), False, Safety.UNSAFE, None),
        (NEW, True, bare(None), True, Safety.MANUAL, "A running pod keeps its proxy: delete it and create it again."),
        (NEW, False, bare(None), True, Safety.RESTART, None),
        (
            NEW,
            True,
            bare("web"),
            True,
            Safety.MANUAL,
            "ReplicationController web would undo a change of the Pod: make the change there.",
        ),
    ],
)
def test_a_native_sidecar(  # noqa: PLR0917 -- a row of the table
    there: Object, live: bool, obj: Object, all_fail: bool, safety: Safety, why: str | None
) -> None:
    """Nothing that works changes where all calls fail anyway, and no kubelet can have it turned off; a running pod stays as it is."""
    here = Mesh([*PLAIN, there, obj], live=live)

    fix = make_native(here, as_workload(obj), control_plane(here, "default"), "migrate", user=1337, all_fail=all_fail)

    assert (fix.summary, fix.safety, fix.why) == (SUMMARY, safety, why)
    assert (fix.risk == RISK) is (safety is Safety.UNSAFE)
    assert bool(fix.patches) is (safety is not Safety.MANUAL)


@pytest.mark.parametrize(
    ("planes", "there", "user", "summary", "why"),
    [
        ((istiod(), injector()), ANCIENT, 1337, BY_HAND, KUBELET),
        ((istiod(), injector()), ANCIENT, None, IN_PLAIN_TEXT, KUBELET),
        (
            (istiod(image="docker.io/istio/pilot:1.20.0"), injector()),
            NEW,
            1337,
            "Set ENABLE_NATIVE_SIDECARS=true on istiod and restart the pods; native sidecars run before init containers.",
            f"Istio 1.20.0 does not read the annotation {NATIVE}.",
        ),
    ],
)
def test_what_is_left_where_no_sidecar_can_be_native(
    planes: tuple[Object, ...], there: Object, user: int | None, summary: str, why: str
) -> None:
    """Istiod's setting where that would do it, else what a person can do about the init container."""
    here = cluster(hooks(), planes, there, deployment())

    fix = make_native(here, as_workload(deployment()), control_plane(here, "default"), "migrate", user=user)

    assert (fix.summary, fix.safety, fix.why) == (summary, Safety.MANUAL, why)


def test_nodes_that_were_not_read_are_told() -> None:
    """Whether their kubelets are new enough is for a person to see."""
    here = cluster(PLAIN, deployment(), coverage={kinds.NODE: Coverage(reason="forbidden")})

    fix = make_native(here, as_workload(deployment()), control_plane(here, "default"), "migrate", user=1337)

    assert fix.summary == f"{SUMMARY} All nodes need kubelet 1.29 or newer; no nodes were read."
