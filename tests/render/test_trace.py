"""Traces in each format: the verdict first, every object named, nothing twice, nothing that a terminal or a browser obeys."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.render.text.terminal import NARROWEST, Screen
from kubectl_meshfix.render.trace import document, html, matrix, mermaid, terminal
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import callers, parse_caller
from kubectl_meshfix.traffic.trace.urls import parse_request
from kubectl_meshfix.traffic.trace.walk import trace
from tests.traffic.scenes import files, peer, rule

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
WIDE = Screen(width=200)

CART = """
kind: Namespace
metadata: {name: web, labels: {istio-injection: enabled}}
---
kind: Deployment
metadata: {name: cart, namespace: web}
spec:
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: app, image: app}]}
"""
SPLIT = """
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog]
  http:
  - match: [{headers: {x-user: {exact: ann}}}]
    fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
    route: [{destination: {host: catalog}}]
  - timeout: 3s
    mirror: {host: copy.shop.svc.cluster.local}
    route:
    - {destination: {host: catalog, subset: v1}, weight: 75}
    - {destination: {host: catalog, subset: v9}, weight: 25}
"""
SUBSETS = rule(subsets=[{"name": "v1", "labels": {"version": "v1"}}, {"name": "v9", "labels": {"version": "v9"}}])
ONLY_WEB = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: only-web, namespace: shop}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/web/sa/web]}}]}]}
"""
PATCH = """
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: patch, namespace: shop}
spec: {configPatches: [{applyTo: HTTP_FILTER}]}
"""
GATEWAY = """
kind: Gateway
metadata: {name: edge, namespace: web}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.example.com"]}]}
"""


BY_ITSELF = """
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog]
  http:
  - {match: [{uri: {prefix: /old}}], redirect: {uri: /new, redirectCode: 308}}
  - {match: [{uri: {prefix: /gone}}], directResponse: {status: 410, body: {string: gone}}}
"""


def many_routes(number: int) -> str:
    """A VirtualService whose routes are all for other paths, but the last."""
    matches = "".join(
        f"  - match: [{{uri: {{prefix: /p{place}}}}}]\n    route: [{{destination: {{host: catalog}}}}]\n" for place in range(number)
    )
    return f"kind: VirtualService\nmetadata: {{name: catalog, namespace: shop}}\nspec:\n  hosts: [catalog]\n  http:\n{matches}"


def traced(mesh: Mesh, url: str = "http://catalog.shop/items", who: str = "deploy/cart", headers: Sequence[str] = ()) -> Trace:
    """The trace of a command line."""
    steps, parties = told(callers(mesh, parse_caller(who), None))
    return trace(mesh, parties, parse_request(url, headers=headers), steps)


def scenes() -> dict[str, Trace]:
    """Traces that end in every manner."""
    return {
        "arrives": traced(files(CART)),
        "arrives in part": traced(files(CART, SPLIT, SUBSETS)),
        "fault": traced(files(CART, SPLIT, SUBSETS), headers=["x-user: ann"]),
        "refused": traced(files(CART, ONLY_WEB)),
        "reset": traced(files(CART, peer("STRICT")), who="outside"),
        "no route": traced(files(CART, many_routes(50))),
        "not known": traced(files(CART), "http://nobody.bank/"),
        "altered": traced(files(CART, PATCH)),
        "a gateway's host": traced(files(CART, GATEWAY), "http://shop.example.com/", who="outside"),
        "a gateway's host, from within": traced(files(CART, GATEWAY), "http://shop.example.com/"),
        "redirect": traced(files(CART, BY_ITSELF), "http://catalog.shop/old/1"),
        "own answer": traced(files(CART, BY_ITSELF), "http://catalog.shop/gone"),
        "no such port": traced(files(CART), "http://catalog.shop:81/"),
        "tcp": traced(files(CART), "catalog.shop:80"),
    }


SCENES = scenes()


