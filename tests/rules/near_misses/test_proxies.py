"""What the rules about what proxies answer say of answers that differ in one thing."""

import msgspec
import pytest
import yaml

from kubectl_meshfix.mesh.answers import Answers
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.rules.proxies import failed_requests, refused_configuration, unconnected_proxy, unsupported_proxy_version
from tests.rules.asking import asked, fix
from tests.rules.near_misses.scenes import changed, objects, said, summaries, writes
from tests.rules.pages import examples

ISTIOD = "{apiVersion: v1, kind: Pod, namespace: istio-system, name: istiod-1}"


def pod(name: str, labels: str = "{app: cart}", annotations: str = "{}") -> str:
    """A pod with a proxy that runs."""
    return f"""---
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: shop, labels: {labels}, annotations: {annotations}}}
spec: {{containers: [{{name: cart}}, {{name: istio-proxy, image: "istio/proxyv2:1.31.0"}}]}}
status: {{phase: Running, podIP: 10.0.0.7, conditions: [{{type: Ready, status: "True"}}]}}
"""


def answers(text: str) -> Answers:
    """What istiods and proxies answered."""
    return msgspec.convert(yaml.safe_load(text), Answers)


# ---------------------------------------------------------------- MF954

CATALOG = """
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {ports: [PORTS]}
"""
FAILED = (
    "proxies: [{pod: {apiVersion: v1, kind: Pod, namespace: shop, name: cart-1}, failures: [{host: HOST, flag: NC, code: 503, count: 1}]}]"
)


@pytest.mark.parametrize(
    ("host", "ports", "port"),
    [
        ("catalog.shop.svc.cluster.local", "{name: http, port: 8000}, {name: http-2, port: 80}", ":8000"),
        ("catalog.shop.svc.cluster.local", "{name: http, port: 80}, {name: http-2, port: 8000}", ""),
        ("catalog.shop.svc.cluster.local", "", ""),
        ("rates.example.com", "{name: http, port: 8000}", ""),
    ],
)
def test_a_trace_is_of_the_hosts_first_port(host: str, ports: str, port: str) -> None:
    """Port 80 is the one that a URL has by itself, and of a host that nobody registered no port is known."""
    found = said(failed_requests.RULE, CATALOG + pod("cart-1"), ("PORTS", ports), answers=answers(changed(FAILED, ("HOST", host))))
    assert [fix(row).commands for row in found] == [(f"kubectl meshfix trace pod/cart-1 http://{host}{port}/ -n shop",)]


# ---------------------------------------------------------------- MF950

PATCHED = next(iter(examples(refused_configuration.RULE, "bad")))


@pytest.mark.parametrize(("count", "last"), [(1, "Pod shop/cart-1"), (3, "Pod shop/cart-3"), (4, "and 1 more")])
def test_three_pods_are_named(count: int, last: str) -> None:
    """And how many more there are."""
    first = PATCHED.answers.connected[0]
    names = [f"cart-{number}" for number in range(1, count + 1)]
    filters = PATCHED.text.partition("---")[0]
    found = said(
        refused_configuration.RULE,
        filters + "".join(map(pod, names)),
        answers=Answers(connected=tuple(msgspec.structs.replace(first, name=name) for name in names)),
    )
    assert [(row.resource.name, row.path, row.evidence[-1]) for row in found] == [("limits", "/spec/configPatches/1", last)]
    assert [(op, path) for op, path, _ in writes(found[0])] == [("remove", "/spec/configPatches/1")]


def test_several_patches_are_removed_from_the_last_on() -> None:
    """So that the positions of the others stay, and only where each of them is kept as it is written."""
    start, first, second = PATCHED.text.partition("---")[0].split("  - applyTo")
    text = f"{start}  - applyTo{first}  - applyTo{second}  - applyTo{second}{pod('cart-1')}"
    (found,) = said(refused_configuration.RULE, text, answers=PATCHED.answers)
    assert fix(found).summary == "Remove these 2 patches."
    assert [(op, path) for op, path, _ in writes(found)] == [("remove", f"/spec/configPatches/{number}") for number in (2, 1)]
    part = [msgspec.structs.replace(obj, written={"spec": {"configPatches": [{}, {}]}}) for obj in objects(text)]
    (found,) = asked(refused_configuration.RULE, Mesh(part).with_answers(PATCHED.answers))
    assert fix(found).summary == "Correct or remove the patch."


