"""Which patch of a kustomization gives a built object a value."""

from pathlib import Path

import pytest

from kubectl_meshfix.sources.kustomize.building import Builder
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.sources.kustomize.patches import setting
from tests.sources.kustomize.test_settings import built, environment

ORIGINS = Origins(Builder(("none",)))
"""Of a program that is not asked."""

VALUE = {"spec": {"type": "NodePort", "ports": [{"name": "web", "port": 80}, {"name": "db", "port": 81}], "selector": {"app": "x"}}}
MERGE = "kind: Service\nmetadata: {name: cart}\n"


@pytest.mark.parametrize(
    ("entry", "content", "path", "found"),
    [
        ("path: p.yaml", f"{MERGE}spec: {{type: NodePort}}", "/spec/type", "/spec/type"),
        ("path: p.yaml", f"{MERGE}spec: {{type: ClusterIP}}", "/spec/type", None),
        ("path: p.yaml", f"{MERGE}spec: {{selector: {{app: x}}}}", "/spec/selector", "/spec/selector"),
        ("path: p.yaml", f"{MERGE}spec: {{selector: {{}}}}", "/spec/selector", "/spec/selector"),
        ("path: p.yaml", f"{MERGE}spec: {{selector: {{$patch: replace, app: x}}}}", "/spec/selector", "/spec/selector"),
        ("path: p.yaml", f"{MERGE}spec: {{selector: {{app: y}}}}", "/spec/selector", None),
        ("path: p.yaml", f"{MERGE}spec: {{selector: {{b: x}}}}", "/spec/selector", None),
        ("path: p.yaml", f"{MERGE}spec: {{ports: [{{port: 81, name: db}}]}}", "/spec/ports/1/name", "/spec/ports/0/name"),
        ("path: p.yaml", f"{MERGE}spec: {{type: NodePort}}", "", None),
        ("path: p.yaml", f"{MERGE}spec: {{selector: x}}", "/spec/selector", None),
        ("path: p.yaml", f"{MERGE}spec: {{}}", "/spec/selector", None),
        ("path: p.yaml", f"{MERGE}spec: {{type: {{}}}}", "/spec/type", None),
        ("path: p.yaml, target: {name: cart}", "[{op: add, path: /spec/ports, value: {name: db}}]", "/spec/ports/1/name", None),
        ("path: p.yaml", "[{op: replace, path: /spec/type, value: NodePort}]", "/spec/type", None),
        ("path: p.yaml", "text", "/spec/type", None),
        ("path: p.yaml, target: {kind: Service}", "text", "/spec/type", None),
        ("path: p.yaml, target: {kind: Service}", "spec: {type: NodePort}", "", None),
        ("path: p.yaml", "kind: Service\nmetadata: {name: ''}\nspec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml", "kind: Service\nmetadata: text\nspec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml", "kind: Service\nmetadata: {name: other}\nspec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml", "kind: Service\nspec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml", "kind: Pod\nmetadata: {name: cart}\nspec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml, target: {kind: Service}", "spec: {type: NodePort}", "/spec/type", "/spec/type"),
        ("path: p.yaml, target: {kind: Serv}", "spec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml, target: {kind: 'Serv.*'}", "spec: {type: NodePort}", "/spec/type", "/spec/type"),
        ("path: p.yaml, target: {name: car}", "spec: {type: NodePort}", "/spec/type", "/spec/type"),
        ("path: p.yaml, target: {name: '^car$'}", "spec: {type: NodePort}", "/spec/type", "/spec/type"),
        ("path: p.yaml, target: {name: cars}", "spec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml, target: {name: 'x*y*z'}", "spec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml, target: {name: 'x*y*z*s'}", "spec: {type: NodePort}", "/spec/type", "/spec/type"),
        ("path: p.yaml, target: {name: '(x)*y'}", "spec: {type: NodePort}", "/spec/type", "/spec/type"),
        ("path: p.yaml, target: {name: '(x'}", "spec: {type: NodePort}", "/spec/type", None),
        ("path: p.yaml, target: {name: cart}", "[{op: replace, path: /spec/type, value: NodePort}]", "/spec/type", "/0/value"),
        ("path: p.yaml, target: {name: cart}", "[{op: add, path: /spec, value: {type: NodePort}}]", "/spec/type", "/0/value/type"),
        ("path: p.yaml, target: {name: cart}", "[{op: add, path: /spec, value: {}}]", "/spec/selector", None),
        ("path: p.yaml, target: {name: cart}", "[{op: add, value: {spec: {type: NodePort}}}]", "/spec/type", None),
        ("path: p.yaml, target: {name: cart}", "[{op: add, path: /spec/ports/²/-, value: {name: db}}]", "/spec/ports/1/name", None),
        ("path: p.yaml, target: {name: cart}", "[{op: test, path: /spec/type, value: NodePort}]", "/spec/type", None),
        ("path: p.yaml, target: {name: cart}", "[{op: replace, path: /spec/type, value: x}]", "/spec/type", None),
        ("path: p.yaml, target: {name: cart}", "[{op: replace, path: /spec/typ, value: NodePort}]", "/spec/type", None),
        (
            "path: p.yaml, target: {name: cart}",
            "[{op: add, path: /spec/type, value: NodePort}, {op: add, path: /spec/type, value: NodePort}, 7]",
            "/spec/type",
            "/1/value",
        ),
        (
            "path: p.yaml, target: {name: cart}",
            "[{op: add, path: /spec/ports/-, value: {name: db}}]",
            "/spec/ports/1/name",
            "/0/value/name",
        ),
        ("path: p.yaml, target: {name: cart}", "[{op: add, path: /spec/ports/-, value: {name: x}}]", "/spec/ports/1/name", None),
    ],
)
def test_a_patch_sets_a_value(tmp_path: Path, entry: str, content: str, path: str, found: str | None) -> None:
    """One that is for the object, and in which the value stands; of several operations the last one."""
    made = environment(tmp_path, f"patches: [{{{entry}}}]", p=content)

    result = setting(made, built(), VALUE, path, ORIGINS)

    assert (result.path if result else None) == found
    assert not result or not result.patch.is_inline


