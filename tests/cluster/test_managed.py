"""Objects that somebody else keeps as they are."""

import pytest
import yaml

from tests.cluster.conftest import Lab
from tests.cluster.server import Server
from tests.cluster.test_loop import run

pytestmark = pytest.mark.vcr

OBJECTS = """
apiVersion: v1
kind: Service
metadata:
  name: released
  labels: {app.kubernetes.io/managed-by: Helm}
  annotations: {meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: default}
spec: {selector: {app: a}, ports: [{name: web-http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata:
  name: made
  ownerReferences: [{apiVersion: example.com/v1, kind: Database, name: orders, uid: "1", controller: true}]
spec: {selector: {app: b}, ports: [{name: web-http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: ours}
spec: {selector: {app: c}, ports: [{name: web-http, port: 80}]}
"""


def open_services(server: Server) -> None:
    """A Service of Helm's, one of an operator's, and one of nobody's."""
    server.kubectl("apply", "-f", "-", text=OBJECTS)


def test_what_others_put_back_is_left_alone(lab: Lab) -> None:
    """Nobody's Service is changed, Helm's waits for its flag or is exported, an operator's is never touched; each is named."""
    lab.prepare(open_services)
    words = ("-n", "default", "--scope", "all", "--select", "MF101", "--unsafe", "service/released", "service/made", "service/ours")

    code, out, said = run(lab, "apply", *words, "--yes")

    assert (code, out.splitlines()[-1]) == (0, "service/ours in default fixed"), said
    assert "released fixed" not in out
    text = " ".join(said.split())
    assert "Held back until --even-if-managed is given" in text
    assert "Helm release default/shop reverts the change with its next upgrade; make the change in the chart's values" in text
    assert "Database orders created it and would revert the change; make the change in Database orders" in text

    code, out, _ = run(lab, "apply", *words, "-o", "kustomize")

    assert code == 0
    assert "released" in {patch["target"]["name"] for patch in yaml.safe_load(out)["patches"]}

    code, out, said = run(lab, "apply", *words, "--yes", "--even-if-managed")

    assert code == 0, said
    assert "service/released in default fixed" in out
    assert "service/made" not in out
