"""Which Service ports lead to a workload's pods."""

from kubectl_meshfix.mesh.ports import targets
from kubectl_meshfix.sources.manifest_meshes import from_texts

FILES = """\
{apiVersion: v1, kind: Service, metadata: {name: old, namespace: shop}, spec: {selector: {app: cart}, ports: [{port: 80}]}}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: shop}
spec: {type: ExternalName, externalName: example.com, selector: {app: cart}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: main, image: main}]}}
"""


def test_an_external_name_leads_to_no_pods() -> None:
    """Whatever it selects, its name resolves to another one."""
    mesh = from_texts({"shop.yaml": FILES})[0].mesh
    (cart,) = mesh.workloads

    assert [target.service.name for target in targets(mesh, cart)] == ["old"]
