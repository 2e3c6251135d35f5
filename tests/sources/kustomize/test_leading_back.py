"""From a built object back to the file and line that a person would change."""

from pathlib import Path

import pytest

from kubectl_meshfix.sources.kustomize.environments import Kustomized, Part, read_environments
from tests.sources.kustomize.shop import needs_kubectl, write

pytestmark = needs_kubectl


def part(found: Kustomized, environment: str, kind: str, name: str) -> Part:
    """One built object; ``name`` is the beginning of what a generator appends a hash to."""
    (one,) = (
        part
        for part in found.objects
        if Path(part.environment.environment.folder).name == environment
        and part.built.identity.kind == kind
        and (part.built.identity.name == name or (kind == "ConfigMap" and part.built.identity.name.startswith(name)))
    )
    return one


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kustomized]:
    """The shop, built."""
    folder = write(tmp_path_factory.mktemp("shop"))
    return folder, read_environments([str(folder)], recursive=True)


@pytest.mark.parametrize(
    ("environment", "kind", "name", "path", "expected"),
    [
        ("dev", "Service", "cart", "/spec/ports/1/name", "base/services.yaml:11:11"),
        ("dev", "Service", "cart", "/spec/ports/1/appProtocol", "base/services.yaml:10:5"),
        ("prod", "Service", "live-cart", "", "base/services.yaml:1:1"),
        ("prod", "Service", "live-cart-admin", "/spec/ports/0/name", "prod/ports.yaml:8:11"),
        ("prod", "Service", "live-cart-admin", "/spec/ports/1/name", "base/services.yaml:21:11"),
        ("staging", "Service", "cart-rc", "/spec/ports/2/name", "staging/kustomization.yaml:16:15"),
        ("staging", "Service", "cart-rc", "/metadata/labels/stage", "staging/kustomization.yaml:8:10"),
        ("staging", "Service", "cart-rc", "/spec/selector/stage", "staging/kustomization.yaml:8:10"),
        ("staging", "Service", "cart-rc", "/metadata/name", "staging/kustomization.yaml:6:13"),
        ("staging", "Deployment", "cart-rc", "/spec/template/metadata/labels/team", "component/kustomization.yaml:4:17"),
        ("prod", "Service", "live-cart", "/metadata/namespace", "prod/kustomization.yaml:5:12"),
        ("prod", "Service", "live-cart", "/metadata/name", "prod/kustomization.yaml:6:13"),
        ("prod", "Deployment", "live-cart", "/spec/template/spec/containers/0/image", "prod/kustomization.yaml:10:3"),
        ("prod", "Deployment", "live-cart", "/spec/replicas", "prod/kustomization.yaml:13:3"),
        ("prod", "Deployment", "live-cart", "/spec/template/spec/containers/0/ports/0/name", "base/deployment.yaml:19:17"),
        ("prod", "Deployment", "live-cart", "/spec/template/metadata/labels/version", "base/deployment.yaml:12:15"),
        ("prod", "Namespace", "prod", "/metadata/labels/istio-injection", "prod/namespace.yaml:4:3"),
        ("prod", "ConfigMap", "live-settings", "/data/colour", "base/kustomization.yaml:7:5"),
        ("prod", "ConfigMap", "live-settings", "/data/greeting.txt", "base/greeting.txt:1:1"),
        ("prod", "ConfigMap", "live-settings", "", "base/kustomization.yaml:5:3"),
    ],
)
def test_places_lead_back(  # noqa: PLR0917
    shop: tuple[Path, Kustomized], environment: str, kind: str, name: str, path: str, expected: str
) -> None:
    """To the base where it says the same, else to the patch that says it, else to the field of the kustomization."""
    folder, found = shop

    place = found.locate(part(found, environment, kind, name), path)

    assert f"{Path(place.file).relative_to(folder)}:{place.line}:{place.column}" == expected


def test_kustomize_settles_what_names_leave_open(tmp_path: Path) -> None:
    """Two files of one name and kind, kept apart by namespaces only: each object leads to its own."""
    service = "apiVersion: v1\nkind: Service\nmetadata: {{name: cart, namespace: {0}}}\nspec: {{ports: [{{port: 80, name: {0}}}]}}\n"
    write(tmp_path, {f"{name}.yaml": service.format(name) for name in ("one", "two")})
    write(tmp_path, {"kustomization.yaml": "resources: [one.yaml, two.yaml]\n"})
    found = read_environments([str(tmp_path)])

    places = {part.built.identity.namespace: Path(found.locate(part, "/spec/ports/0/name").file).name for part in found.objects}

    assert places == {"one": "one.yaml", "two": "two.yaml"}


def test_a_list_and_several_documents(tmp_path: Path) -> None:
    """Objects inside of a List, and the second document of a file, have their own lines."""
    items = "".join(f"- apiVersion: v1\n  kind: Service\n  metadata: {{name: {name}}}\n" for name in ("a", "b"))
    more = "apiVersion: v1\nkind: Service\nmetadata: {name: c}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: d}\n"
    write(tmp_path, {"list.yaml": f"apiVersion: v1\nkind: List\nitems:\n{items}", "more.yaml": more})
    write(tmp_path, {"kustomization.yaml": "resources: [list.yaml, more.yaml]\nnamePrefix: x-\n"})
    found = read_environments([str(tmp_path)])

    lines = {part.built.identity.name: found.locate(part, "").line for part in found.objects}

    assert lines == {"x-a": 4, "x-b": 7, "x-c": 1, "x-d": 5}


def test_a_json_patch_in_a_file(tmp_path: Path) -> None:
    """An operation in a file is where the value it writes comes from, also below what it writes."""
    write(
        tmp_path,
        {
            "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: Service}}]\n",
            "a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, name: http}]}\n",
            "p.yaml": "- {op: test, path: /kind, value: Service}\n- op: add\n  path: /spec/ports\n  value:\n  - port: 81\n    name: x\n",
        },
    )
    found = read_environments([str(tmp_path)])
    (one,) = found.objects

    place = found.locate(one, "/spec/ports/0/name")

    assert (Path(place.file).name, place.line, place.column) == ("p.yaml", 6, 11)
