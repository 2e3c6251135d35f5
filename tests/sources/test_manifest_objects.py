"""One object of a manifest: what is one, what it becomes, and what is said of it."""

from pathlib import Path

import pytest

from kubectl_meshfix.documents.reading.manifests import Origin
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.sources.manifest_objects import Place, is_manifest, says_its_kind


def problems(text: str) -> list[tuple[str, bool]]:
    """What is wrong with a text, and whether it hides an object."""
    return [(problem.reason, problem.hides) for problem in from_texts({"a.yaml": text})[0].mesh.problems]


@pytest.mark.parametrize(
    ("value", "manifest", "says"),
    [
        ({"apiVersion": "v1", "kind": "Service"}, True, True),
        ({"apiVersion": "v1"}, True, True),
        ({"kind": "Service"}, False, True),
        ({"metadata": {}}, False, False),
        (["apiVersion", "kind"], False, False),
        ("apiVersion, kind", False, False),
        (7, False, False),
    ],
)
def test_which_documents_are_meant_for_an_api_server(value: object, manifest: bool, says: bool) -> None:
    """Maps with an apiVersion; in a folder those with a kind alone are looked at too."""
    assert (is_manifest(value), says_its_kind(value)) == (manifest, says)


def test_an_object_without_api_version_is_none() -> None:
    """Its kind alone does not tell what it is, and nothing is said of it."""
    snapshot, _ = from_texts(
        {"a.yaml": "kind: Service\nmetadata: {name: cart}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: pay}\n"}
    )

    assert [item.name for item in snapshot.mesh.all(Service)] == ["pay"]
    assert not snapshot.mesh.problems


@pytest.mark.parametrize(
    ("api_version", "kind", "reason"),
    [
        (
            "networking.istio.io/v1",
            "virtualService",
            'there is no kind "virtualService" in networking.istio.io (did you mean VirtualService?)',
        ),
        (
            "networking.istio.io/v1",
            "VIRTUALSERVICE",
            'there is no kind "VIRTUALSERVICE" in networking.istio.io (did you mean VirtualService?)',
        ),
        (
            "networking.istio.io/v1",
            "VirtualServce",
            'there is no kind "VirtualServce" in networking.istio.io (did you mean VirtualService?)',
        ),
        (
            "networking.istio.io/v1",
            "AuthorizationPolcy",
            'there is no kind "AuthorizationPolcy" in networking.istio.io (did you mean AuthorizationPolicy?)',
        ),
        (
            "security.istio.io/v1",
            "VirtualServices",
            'there is no kind "VirtualServices" in security.istio.io (did you mean VirtualService?)',
        ),
        ("networking.istio.io/v1", "AuthorizationPolicy", 'there is no kind "AuthorizationPolicy" in networking.istio.io'),
        ("networking.istio.io/v1", "Widget", 'there is no kind "Widget" in networking.istio.io'),
        ("networking.istio.io/v1", "", "it has no kind, and its apiVersion is networking.istio.io/v1"),
        ("extensions.istio.io/v1alpha1", "TrafficExtension", ""),
        ("install.istio.io/v1alpha1", "IstioOperator", ""),
        ("example.com/v1", "VirtualServce", ""),
        ("example.com/v1", "", ""),
        ("", "VirtualService", ""),
    ],
)
def test_kinds_that_istio_does_not_have(api_version: str, kind: str, reason: str) -> None:
    """They are named with what may be meant, in whichever of its groups; of other groups nobody here knows all kinds."""
    text = f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n"

    assert problems(text) == ([(reason, True)] if reason else [])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("metadata: {name: a, labels: {x: 5}}", [("metadata.labels.x is a number and must be a string. Put it in quotes", False)]),
        ("metadata: {name: a, labels: {x: yes}}", [("metadata.labels.x is a boolean and must be a string. Put it in quotes", False)]),
        ("metadata: {name: a, labels: {x: 1.5}}", [("metadata.labels.x is a fraction and must be a string. Put it in quotes", False)]),
        ("metadata: {name: a, labels: {x: [1]}}", [("metadata.labels.x is a list and must be a string", True)]),
        ("metadata: {name: a, labels: {x: {y: z}}}", [("metadata.labels.x is a map and must be a string", True)]),
        ("metadata: {name: a, labels: [x]}", [("metadata.labels is a list and must be a map", True)]),
        ("metadata: {name: a}\nspec: {selector: {x: 5}}", [("spec.selector.x is a number and must be a string. Put it in quotes", False)]),
        ("metadata: {name: a}\nspec: {type: 5}", [("spec.type is a number and must be a string. Put it in quotes", True)]),
        ("metadata: [a]", [("metadata is a list and must be a map", True)]),
        ("metadata: {name: 5}", [("metadata.name is a number and must be a string. Put it in quotes", True)]),
        (
            "metadata: {name: a, labels: {x: 5, v: true}, annotations: {z: 1}}",
            [
                (f"metadata.{place} and must be a string. Put it in quotes", False)
                for place in ("annotations.z is a number", "labels.v is a boolean", "labels.x is a number")
            ],
        ),
    ],
)
def test_a_label_without_quotes_hides_nothing(fields: str, expected: list[tuple[str, bool]]) -> None:
    """It is read as its author meant it; any other value of a wrong type keeps the object from being read."""
    text = f"apiVersion: v1\nkind: Service\n{fields}\n"

    assert sorted(problems(text)) == expected
    assert len(from_texts({"a.yaml": text})[0].mesh.all(Service)) == (not expected[0][1])


def test_an_unquoted_label_is_the_text_that_json_has() -> None:
    """A boolean in small letters, and a number as it is written out; what matchLabels say too."""
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, labels: {x: Yes, v: 010, z: 1.50}}\n"
        "spec: {selector: {matchLabels: {x: True}}, template: {metadata: {labels: {x: true}}, spec: {containers: []}}}\n"
    )
    (made,) = from_texts({"a.yaml": text})[0].mesh.all(Deployment)

    assert dict(made.labels) == {"x": "true", "v": "8", "z": "1.5"}
    assert made.spec.selector
    assert dict(made.spec.selector.match_labels) == {"x": "true"}


def test_an_api_version_that_is_a_number() -> None:
    """It is told as any other value of a wrong type."""
    reason = "apiVersion is a number and must be a string. Put it in quotes"

    assert problems("apiVersion: 1\nkind: Service\nmetadata: {name: a}\n") == [(reason, True)]


@pytest.mark.parametrize(
    ("file", "head", "found"),
    [
        ("shop/Chart.yaml", "# Source: shop/templates/a.yaml\n", ("shop/templates/a.yaml", 1, 1, "shop/templates/a.yaml")),
        ("shop/Chart.yaml", "# Source: shop/templates/gone.yaml\n", ("shop/Chart.yaml", 1, 1, "shop/templates/gone.yaml")),
        ("shop/Chart.yaml", "# Source of a:\n", ("shop/Chart.yaml", 2, 7, None)),
        ("shop/MyChart.yaml", "# Source: shop/templates/a.yaml\n", ("shop/MyChart.yaml", 2, 7, "shop/templates/a.yaml")),
    ],
)
def test_where_an_object_stands(
    file: str, head: str, found: tuple[str, int, int, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its file; what a chart renders to stands in its template as a whole, and where there is no such file in the chart."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop/templates").mkdir(parents=True)
    (tmp_path / "shop/templates/a.yaml").write_text("a")
    (document,) = read(f"{head}kind: A\n").documents

    place = Place(Origin(file, 0), document).location("/kind")

    assert (place.file, place.line, place.column, place.template) == found
