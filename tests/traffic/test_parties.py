"""Which proxy stands before pods is told by the pods a cluster made, else by their template."""

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.parties import parties_of
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
