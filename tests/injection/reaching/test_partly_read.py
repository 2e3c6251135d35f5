"""The way to the injector where some of it was read, and where its Service is only a name."""

import msgspec
import pytest

from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import istiod, mesh
from tests.injection.reaching.test_call_path import (
    AUTHORITY,
    FORBIDDEN,
    NAMESAKE,
    PORTLESS,
    SERVICE,
    at,
    changed,
    endpoints,
    istiod_pod,
    scaled,
    way,
)
from tests.injection.scenes import backend, cluster, hooks

EXTERNAL = changed(SERVICE, spec={"type": "ExternalName", "externalName": "istiod.example.com", "ports": []})


def homeless(obj: Object) -> Object:
    """The object as a document that names no namespace, beside others of istio-system."""
    return msgspec.structs.replace(obj, metadata=msgspec.structs.replace(obj.metadata, namespace=None, home="istio-system"))


@pytest.mark.parametrize(
    ("objects", "outcomes", "broken"),
    [
        ((scaled(1), istiod_pod({})), [checks.SERVICE_THERE, checks.NO_POD_READY, checks.MESH_ROOT], checks.NO_POD_READY),
        ((scaled(1, ready=1),), [checks.SERVICE_THERE, checks.RUNS, checks.MESH_ROOT], None),
        ((scaled(0),), [checks.SERVICE_THERE, checks.SCALED_DOWN, checks.MESH_ROOT], checks.SCALED_DOWN),
    ],
)
def test_behind_a_name_istiod_itself_counts(objects: tuple[Object, ...], outcomes: list[object], broken: object) -> None:
    """An ExternalName Service has neither ports nor endpoints of which anything is known."""
    found = way(cluster(hooks(), EXTERNAL, AUTHORITY, *objects))

    assert [step.outcome for step in found.steps[:-1]] == outcomes
    assert (found.value.broken.outcome if found.value.broken else None) is broken


def test_what_is_there_was_read() -> None:
    """Objects that files add to a cluster are there, though others of their kind may not be read."""
    unread = dict.fromkeys((kinds.SERVICE, kinds.ENDPOINT_SLICE), FORBIDDEN)

    found = way(cluster(hooks(), *backend(), istiod(), coverage=unread))

    assert [step.outcome for step in found.steps[:3]] == [checks.SERVICE_THERE, checks.PORT_THERE, checks.READY]
    assert found.value.is_known


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [(FORBIDDEN, "forbidden"), (Coverage(namespaces=frozenset({"shop"})), "no such object was read")],
)
@pytest.mark.parametrize(
    ("kind", "objects", "outcome"),
    [
        (kinds.SERVICE, (endpoints(True),), checks.SERVICE_UNREAD),
        (kinds.ENDPOINT_SLICE, (SERVICE,), checks.ENDPOINTS_UNREAD),
    ],
)
def test_why_it_was_not_read(kind: kinds.Kind, objects: tuple[Object, ...], outcome: object, coverage: Coverage, reason: str) -> None:
    """The API server's reason, or that the namespace was not asked for."""
    found = way(cluster(hooks(), AUTHORITY, *objects, coverage={kind: coverage}))

    assert [step.args["reason"] for step in found.steps if step.outcome is outcome] == [reason]
    assert not found.value.is_known


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ((NAMESAKE,), [(checks.SERVICE_MISSING, None)]),
        ((homeless(NAMESAKE),), []),
        ((EXTERNAL,), []),
        ((PORTLESS,), [(checks.PORT_MISSING, "none")]),
        ((changed(SERVICE, spec={"ports": [{"port": 80}, {"port": 15012}]}),), [(checks.PORT_MISSING, "80, 15012")]),
        ((SERVICE,), []),
        ((SERVICE, endpoints(False)), [(checks.NONE_READY, None)]),
        ((SERVICE, endpoints()), []),
    ],
)
def test_what_files_prove(objects: tuple[Object, ...], expected: list[tuple[object, str | None]]) -> None:
    """A Service is missing only where others of its namespace say that they are all; a name has no ports to compare."""
    found = way(mesh(hooks(), *objects))

    assert [(step.outcome, step.args.get("ports")) for step in found.steps if step.status.name == "FAIL"] == expected


def test_another_port_than_the_services() -> None:
    """Both are told."""
    (found,) = (step for step in way(mesh(at(80), SERVICE)).steps if step.outcome is checks.PORT_MISSING)

    assert (found.args["service"], found.args["port"], found.args["ports"]) == ("istio-system/istiod", 80, "443")


def test_three_addresses_are_named() -> None:
    """Of more that are ready, the first."""
    (found,) = (
        step
        for step in way(cluster(hooks(), SERVICE, AUTHORITY, endpoints(True, False, None, True, True))).steps
        if step.outcome is checks.READY
    )

    assert found.args["addresses"] == "10.0.0.0, 10.0.0.2, 10.0.0.3"
