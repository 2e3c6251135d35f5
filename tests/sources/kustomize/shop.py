"""A shop in three environments of one base, with what kustomize can do to objects, and with mistakes in several places."""

import shutil
from pathlib import Path

import pytest

KUBECTL = shutil.which("kubectl")

needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the path, and it is what builds")

FILES = {
    "base/kustomization.yaml": """\
resources:
- deployment.yaml
- services.yaml
configMapGenerator:
- name: settings
  literals:
  - colour=blue
  files:
  - greeting.txt
""",
    "base/greeting.txt": "hello\n",
    "base/deployment.yaml": """\
# The shop's cart.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  replicas: 1
  selector:
    matchLabels: {app: cart}
  template:
    metadata:
      labels: {app: cart}
    spec:
      containers:
      - name: cart  # listens
        image: registry.example/cart:1.0
        ports:
        - containerPort: 8080
          name: web
        envFrom:
        - configMapRef: {name: settings}
""",
    "base/services.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: cart
spec:
  selector: {app: cart}
  ports:
  - port: 9000
    name: udp-admin
  - port: 80  # the front door
    name: web
    targetPort: web
---
apiVersion: v1
kind: Service
metadata:
  name: cart-admin
spec:
  selector: {app: cart}
  ports:
  - name: admin
    port: 8080
""",
    "component/kustomization.yaml": """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
labels:
- pairs: {team: shop}
  includeTemplates: true
""",
    "dev/kustomization.yaml": """\
resources: [../base]
namespace: dev
""",
    "staging/kustomization.yaml": """\
resources:
- ../base
components:
- ../component
namespace: staging
nameSuffix: -rc
commonLabels:
  stage: rc
patches:
- target: {kind: Service, name: cart}
  patch: |-
    - op: add
      path: /spec/ports/-
      value:
        port: 7000
        name: udp-debug
""",
    "prod/kustomization.yaml": """\
# Production.
resources:
- ../base
- namespace.yaml
namespace: prod
namePrefix: live-
labels:
- pairs: {env: prod}
images:
- name: registry.example/cart
  newTag: "2.4"
replicas:
- name: cart
  count: 5
patches:
- path: ports.yaml  # ports of production
""",
    "prod/namespace.yaml": """\
apiVersion: v1
kind: Namespace
metadata:
  name: prod
""",
    "prod/ports.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: cart-admin
spec:
  ports:
  - port: 9443
    name: udp-secure  # not UDP
""",
}


def write(folder: Path, files: dict[str, str] = FILES) -> Path:
    """The shop, in a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
