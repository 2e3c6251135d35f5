"""A command in this process, and a manifest to try it on."""

from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, labels: {istio.io/use-waypoint: none}}
spec:
  selector: {app: cart}
  ports:
  - name: web   # a comment
    port: 8080
"""
"""A Service with one mistake: its port's name declares no protocol. Its label says that a mesh is meant."""


def run(*arguments: str, text: str = "") -> Result:
    """One command; ``text`` is what it reads on standard input."""
    return CliRunner().invoke(app, list(arguments), input=text)
