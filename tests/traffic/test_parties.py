"""Which proxy stands before pods is told by the pods a cluster made, else by their template."""

import pytest

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.traffic.parties import parties_of, party_of_pod
from kubectl_meshfix.traffic.terms.parties import Plane
from tests.traffic.scenes import files, live

POD = """
kind: Pod
metadata:
  name: catalog-1
  namespace: shop
  labels: {app: catalog}
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: catalog, controller: true}]
spec: {containers: [{name: app, image: app}]}
"""


def plane(mesh: Mesh) -> Plane:
    """The proxy of the catalog's pods."""
    workload = next(item for item in mesh.workloads if item.name == "catalog")
    (found,) = answer(parties_of(mesh, workload))
    return found.value.plane


def test_templates_tell_where_there_are_no_pods() -> None:
    """The namespace asks for sidecars, so new pods get one."""
    assert plane(files()) is Plane.SIDECAR


def test_pods_that_a_cluster_made_tell_by_what_they_are() -> None:
    """Files that are a picture of a cluster hold such pods as well."""
    assert plane(live(POD)) is Plane.BARE
    assert plane(files(POD)) is Plane.BARE
    assert plane(files(POD.replace("name: app, image: app", "name: istio-proxy, image: istio/proxyv2"))) is Plane.SIDECAR


PROXIED = POD.replace("name: app, image: app", "name: istio-proxy, image: istio/proxyv2")


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ((POD, PROXIED.replace("catalog-1", "catalog-2")), Plane.SIDECAR),
        (
            (
                POD,
                POD.replace("catalog-1", "catalog-2").replace("labels:", "annotations: {ambient.istio.io/redirection: enabled}\n  labels:"),
            ),
            Plane.AMBIENT,
        ),
        ((POD, PROXIED.replace("catalog-1", "catalog-2\n  deletionTimestamp: '2026-01-01T00:00:00Z'")), Plane.BARE),
    ],
)
def test_the_pods_that_stay_decide(pods: tuple[str, ...], expected: Plane) -> None:
    """One with a sidecar among several is enough; pods that end tell nothing."""
    assert plane(live(*pods)) is expected


def test_a_pod_is_a_party_of_its_own() -> None:
    """With its own annotations of Istio, and without the labels that tell it from others of its template."""
    notes = "{a: b, sidecar.istio.io/inject: 'true', sidecar.istio.io/status: '{}'}"
    labels = f"labels: {{app: catalog, pod-template-hash: x}}\n  annotations: {notes}"
    bare = POD.replace("labels: {app: catalog}", labels)
    mesh = live(bare.replace("spec: {", "spec: {serviceAccountName: cart, "), bare.replace("catalog-1", "catalog-2"))
    first, second = (party_of_pod(mesh, pod) for pod in sorted(mesh.all(Pod), key=lambda pod: pod.name))

    assert (first.service_account, second.service_account) == ("cart", "default")
    assert first.labels == {"app": "catalog"}
    assert first.annotations == {"sidecar.istio.io/inject": "true"}
    assert (first.plane, first.revision) == (Plane.BARE, None)
