"""Which field of a kustomization gives a built object a value."""

from pathlib import Path
from typing import Any

import pytest

from kubectl_meshfix.sources.kustomize.built import BuiltObject, Identity
from kubectl_meshfix.sources.kustomize.fields import field_for
from kubectl_meshfix.sources.kustomize.tree import Environment, tree
from tests.sources.kustomize.shop import write


def environment(folder: Path, text: str, **files: str) -> Environment:
    """The environment of a kustomization, with files beside it."""
    write(folder, {"kustomization.yaml": text, **{f"{name}.yaml": content for name, content in files.items()}})
    (found,) = tree([str(folder)]).environments
    return found


def built(kind: str = "Service", name: str = "cart") -> BuiltObject:
    """An object that was built."""
    return BuiltObject(Identity("", kind, "shop", name), "v1", "")


LABELS = "/spec/template/metadata/labels/app"


@pytest.mark.parametrize(
    ("text", "path", "value", "found"),
    [
        ("namespace: shop", "/metadata/namespace", "shop", "/namespace"),
        ("namespace: shop", "/metadata/namespace", "other", None),
        ("namespace: shop", "/metadata/name", "shop", None),
        ("nameSuffix: -z", "/metadata/namespace", None, None),
        ("namespace: ''", "/metadata/namespace", "", None),
        ("namePrefix: a-", "/metadata/name", "a-cart", "/namePrefix"),
        ("namePrefix: a-", "/metadata/name", "cart", None),
        ("nameSuffix: -z", "/metadata/name", "cart-z", "/nameSuffix"),
        ("nameSuffix: -z", "/spec/name", "cart-z", None),
        ("commonLabels: {app: x}", LABELS, "x", "/commonLabels/app"),
        ("commonLabels: {app: x}", LABELS, "y", None),
        ("commonLabels: {app: x}", "/spec/selector/app", "x", "/commonLabels/app"),
        ("commonLabels: {app: x}", "/spec/selector/matchLabels/app", "x", "/commonLabels/app"),
        ("commonLabels: {app: x}", "/spec/podSelector/app", "x", "/commonLabels/app"),
        ("commonLabels: {app: x}", "/metadata/annotations/app", "x", None),
        ("commonLabels: {app: 1}", LABELS, "1", "/commonLabels/app"),
        ("commonLabels: {app: x}", "app", "x", None),
        ("labels: [{pairs: {a: b}}, {pairs: {app: x}}]", LABELS, "x", "/labels/1/pairs/app"),
        ("labels: [{}, 7]", LABELS, "x", None),
        ("commonAnnotations: {a: b}", "/metadata/annotations/a", "b", "/commonAnnotations/a"),
        ("commonAnnotations: {a: b}", "/metadata/labels/a", "b", None),
        ("images: [{name: x}, {name: cart}]", "/spec/containers/0/image", "cart:1", "/images/1"),
        ("images: [{name: cart}]", "/spec/containers/0/name", "cart:1", None),
        ("images: [{name: cart}]", "/spec/containers/0/image", 7, None),
        ("replicas: [{name: x, count: 3}, {name: cart, count: 3}]", "/spec/replicas", 3, "/replicas/1"),
        ("replicas: [{name: cart, count: 3}]", "/spec/replicas", 2, None),
        ("replicas: [{count: 3}]", "/spec/replicas", 3, None),
        ("replicas: [{name: '', count: 3}]", "/spec/replicas", 3, None),
        ("replicas: [{name: cart, count: 3}]", "/spec/other", 3, None),
    ],
)
def test_a_field_gives_a_value(tmp_path: Path, text: str, path: str, value: Any, found: str | None) -> None:
    """Where it has that very value, at a place to which kustomize writes it."""
    place = field_for(environment(tmp_path, text), built(), path, value)

    assert (place.path if place else None) == found
    assert not place or place.name == (found or "").split("/")[1]


GENERATED = "configMapGenerator: [7, {name: ''}, {name: cart, literals: [7, a=b, c=d], files: [x/e.txt, f=g.txt]}]"


@pytest.mark.parametrize(
    ("kind", "path", "found"),
    [
        ("ConfigMap", "/data/c", "/configMapGenerator/2/literals/2"),
        ("ConfigMap", "/data/e.txt", "/configMapGenerator/2/files/0"),
        ("ConfigMap", "/binaryData/f", "/configMapGenerator/2/files/1"),
        ("ConfigMap", "/data/g.txt", "/configMapGenerator/2"),
        ("ConfigMap", "/data", "/configMapGenerator/2"),
        ("ConfigMap", "/spec/c", "/configMapGenerator/2"),
        ("ConfigMap", "", "/configMapGenerator/2"),
        ("Secret", "/data/c", None),
        ("Service", "/data/c", None),
    ],
)
def test_a_generator_makes_an_object_and_its_keys(tmp_path: Path, kind: str, path: str, found: str | None) -> None:
    """A file's key is its name, unless it has another before a sign of equality."""
    place = field_for(environment(tmp_path, GENERATED), built(kind, "cart-abc"), path, "x")

    assert (place.path if place else None) == found
