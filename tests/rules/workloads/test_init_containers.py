"""MF206: what becomes of the calls of init containers, and what is done about it."""

import pytest

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Severity
from tests.rules.test_before_the_proxy import EARLY, MIGRATE, OLD, OWNER, PROXY, STRICT, asking, cart, installation, server
from tests.rules.test_workloads import Json, findings, fix_of, namespace, pod

MAIN = {"name": "main", "image": "app:1.0"}


FAILS = {"restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
AS_INIT = {**PROXY, "restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("containers", "init", "failing", "severity"),
    [
        ([MAIN, PROXY], [MIGRATE], "migrate", Severity.ERROR),
        ([MAIN, PROXY], [MIGRATE, {**MIGRATE, "name": "chown", "command": ["chown"]}], "chown", None),
        ([MAIN], [AS_INIT, MIGRATE], "migrate", None),
        ([MAIN], [MIGRATE], "migrate", None),
    ],
    ids=["fails", "another fails", "native", "no proxy"],
)
def test_which_pods_show_that_an_init_container_fails(
    containers: list[Json], init: list[Json], failing: str, severity: Severity | None
) -> None:
    """Those with an ordinary sidecar, of the init container that needs the network."""
    status = {"phase": "Pending", "initContainerStatuses": [{"name": failing, **FAILS}]}
    live = pod("cart-1", {"app": "cart"}, status, OWNER, containers=containers, initContainers=init)
    (found,) = findings(EARLY, namespace(), cart(MIGRATE), live, installation(), OLD, live=True)

    assert found.severity is severity
    assert [line for line in found.evidence if line.startswith("Pod ")] == (
        ["Pod shop/cart-1: migrate fails, 9 restarts"] if severity else []
    )


def test_a_sidecar_that_is_not_sure_cuts_nothing_off() -> None:
    """Where webhooks may not be read, nobody knows who is injected."""
    assert findings(EARLY, namespace(), cart(MIGRATE), installation(), OLD, live=True)
    unread = (kinds.MUTATING_WEBHOOK_CONFIGURATION,)
    assert not findings(EARLY, namespace(), cart(MIGRATE), installation(), OLD, live=True, unread=unread)


CUT_OFF = "Istio's CNI agent sends its calls to the proxy, so they fail."
REFUSED = "Its calls are plain text, which db refuses: it accepts only mutual TLS (STRICT)."
EXCLUDED = {"traffic.sidecar.istio.io/excludeOutboundPorts": "5432"}
TWO_CALLS = asking("sh", "-c", "curl http://other:8080; psql -h db")


@pytest.mark.parametrize(
    ("init", "annotations", "cni", "message"),
    [
        (MIGRATE, {}, True, f"Init container migrate needs the network before the proxy runs. {CUT_OFF}"),
        (asking("psql", "-h", "db"), {}, True, f"Init container ask needs the network before the proxy runs. {CUT_OFF}"),
        (asking("psql", "-h", "db"), {}, False, f"Init container ask needs the network before the proxy runs. {REFUSED}"),
        (
            asking("psql", "-h", "db"),
            EXCLUDED,
            True,
            f"Init container ask bypasses the proxy (port 5432 in traffic.sidecar.istio.io/excludeOutboundPorts). {REFUSED}",
        ),
        (TWO_CALLS, EXCLUDED, True, f"Init container ask needs the network before the proxy runs. {CUT_OFF}"),
    ],
    ids=["no server known", "cut off", "no agent", "excluded", "one of two excluded"],
)
def test_what_becomes_of_the_calls_of_an_init_container(init: Json, annotations: Json, cni: bool, message: str) -> None:
    """Those that the agent redirects fail first; what it does not redirect is refused by the server."""
    objects = (namespace(), cart(init, annotations=annotations), *server(), STRICT, installation(cni=cni), OLD)

    assert [item.message for item in findings(EARLY, *objects)] == [message]


CORRECT = "Correct the label or annotation that asks for no sidecar (MF303): without one, nothing is redirected."


@pytest.mark.parametrize(
    ("labels", "is_first"),
    [
        ({}, False),
        ({"sidecar.istio.io/injection": "false"}, True),
        ({"sidecar.istio.io/injection": "true"}, False),
        ({"istio.io/data-plane-mode": "none"}, False),
    ],
)
def test_a_slip_in_the_label_for_injection_is_corrected_first(labels: Json, *, is_first: bool) -> None:
    """One that asks for no sidecar, and no other."""
    made = cart(MIGRATE)
    made["spec"]["template"]["metadata"]["labels"] |= labels

    assert (fix_of(EARLY, namespace(), made, installation(), OLD).summary == CORRECT) is is_first
