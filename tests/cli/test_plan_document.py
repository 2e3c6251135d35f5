"""What a plan says before it is made, by the command a person types and as programs read it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app

SCHEMAS = Path(__file__).parent.parent.parent / "docs" / "schema"

MANIFESTS = """
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
spec: {selector: {run: x}, ports: [{name: http-web, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: shop}
spec: {selector: {run: "y"}, ports: [{name: grpc-web2, appProtocol: grpc, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: c, namespace: shop}
spec: {selector: {app: shop}, ports: [{name: tcp-both, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: x, namespace: shop}
spec:
  replicas: 2
  strategy: {type: Recreate}
  selector: {matchLabels: {run: x}}
  template:
    metadata: {labels: {app: shop, run: x, sidecar.istio.io/inject: "true"}}
    spec: {containers: [{name: m, image: "example.com/x:v3", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: "y", namespace: shop}
spec:
  replicas: 0
  selector: {matchLabels: {run: "y"}}
  template:
    metadata: {labels: {app: shop, run: "y", version: v1, sidecar.istio.io/inject: "true"}}
    spec: {containers: [{name: m, image: "example.com/y:v3", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  replicas: 3
  serviceName: db
  updateStrategy: {type: OnDelete}
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db, sidecar.istio.io/inject: "true"}}
    spec: {containers: [{name: m, image: "example.com/db:v3"}]}
"""


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """A Service of two workloads, of which other Services say that they speak differently, and two workloads without a version."""
    path = tmp_path / "shop.yaml"
    path.write_text(MANIFESTS)
    return path


def apply(path: Path, *arguments: str) -> Result:
    """``apply`` on the manifests."""
    return CliRunner().invoke(app, ["apply", "-f", str(path), "--scope", "all", *arguments])


def plan(path: Path, *arguments: str) -> dict[str, Any]:
    """The plan as programs read it."""
    document: dict[str, Any] = json.loads(apply(path, "--dry-run", "-o", "json-patch", *arguments).stdout)
    return document


def test_a_plan_keeps_to_its_schema(manifests: Path) -> None:
    """What docs/schema says of patches, choices, what is held back and consequences is what is printed."""
    schemas = {name: json.loads((SCHEMAS / name).read_text()) for name in ("plan.v1.json", "report.v1.json")}
    registry: Registry[Any] = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())
    document = plan(manifests)

    jsonschema.Draft202012Validator(schemas["plan.v1.json"], registry=registry).validate(document)
    assert document["patches"]
    assert document["choices"]
    effects = {item["resource"]["name"]: (item["effect"], item["pods"]) for row in document["patches"] for item in row["consequences"]}
    assert effects == {"x": ("interrupts", 2), "db": ("waits", 3)}


def test_people_are_told_before_they_are_asked(manifests: Path) -> None:
    """The line before the question says how many pods are replaced, whose service stops, and who waits for somebody."""
    said = " ".join(apply(manifests, "--unsafe", "--restart", "--ignore", "MF1", "--yes").stderr.split())

    assert "Once deployed: 2 pods of 1 workload are replaced." in said
    assert "For a time there is no pod of Deployment shop/x." in said
    assert "The pods of StatefulSet shop/db stay as they are until somebody acts." in said


def test_what_waits_for_a_flag_says_what_it_would_do(manifests: Path) -> None:
    """A person who has not said --restart yet reads what it would cost."""
    said = " ".join(apply(manifests, "--ignore", "MF1", "--yes").stderr.split())

    assert "Held back until --" in said
    assert "Deployment shop/x stops its 2 pods before it starts new ones" in said


def test_a_contradiction_is_a_choice_until_somebody_picks(manifests: Path) -> None:
    """Neither fix is made and both are named with the words that pick them; with those words the one is made."""
    before = manifests.read_text()
    words = ("--select", "MF103", "--unsafe", "--yes")

    refused = apply(manifests, *words)
    said = " ".join(refused.stderr.split())
    assert manifests.read_text() == before
    assert "These contradict each other on Service shop/c, and none was chosen." in said
    assert "deployment/x MF103" in said
    assert said.endswith("deployment/y")

    assert apply(manifests, "deployment/x", *words).exit_code == 0
    assert manifests.read_text() == before.replace(
        "targetPort: 8080}]}\n---\napiVersion: apps", "targetPort: 8080, appProtocol: http}]}\n---\napiVersion: apps", 1
    )


TORN = """
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
spec: {selector: {app: x}, ports: [{name: web, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: alone, namespace: shop}
spec: {selector: {app: y}, ports: [{name: web, port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: entry, namespace: shop}
spec:
  defaultBackend: &backend {service: {name: a, port: {name: web}}}
  rules:
  - http: {paths: [{path: /, pathType: Prefix, backend: *backend}]}
"""


def test_half_a_fix_is_never_made(manifests: Path) -> None:
    """Where an Ingress cannot follow because of its anchor, the port that it names is not renamed either; others are."""
    manifests.write_text(TORN)

    words = ("--protocol", "a/80=tcp", "--protocol", "alone/80=tcp", "--port-fix", "rename", "--select", "MF101")

    done = apply(manifests, *words, "--unsafe", "--yes")

    said = " ".join(done.stderr.split())
    assert "Ingress shop/entry: Line" in said
    assert "Service shop/a: its fix changes Ingress shop/entry too, which cannot be changed." in said
    assert manifests.read_text() == TORN.replace("y}, ports: [{name: web", "y}, ports: [{name: tcp-web")
