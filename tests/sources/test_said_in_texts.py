"""What texts say beside their objects: ports that other kinds name, values that do not fit, and words that stand nowhere."""

from typing import Any

import pytest
import yaml

from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.sources.decode import Misfit, decode
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.sources.manifest_objects import mentions


@pytest.mark.parametrize(
    ("head", "named"),
    [
        ("apiVersion: example.com/v1\nkind: Widget", True),
        ("apiVersion: networking.k8s.io/v1beta1\nkind: Ingress", True),
        ("apiVersion: extensions/v1beta1\nkind: Ingress", True),
        ("apiVersion: networking.k8s.io/v1\nkind: Ingress", False),
        ("apiVersion: v1\nkind: Service", False),
        ("apiVersion: example.com/v1\nkind: CustomResourceDefinition", False),
        ("kind: Widget", False),
        ("apiVersion: example.com/v1", True),
    ],
)
def test_whose_ports_are_noted(head: str, named: bool) -> None:
    """Of kinds that nobody here reads, and of an Ingress of before v1; not what stands in metadata."""
    backend = "{serviceName: cart, servicePort: web}"
    value = yaml.safe_load(f"{head}\nmetadata: {{name: a, namespace: shop, annotations: {backend}}}\nspec: {{backend: {backend}}}\n")

    assert [(found.resource.name, found.resource.namespace) for found in mentions(value)] == ([("a", "shop")] if named else [])
    assert not list(mentions({**value, "spec": {}}))


@pytest.mark.parametrize("value", ["a", ["a"], None, {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["a"], "spec": {}}])
def test_what_is_no_object_names_no_ports(value: Any) -> None:
    """Neither a text nor a list, nor a map whose metadata is none."""
    assert not list(mentions(value))


def test_an_object_without_metadata_may_name_ports() -> None:
    """Its name is not known then."""
    (found,) = mentions({"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"serviceName": "cart", "servicePort": "web"}})

    assert (found.resource.kind, found.resource.namespace, found.resource.name) == ("Widget", None, "")


@pytest.mark.parametrize(
    ("value", "struct", "misfit"),
    [
        ("a", VirtualService, Misfit("", "the document is a string and must be a map")),
        ([{}], VirtualService, Misfit("", "the document is a list and must be a map")),
        ("a", Service, Misfit("", "the document is a string and must be a map")),
        ({"spec": 5}, Service, Misfit("/spec", "spec is a number and must be a map")),
        (
            {"spec": {"ports": [{}, {"port": "a"}]}},
            Service,
            Misfit("/spec/ports/1/port", "spec.ports[1].port is a string and must be a number"),
        ),
        (
            {"metadata": {"labels": {"a": "b", "c/d": 5}}},
            Service,
            Misfit("/metadata/labels/c~1d", 'metadata.labels["c/d"] is a number and must be a string. Put it in quotes'),
        ),
    ],
)
def test_what_does_not_fit(value: Any, struct: type[Service | VirtualService], misfit: Misfit) -> None:
    """The place, and in words what is there and what must be."""
    assert decode(value, struct) == misfit


@pytest.mark.parametrize(
    ("text", "may_say"),
    [
        ("a: sidecar.istio.io/inject", True),
        ("a: sidecar.istio.io", False),
        ('a: "x\\\\y"', False),
        ('a: "x\\ty"', False),
        ('a: "\\x73idecar"', True),
        ('a: "\\u0073idecar"', True),
        ('a: "\\U00000073idecar"', True),
        ('a: "side\\\n  car"', True),
        ('a: "side\\\r\n  car"', True),
        ("a: x73 u0073 U00000073", False),
    ],
)
def test_whether_a_word_may_stand_in_any_text(text: str, may_say: bool) -> None:
    """It does, or something is written with escapes, in which nobody looks for words."""
    snapshot, _ = from_texts({"a.yaml": "b: c\n", "b.yaml": text})

    assert snapshot.may_say("sidecar.istio.io/inject") is may_say


@pytest.mark.parametrize(
    ("head", "is_named", "is_told"),
    [
        ("apiVersion: v1\nkind: Service\n", True, True),
        ("apiVersion: v1\nkind: Service\n", False, True),
        ("# apiVersion\nkind: Service\n", True, True),
        ("# apiVersion\nkind: Service\n", False, False),
        ("# apiVersion, kind\n", False, False),
    ],
)
def test_whose_keys_may_not_be_there_twice(head: str, is_named: bool, is_told: bool) -> None:
    """Those of manifests, and of every document of a file that was named."""
    text = f"{head}metadata: {{name: a}}\na: 1\na: 2\n"
    problems = from_texts({"a.yaml": text}, named=frozenset(["a.yaml"] * is_named))[0].mesh.problems

    assert any("is set twice" in problem.reason for problem in problems) is is_told


@pytest.mark.parametrize(
    ("files", "namespace", "count"),
    [
        (["a/x.yaml", "b/y.yaml"], "", 2),
        (["a/x.yaml", "b/y.yaml"], "shop", 1),
        (["a/x.yaml", "a/y.yaml"], "", 1),
        (["a/x.yaml", "a/x.yaml"], "", 1),
        (["a/x.yaml", "b/y.yaml", "c/z.yaml"], "", 3),
    ],
)
def test_samples_of_several_folders_are_judged_apart(files: list[str], namespace: str, count: int) -> None:
    """Where their objects name no namespace, and nobody names one for them."""
    texts: dict[str, str] = {}
    for number, file in enumerate(files):
        texts[file] = texts.get(file, "") + f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{number}}}\n"

    assert len(list(from_texts(texts, namespace=namespace)[0].meshes)) == count
