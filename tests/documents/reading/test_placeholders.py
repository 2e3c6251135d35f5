"""Placeholders: where they keep a document from being judged, and where braces and dollars are values."""

from pathlib import Path

import pytest
import yaml

from kubectl_meshfix.documents.reading.placeholders import is_in_capitals, unfilled
from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.files import read_manifests
from kubectl_meshfix.sources.manifest_meshes import from_texts

ROUTE = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: x, namespace: shop}\nspec:\n  hosts: [a]\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("metadata: {name: '{{ .Name }}'}", "/metadata/name"),
        ("metadata: {namespace: '${NS}'}", "/metadata/namespace"),
        ("metadata: {namespace: <your-namespace>}", "/metadata/namespace"),
        ("metadata: {name: {name}}", "/metadata/name"),
        ("metadata: {name: APP_NAME-active}", "/metadata/name"),
        ("metadata: {name: a, namespace: YOUR-NAMESPACE}", "/metadata/namespace"),
        ("metadata: {labels: {app: '%APP%'}}", "/metadata/labels/app"),
        ("metadata: {labels: {'{{ key }}': a}}", "/metadata/labels/{{ key }}"),
        ("spec: {selector: {app: $(APP)}}", "/spec/selector/app"),
        ("spec: {hosts: ['{{ .Target }}']}", "/spec/hosts/0"),
        ("spec: {http: [{route: [{destination: {host: 'x.${NS}.svc'}}]}]}", "/spec/http/0/route/0/destination/host"),
        ("spec: {ports: [{port: '${PORT}'}]}", "/spec/ports/0/port"),
        ("metadata: {namespace: __TEAM_NAME__}", "/metadata/namespace"),
        ("spec: {containers: [{image: '${REGISTRY}/cart:1.2'}]}", "/spec/containers/0/image"),
        ("spec: {containers: [{image: {registry}}]}", "/spec/containers/0/image"),
        ("metadata: {labels: {app: {app}}}", "/metadata/labels/app"),
        (
            "spec: {rules: [{from: [{source: {principals: ['cluster.local/ns/{{ ns }}/sa/a']}}]}]}",
            "/spec/rules/0/from/0/source/principals/0",
        ),
    ],
)
def test_what_rules_read_has_to_be_filled_in(text: str, place: str) -> None:
    """Names, namespaces, hosts, labels, selectors, ports, names of images and identities."""
    found = unfilled(yaml.safe_load(text), text)

    assert found
    assert found[0] == place


@pytest.mark.parametrize(
    "text",
    [
        "metadata: {annotations: {a: '{{ $labels.instance }}', b: '${X}'}}",
        "data: {config: 'policy: {{ .Values.policy }}'}",
        "spec: {containers: [{command: [sh, -c, 'echo ${HOST} <x>'], args: ['--name=$(POD_NAME)'], env: [{name: A, value: '$(B)'}]}]}",
        "spec: {containers: [{image: 'cart:${TAG}'}]}",
        "spec: {configPatches: [{patch: {value: {inlineCode: 'local x = {y}'}}}]}",
        "spec: {http: [{match: [{uri: {regex: '/(?<id>[a-z]+)/{id}'}}], headers: {request: {set: {x: '%REQ(a)%'}}}}]}",
        "spec: {podSelector: {matchLabels: null}, selector: {app: null}}",
        "metadata: {labels: {app: cart}, name: a}",
        "metadata: {name: {a: null}, annotations: {b: '${X}'}}",
        "spec: {extra: {name}}",
        "spec: {selector: {app}}",
        "metadata: {labels: {app}, name: a}",
        "spec: {name: {a: null, b: null}, note: '{c}'}",
        "metadata: {labels: {app: my__app__one, tier: __x__}, name: a}",
        "metadata: {name: camelCase, labels: {app: CART}}",
    ],
)
def test_elsewhere_they_are_values(text: str) -> None:
    """Command lines, environments, annotations, texts of ConfigMaps, patches, patterns, and the tag of an image."""
    assert unfilled(yaml.safe_load(text), text) is None


@pytest.mark.parametrize(
    ("text", "placeholder"),
    [
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - image: {registry}/agent:2.1\n    name: a\n",
            "{registry}",
        ),
        ("apiVersion: v1\nkind: Service\nmetadata:\n  name: %NAME%\n", "%NAME%"),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: %NAME%}\n", "%NAME%"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: {registry}/agent:2.1, name: a}]}\n", "{registry}"),
        ("apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ name }}\n", "{{ name }}"),
        (ROUTE.replace("[a]", "['{{ .Target }}']"), "{{ .Target }}"),
        ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: __POD_COUNT__}\n", "__POD_COUNT__"),
    ],
)
def test_a_document_with_placeholders_is_one_remark(text: str, placeholder: str, tmp_path: Path) -> None:
    """It is no error, whether YAML can take it or not, and nothing of it is judged; a file has one such remark."""
    other = text if "Target" in placeholder else ""
    (tmp_path / "a.yaml").write_text("---\n".join(filter(None, (text, other))))
    (tmp_path / "b.yaml").write_text(ROUTE + "  http: [{directResponse: {status: 410}}]\n")

    rows = diagnose(read_manifests([str(tmp_path)])[0], RULES).findings

    (row,) = [row for row in rows if row.code == "MF001"]
    assert row.severity == "info"
    assert f'"{placeholder}" is a placeholder' in row.message
    assert row.message.startswith("2 documents were" if other else "A document was")
    assert {row.resource.kind for row in rows} == {"File"}


@pytest.mark.parametrize("spec", ["[{name: {a} image: b}]", "[{name: {a}, image: b]", "[{name: a}{name: b}]"])
def test_brackets_that_only_look_like_a_placeholder(spec: str) -> None:
    """A comma or a bracket that is missing is an error, also after a map in braces."""
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: {spec}}}\n"

    assert [row.severity for row in diagnose(from_texts({"a.yaml": text})[0], RULES).findings] == ["error"]


def test_broken_yaml_beside_a_placeholder_is_still_an_error() -> None:
    """A line that only comes after a placeholder is not excused by it."""
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - args: ['${A}']\n  - [\n"

    assert [row.severity for row in diagnose(from_texts({"a.yaml": text})[0], RULES).findings] == ["error"]


@pytest.mark.parametrize(
    "text",
    [
        "JWKS_URI",
        "NAMESPACE",
        "./cart.SHOP_NAMESPACE.svc.cluster.local",
        "SHOP_NAMESPACE/gateway",
        "cart.USER_NAME-shop.svc",
        "team-SHOP_NAME/cart",
    ],
)
def test_a_word_in_capitals_is_for_somebody_to_replace(text: str) -> None:
    """One word, or a part of a host with an underscore, which no host has."""
    assert is_in_capitals(text)


@pytest.mark.parametrize("text", ["./CART.shop.svc", "cart_v1.shop", "Cart_Service.shop", "cart-V1.shop", "cart-my_SHOP.svc"])
def test_what_is_written_so_is_no_placeholder(text: str) -> None:
    """Capitals alone, which hosts may have, and underscores alone."""
    assert not is_in_capitals(text)