def test_the_patch_that_is_applied_last_sets_it(tmp_path: Path) -> None:
    """In one kustomization the later one; ``patches`` come after strategic merge patches and before JSON patches."""
    text = f"{MERGE}spec: {{type: NodePort}}"
    two = environment(tmp_path / "two", "patches: [{path: a.yaml}, {path: b.yaml}]", a=text, b=text)
    kinds = environment(tmp_path / "kinds", "patches: [{path: a.yaml}]\npatchesStrategicMerge: [b.yaml]", a=text, b=text)

    for made, name in ((two, "b.yaml"), (kinds, "a.yaml")):
        result = setting(made, built(), VALUE, "/spec/type", ORIGINS)
        assert result
        assert Path(result.patch.file).name == name


@pytest.mark.parametrize(
    ("pattern", "length", "fits"),
    [
        ("x*y*z", 253, False),
        ("x*y*z", 254, True),
        ("x*y+", 9, False),
        ("x*y+z{2}", 9, True),
        ("x+y{2}z*", 9, True),
        ("(x)y", 9, False),
        ("(x)+", 9, True),
        ("(x){2}", 9, True),
        ("x)*[", 9, True),
    ],
)
def test_a_pattern_that_might_be_tried_for_long_may_mean_anything(tmp_path: Path, pattern: str, length: int, fits: bool) -> None:
    """Names as long as Kubernetes lets them be, and patterns in which little repeats, are tried; the others are taken to fit."""
    made = environment(tmp_path, f"patches: [{{path: p.yaml, target: {{name: '{pattern}'}}}}]", p="spec: {type: NodePort}")

    assert bool(setting(made, built(name="a" * length), VALUE, "/spec/type", ORIGINS)) is fits


def test_files_and_texts_of_merges(tmp_path: Path) -> None:
    """An entry of more than one line is the patch, any other its file."""
    made = environment(tmp_path, "patchesStrategicMerge: [p.yaml]", p=f"{MERGE}spec: {{type: NodePort}}")

    result = setting(made, built(), VALUE, "/spec/type", ORIGINS)

    assert result
    assert (Path(result.patch.file).name, result.patch.is_inline) == ("p.yaml", False)


def test_entries_that_are_no_patches_are_passed_over(tmp_path: Path) -> None:
    """Kustomize refuses them; nothing else does."""
    text = "patches: [7, {}, {patch: 7}, {path: 7}, {path: p.yaml, target: 7}, null]\npatchesStrategicMerge: [7, {}, null]"

    result = setting(environment(tmp_path, text, p=f"{MERGE}spec: {{type: NodePort}}"), built(), VALUE, "/spec/type", ORIGINS)

    assert result
    assert (Path(result.patch.file).name, result.patch.target) == ("p.yaml", {})


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("patches:\n- patch: |-\n    kind: Service\n    metadata: {name: cart}\n    spec:\n      type: NodePort\n", 6, 13),
        ("patches:\n- patch: |-\n\n    kind: Service\n    metadata: {name: cart}\n    spec:\n      type: NodePort\n", 7, 13),
        ("patches:\n- patch: '{kind: Service, metadata: {name: cart}, spec: {type: NodePort}}'\n", 2, 64),
        ("patchesStrategicMerge:\n- |-\n  kind: Service\n  metadata: {name: cart}\n  spec:\n    type: NodePort\n", 6, 11),
    ],
)
def test_an_inline_patch_has_its_place_in_the_kustomization(tmp_path: Path, text: str, line: int, column: int) -> None:
    """Its lines are moved to the right."""
    result = setting(environment(tmp_path, text), built(), VALUE, "/spec/type", ORIGINS)

    assert result
    assert (result.patch.is_inline, result.line, result.column) == (True, line, column)
