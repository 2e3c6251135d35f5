"""``test --init``: the written file holds at once, of everything that this repository has as an example."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kubectl_meshfix.cli.work.first_tests import first_of
from kubectl_meshfix.expectations.coverage import coverage
from kubectl_meshfix.expectations.drafts.drafting import MOST_ROUTES
from kubectl_meshfix.expectations.running import run
from kubectl_meshfix.expectations.terms import Verdict
from kubectl_meshfix.governance.expectations.reading import parse_expectations
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.render.expectations import words
from kubectl_meshfix.render.expectations.words import Run
from kubectl_meshfix.rules.pages import all_given
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.expectations.scenes import GETS_ALONE, ROUTES, SHOP, meshes
from tests.rules.pages import ALL, FILE, Example

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

GATEWAY = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: shop}
spec:
  selector: {matchLabels: {istio: ingress}}
  template:
    metadata: {labels: {istio: ingress}, annotations: {inject.istio.io/templates: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: shop}
spec: {type: LoadBalancer, selector: {istio: ingress}, ports: [{name: http, port: 80}, {name: https, port: 443}, {name: tcp, port: 9000}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec:
  selector: {istio: ingress}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.example.com"]}
  - {port: {number: 9000, name: tcp, protocol: TCP}, hosts: ["*"]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: outside, namespace: shop}
spec:
  hosts: ["shop.example.com"]
  gateways: [shop]
  http:
  - match: [{uri: {prefix: /cart}, headers: {x-user: {exact: a}}, queryParams: {page: {exact: "2"}}, method: {exact: POST}}]
    route: [{destination: {host: catalog, subset: v2}}]
  - match: [{uri: {regex: "/items/[0-9]+"}}]
    route: [{destination: {host: catalog, subset: v1}}]
  - route: [{destination: {host: catalog, subset: v1}}]
  tcp:
  - match: [{port: 9000}]
    route: [{destination: {host: catalog, subset: v1}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: edge, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [edge.example.com]
  rules:
  - matches: [{path: {type: PathPrefix, value: /cart}, method: POST}]
    backendRefs: [{name: catalog, port: 80}]
  - backendRefs: [{name: catalog, port: 80}]
"""


def held(found: Meshes) -> Run:
    """The first file of some meshes, held against them."""
    text = first_of(found, None)
    if "\ntests: []\n" in text:
        return Run((), coverage(found, ()))
    outcomes = tuple(run(found, parse_expectations(text, "tests.yaml")))
    return Run(outcomes, coverage(found, [row.trace for outcome in outcomes for row in outcome.results if row.trace]))


def texts(example: Example) -> Mapping[str, str]:
    """An example's files."""
    return {FILE: example.text, **example.beside}


@pytest.mark.parametrize("example", [item for item in ALL if not item.is_settings], ids=str)
def test_every_example(example: Example) -> None:
    """What is written of a rule's example holds against it."""
    result = held(from_texts(dict(texts(example)))[0].meshes)

    assert [(words.title(row), words.why(row)) for row in result.failed] == []


def test_the_examples_of_the_repository() -> None:
    """The same of the example shop, and of all objects that the rules' examples need, together."""
    shop = {path.name: path.read_text() for path in sorted(EXAMPLES.rglob("*.yaml"))}
    for files in (shop, {f"{item.name}.yaml": item.text for item in all_given()}):
        result = held(from_texts(files)[0].meshes)

        assert result.failed == []
        assert result.results


def test_every_route_gets_a_request() -> None:
    """Each route is taken by the request that was made for it, through gateways too; a regular expression has a comment."""
    found = meshes(SHOP, ROUTES, GETS_ALONE, GATEWAY)
    text = first_of(found, None)
    result = held(found)

    assert result.failed == []
    assert words.untouched(result.coverage) == ["VirtualService shop/outside http[1]"]
    assert "# VirtualService shop/outside http[1]: its path is compared with the regular expression /items/[0-9]+.\n" in text
    assert 'request: {method: POST, url: "http://shop.example.com/cart?page=2", headers: {x-user: a}}' in text
    assert "request: TCP shop.example.com:9000" in text
    assert "  from: gateway/edge\n" in text
    assert "- {workload: deploy/old, namespace: shop, injected: false}\n" in text


def test_one_namespace() -> None:
    """Of one namespace nothing else is written; of nothing the file is an empty list."""
    assert "tests: []\n" in first_of(meshes(SHOP, ROUTES), "elsewhere")


def test_what_holds_is_what_is_written() -> None:
    """The parts of a split say their shares, and every verdict holds."""
    result = held(meshes(SHOP, ROUTES))

    assert {row.verdict for row in result.results} == {Verdict.HOLDS}
    assert "subset: v2, share: 10%" in first_of(meshes(SHOP, ROUTES), "shop")


def test_thousands_of_routes() -> None:
    """Of an object with very many routes the first get a request, in bounded time, and a comment says how many do not."""
    more = "\n".join(
        f"  - {{match: [{{uri: {{exact: /p{number}}}}}], route: [{{destination: {{host: catalog}}}}]}}" for number in range(400)
    )
    text = first_of(meshes(SHOP, f"{ROUTES.partition('  http:')[0]}  http:\n{more}\n"), "shop")

    assert text.count("  request: ") == MOST_ROUTES
    assert "# VirtualService shop/catalog: it has 100 more routes, of which none has a request here.\n" in text


CUSTOM = """\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ext, namespace: shop}
spec: {action: CUSTOM, provider: {name: opa}, selector: {matchLabels: {app: catalog}}, rules: [{}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: catalog.shop.svc.cluster.local, port: 80}
"""


def test_what_hangs_on_something_unknown() -> None:
    """Where an answer hangs on something unknown, what is written is given one case of it, the one in which the request arrives."""
    found = meshes(SHOP, ROUTES, CUSTOM)

    assert 'subset: v2, mtls: true, given: "not whether provider opa refuses it"}' in first_of(found, "shop")
    assert held(found).failed == []