def shown(name: str, **how: bool) -> list[str]:
    """The lines of a trace on a wide screen."""
    return terminal.tree(SCENES[name], (), (), WIDE, **how).splitlines()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("arrives", "✓ It arrives at port 8080 of Deployment shop/catalog over mutual TLS."),
        (
            "arrives in part",
            (
                "! 503 UH no healthy upstream for 25 % of requests: No pod behind Service shop/catalog has the labels of subset v9: "
                "app=catalog, version=v9 (DestinationRule shop/rule subsets[1])."
            ),
        ),
        (
            "fault",
            "✗ 418 FI fault filter abort: VirtualService shop/catalog http[0].fault answers 100 % of requests with 418.",
        ),
        (
            "refused",
            (
                "✗ 403 RBAC: access denied: No ALLOW policy allows it. AuthorizationPolicy shop/only-web rules[0] wants principals "
                "cluster.local/ns/web/sa/web; the request has cluster.local/ns/web/sa/cart."
            ),
        ),
        (
            "reset",
            (
                "✗ connection reset (curl 56): The server accepts mutual TLS alone, and plain text is sent "
                "(PeerAuthentication shop/default mtls.mode)."
            ),
        ),
        (
            "redirect",
            "✗ 308 to http://catalog.shop/new: VirtualService shop/catalog http[0].match[0] redirects to http://catalog.shop/new.",
        ),
        ("own answer", "✗ 410 gone: VirtualService shop/catalog http[1].match[0] answers with 410 itself."),
        ("a gateway's host, from within", "✓ It goes to shop.example.com:80, which is outside of the mesh, over plain text."),
        ("no route", "✗ 404 NR: No route of VirtualService shop/catalog matches the request."),
        (
            "not known",
            "? It is not known whether it arrives. Whether nobody.bank resolves is not known: Services of namespace bank were not read.",
        ),
        (
            "altered",
            "? It arrives at port 8080 of Deployment shop/catalog over mutual TLS, unless EnvoyFilter shop/patch changes that.",
        ),
        (
            "a gateway's host",
            (
                "? It is not known whether it arrives. shop.example.com is a host of Gateway web/edge; whether its DNS leads there, "
                "no object says."
            ),
        ),
    ],
)
def test_the_first_line_is_enough(name: str, first: str) -> None:
    """Status, flag, body, the part of the requests, why, and the object and field that decided, all in one sentence or two."""
    assert shown(name)[0] == first


def test_a_way_has_a_line_a_step() -> None:
    """The path names each proxy once; what decided is not said twice, but its place is."""
    assert shown("refused") == [
        shown("refused")[0],
        "  GET http://catalog.shop/items from Deployment web/cart (sidecar)",
        "Deployment web/cart (sidecar)",
        "  ✓ address: catalog.shop.svc.cluster.local is Service shop/catalog.",
        "  ✓ route: No route is set for the host: its default route takes every request.",
        "  ✓ endpoints: The request goes to Deployment shop/catalog port 8080, if the pods are ready.",
        "  ✓ tls: Deployment shop/catalog port 8080 has a sidecar: it gets mutual TLS.",
        "Deployment shop/catalog (sidecar)",
        "  ✓ server: The server takes mutual TLS, and reads HTTP.",
        "  ✗ policy: decided here, by AuthorizationPolicy shop/only-web rules[0].from[0].source.principals.",
        "    caller's access log: 403 - via_upstream",
        "    server's access log: 403 - rbac_access_denied_matched_policy[none]",
    ]


@pytest.mark.parametrize("name", SCENES)
def test_no_line_is_there_twice(name: str) -> None:
    """Branches share what is the same for them. With -v every step is there too."""
    lines = [line for line in shown(name) if line.startswith("  ") and "timeout" not in line and "mirror" not in line]

    assert len(lines) == len(set(lines))
    assert set(shown(name, verbose=True)) >= {line for line in lines if line.startswith("  ✓")}


def test_a_branch_says_what_else_its_route_does() -> None:
    """A timeout and a mirror are told of a way that arrives, and not of one that does not get so far."""
    lines = shown("arrives in part")
    fails, arrives = (next(place for place, line in enumerate(lines) if line.startswith(sign)) for sign in ("✗ 25 %", "✓ 75 %"))

    assert lines[arrives] == "✓ 75 % → catalog.shop.svc.cluster.local:80 subset v1, Deployment shop/catalog: arrives"
    assert fails < arrives < lines.index("  · timeout: a server that takes longer than 3 s makes it 504 UT.")
    assert lines[-1] == "  · mirror: a copy goes to copy.shop.svc.cluster.local."
    assert not any("timeout" in line for line in lines[:arrives])


def test_of_many_routes_that_do_not_match_a_few_are_shown() -> None:
    """Why the first ones do not match, and how many more there are; -v has all of them."""
    brief = [line for line in shown("no route") if "does not match" in line or "do not match" in line]

    assert len(brief) == 3
    assert brief[-1] == "  · route: 48 more do not match either; -v shows why."
    assert sum("does not match" in line for line in shown("no route", verbose=True)) == 50


