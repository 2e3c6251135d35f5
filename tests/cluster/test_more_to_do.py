"""One apply may let another one do more, and says so."""

import pytest

from tests.cluster.conftest import Lab
from tests.cluster.server import Server
from tests.cluster.test_loop import run

pytestmark = pytest.mark.vcr

OBJECTS = """
apiVersion: v1
kind: Namespace
metadata: {name: edge}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: books, namespace: edge}
spec:
  selector: {istio: edge-gatway}
  servers:
  - port: {number: 8443, name: http, protocol: HTTP}
    hosts: [books.example.com]
---
apiVersion: v1
kind: Service
metadata: {name: edge, namespace: edge}
spec:
  selector: {istio: edge-gateway}
  ports: [{name: http2, port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {istio: edge-gateway}}
  template:
    metadata: {labels: {istio: edge-gateway}, annotations: {inject.istio.io/templates: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
"""

WORDS = ("apply", "-A", "--scope", "all", "--unsafe", "--yes")


def open_edge(server: Server) -> None:
    """A Gateway that selects no pods, and whose port its pods' Service does not have."""
    server.kubectl("apply", "-f", "-", text=OBJECTS)


def test_a_change_that_lets_another_be_made_says_so(lab: Lab) -> None:
    """The fix of a selector lets the next run mend the port, and only the first run says that there is more; then all is at rest."""
    lab.prepare(open_edge)

    code, out, said = run(lab, *WORDS)
    assert (code, "gateway.networking.istio.io/books" in out) == (0, True), said
    assert "These changes let 1 object more be fixed (MF502): run the same command again." in said

    code, out, said = run(lab, *WORDS)
    assert (code, "service/edge" in out) == (0, True), said
    assert "run the same command again" not in said

    assert "There is nothing to change." in run(lab, *WORDS)[2]


def test_who_only_looks_hears_nothing_of_it(lab: Lab) -> None:
    """A dry run changes nothing, so nothing comes to light; a fix that the flags hold back is no reason to run again."""
    lab.prepare(open_edge)

    assert "run the same command again" not in run(lab, *WORDS, "--dry-run=server")[2]
    assert "run the same command again" not in run(lab, "apply", "-A", "--scope", "all", "--yes")[2]
