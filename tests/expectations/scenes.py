"""A shop in manifests, and expectations held against it."""

from kubectl_meshfix.expectations.running import Outcome, run
from kubectl_meshfix.expectations.terms import Result
from kubectl_meshfix.governance.expectations.reading import parse_expectations
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.render.expectations import words
from kubectl_meshfix.sources.manifest_meshes import from_texts

SHOP = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, version: v1}}
    spec: {serviceAccountName: cart, containers: [{name: app, image: "cart:1"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: old, namespace: shop}
spec:
  selector: {matchLabels: {app: old}}
  template:
    metadata: {labels: {app: old, version: v1, sidecar.istio.io/inject: "false"}}
    spec: {containers: [{name: app, image: "old:1"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog, namespace: shop}
spec:
  selector: {matchLabels: {app: catalog}}
  template:
    metadata: {labels: {app: catalog, version: v1}}
    spec: {containers: [{name: app, image: "catalog:1"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog-v2, namespace: shop}
spec:
  selector: {matchLabels: {app: catalog, version: v2}}
  template:
    metadata: {labels: {app: catalog, version: v2}}
    spec: {containers: [{name: app, image: "catalog:2"}]}
---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: shop}
spec:
  host: catalog
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
"""

ROUTES = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog]
  http:
  - match: [{uri: {prefix: /new}}]
    route: [{destination: {host: catalog, subset: v2}}]
  - match: [{uri: {exact: /gone}}]
    route: [{destination: {host: catalog, subset: v3}}]
  - match: [{uri: {prefix: /broken}}]
    fault: {abort: {httpStatus: 418, percentage: {value: 25}}}
    route: [{destination: {host: catalog, subset: v1}}]
  - match: [{uri: {prefix: /moved}}]
    redirect: {authority: www.example.com}
  - route:
    - {destination: {host: catalog, subset: v1}, weight: 90}
    - {destination: {host: catalog, subset: v2}, weight: 10}
"""

GETS_ALONE = """\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: gets, namespace: shop}
spec:
  selector: {matchLabels: {app: catalog}}
  rules: [{to: [{operation: {methods: [GET]}}]}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
"""


def meshes(*texts: str) -> Meshes:
    """The meshes that manifests make."""
    return from_texts({f"{number}.yaml": text for number, text in enumerate(texts)})[0].meshes


def outcomes(expectations: str, *texts: str) -> list[Outcome]:
    """What happens to expectations in the shop, with its routes where no other manifests are given."""
    return list(run(meshes(SHOP, *(texts or (ROUTES,))), parse_expectations(expectations, "tests.yaml")))


def asked(request: str, expect: str, *texts: str, caller: str = "deploy/cart") -> Result:
    """What happens to one expectation of a request."""
    text = f"tests:\n- from: {caller}\n  namespace: shop\n  request: {request}\n  expect: {expect}\n"
    return outcomes(text, *texts)[0].worst


def said(result: Result) -> str:
    """Why it does not hold, in one text."""
    return " ".join(words.why(result))