def test_what_is_not_known_is_settled_in_one_line() -> None:
    """The question marks do not repeat what would settle them; with -v each says its own."""
    assert [line for line in shown("not known") if "settled" in line] == ["  ? is settled by a live cluster."]
    assert any(line.endswith("(settled by a live cluster)") for line in shown("not known", verbose=True))


@pytest.mark.parametrize("width", [NARROWEST, 60, 80])
@pytest.mark.parametrize("name", SCENES)
def test_no_line_is_wider_than_the_screen(name: str, width: int) -> None:
    """Only a single word may be."""
    lines = terminal.tree(SCENES[name], (), (), Screen(width=width)).splitlines()

    assert not [line for line in lines if len(line) > width and len(line.split()) > 3]


def test_what_an_object_says_is_no_command_for_the_terminal() -> None:
    """Control characters of a header, a body or a name are shown as escapes."""
    wild = many_routes(1).replace("/p0", '"/\\u001b[2J\\u202e"').replace("prefix: /", "prefix: ")
    text = terminal.tree(traced(files(CART, wild)), (), (), WIDE)

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[2J" in text


def test_the_document_obeys_its_schema() -> None:
    """Every ending is valid against docs/schema/trace.v1.json; the verdict is that of the way to speak of first."""
    schema = json.loads((SCHEMAS / "trace.v1.json").read_text(encoding="utf-8"))
    found = document.document([(item, (), ()) for item in SCENES.values()])
    raw = json.loads(json.dumps(found, default=_plain))

    jsonschema.Draft202012Validator(schema).validate(raw)
    (part,) = (item for item, name in zip(raw["traces"], SCENES, strict=True) if name == "arrives in part")
    assert part["verdict"] | {"summary": "", "logs": {}} == {
        "arrives": None,
        "status": 503,
        "flag": "UH",
        "details": "no_healthy_upstream",
        "symptom": None,
        "decidedBy": {
            "stage": "endpoints",
            "check": "endpoints",
            "resource": {"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "namespace": "shop", "name": "rule"},
            "path": "/spec/subsets/1",
        },
        "summary": "",
        "logs": {},
    }
    assert sorted(branch["share"] for branch in part["branches"]) == [0.25, 0.75]


def test_a_matrix_obeys_its_schema() -> None:
    """So does that of --matrix."""
    schema = json.loads((SCHEMAS / "matrix.v1.json").read_text(encoding="utf-8"))
    raw = json.loads(json.dumps(matrix.document([matrix.Cell("deploy", item) for item in SCENES.values()]), default=_plain))

    jsonschema.Draft202012Validator(schema).validate(raw)


def _plain(value: object) -> object:
    import msgspec  # noqa: PLC0415 -- as the renderer for machines does it

    return msgspec.to_builtins(value)


@pytest.mark.parametrize("width", [NARROWEST, 80, 220])
def test_a_matrix_has_the_whole_reason(width: int) -> None:
    """On any screen: nothing is cut, callers that fail alike share a row, and the sum says how many there are of each."""
    cells = [matrix.Cell(f"Deployment web/{who}", SCENES[name]) for who in ("a", "b") for name in ("refused", "arrives", "altered")]
    text = " ".join(matrix.table(cells, Screen(width=width)).split())

    assert "…" not in text
    assert text.count("Deployment web/a and 1 other") == 1
    assert "the request has cluster.local/ns/web/sa/cart." in text
    assert text.endswith("6 requests: 2 arrive, 2 arrive unless EnvoyFilter shop/patch changes that, 2 do not, or not all.")


def test_a_drawing_draws_each_hop_once() -> None:
    """Branches part at the hop where they do, with their share; an end names what decided."""
    lines = mermaid.mermaid([SCENES["arrives in part"]]).splitlines()
    nodes = re.findall(r'\["(.*?)"\]', "\n".join(lines))

    assert nodes == ["Deployment web/cart (sidecar)", "Deployment shop/catalog (sidecar)"]
    assert '  t0_h0 -->|"25 %"| t0_b1' in lines
    assert any("✗ 503 UH no healthy upstream, by DestinationRule shop/rule subsets[1]" in line for line in lines)


def test_a_page_shows_what_matters_and_folds_the_rest() -> None:
    """The failing way comes first; all checks are there, folded; names are escaped."""
    page = html.html([(item, (), ("kubectl meshfix <b>",)) for item in SCENES.values()], "now")

    assert page.index("✗ 25 %") < page.index("✓ 75 %")
    assert "checks</summary>" in page
    assert "kubectl meshfix &lt;b&gt;" in page
    assert all(f"<strong>{first}" in page for first in ("503 UH no healthy upstream for 25 %", "404 NR: No route of VirtualService"))