@pytest.mark.parametrize("kept", [None, {}, {"spec": {}}, {"spec": []}, {"spec": {"configPatches": [{}]}}])
def test_a_patch_of_which_nothing_is_kept_is_removed_by_a_person(kept: object) -> None:
    """Where not all is known that is written in the object, nobody can test what a patch would remove."""
    known = [msgspec.structs.replace(obj, written=kept) for obj in objects(PATCHED.text)]
    found = asked(refused_configuration.RULE, Mesh(known).with_answers(PATCHED.answers))
    assert summaries(found) == ["Correct or remove the patch."]


# ---------------------------------------------------------------- MF951

UNREAD = Coverage(reason="forbidden")
CUT_OFF = "isEveryIstiod: true\nproxies: [{pod: {apiVersion: v1, kind: Pod, namespace: shop, name: cart-1}, isConnected: false}]"
OF_CANARY = pod("cart-1", annotations="""{sidecar.istio.io/status: '{"revision": "canary"}'}""")
CANARY = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod-canary, namespace: istio-system, labels: {app: istiod, istio.io/rev: canary}}
spec: {template: {metadata: {labels: {app: istiod}}, spec: {containers: [{name: discovery, image: "istio/pilot:1.31.0"}]}}}
"""
ELSEWHERE = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-canary, namespace: istio-system}
data: {mesh: "rootNamespace: istio-system"}
"""
GONE = "There is no control plane of revision canary."


@pytest.mark.parametrize(
    ("text", "unread", "resource", "is_gone"),
    [
        ("", {}, "cart-1", True),
        ("", {kinds.DEPLOYMENT: UNREAD}, "cart-1", False),
        ("", {kinds.CONFIG_MAP: UNREAD}, "cart-1", False),
        (CANARY, {}, "istiod-canary", False),
        (ELSEWHERE, {}, "cart-1", False),
    ],
)
def test_a_proxy_without_istiod_is_told_where_it_lies(text: str, unread: dict[Kind, Coverage], resource: str, is_gone: bool) -> None:
    """At an istiod that is not ready; at the proxy where its istiod runs elsewhere, is gone, or may not be read."""
    found = said(unconnected_proxy.RULE, OF_CANARY + text, live=True, coverage=unread, answers=answers(CUT_OFF))
    assert [(row.resource.name, GONE in row.message) for row in found] == [(resource, is_gone)]


# ---------------------------------------------------------------- MF952


@pytest.mark.parametrize(
    ("istiod", "proxy", "told"),
    [
        ("1.31.0", "1.29.2", [("2 minor versions older than", "Istio supports one: it may refuse newer configuration.")]),
        ("1.31.0", "1.30.2", []),
        ("1.31.0", "1.31.4", []),
        ("1.29.2", "1.31.0", [("newer than", "Istio does not support that: it may lack configuration that it needs.")]),
    ],
)
def test_versions_are_apart_in_two_directions(istiod: str, proxy: str, told: list[tuple[str, str]]) -> None:
    """One minor version back is supported, none ahead."""
    text = f"""
istiods: [{{pod: {ISTIOD}, version: {istiod}}}]
connected: [{{namespace: shop, name: cart-1, istiod: {ISTIOD}, version: {proxy}}}]
"""
    found = said(unsupported_proxy_version.RULE, pod("cart-1"), answers=answers(text))
    assert [row.message for row in found] == [
        f"Its proxy runs Istio {proxy}, {distance} istiod {istiod}. {effect}" for distance, effect in told
    ]
