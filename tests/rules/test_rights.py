"""A missing right makes a run say less, and never more: whoever concludes from absence asks first whether it was looked."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.coverage import Coverage, Refused
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Diagnosis, ReportSource
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap, Pod, PodStatus
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Meta, Object, OwnerReference
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.offers import SCENES
from tests.rules.pages import ALL, FILE

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
KINDS = tuple(kind for kind in kinds.KINDS if any(kind in (*rule.inputs, *rule.optional) for rule in RULES))
ASSUMED = (kinds.MUTATING_WEBHOOK_CONFIGURATION, kinds.CONFIG_MAP)
"""Kinds for which Istio's defaults stand in where they may not be read; that a mesh has none of them would be another finding."""

BY_OBJECT = dict.fromkeys(
    ("MF309", "MF904"), "it names the first check of a webhook's way that fails; where that one may not be read, the next"
)
"""Rules that say one thing of an object, at the place of its cause: with less to read, another cause is no other finding."""

WHOLE = bool(os.environ.get("MESHFIX_LAWS"))

Found = Mapping[tuple[str, object, str], Diagnosis]


def scenes() -> Iterable[tuple[str, Mapping[str, str]]]:
    """The examples, and everything that rules' pages show, each with what stands beside it."""
    yield "examples", {str(path): path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.rglob("*.yaml"))}
    for example in ALL:
        if not example.is_settings:
            yield str(example), {FILE: example.text, **example.beside}
    for scene in SCENES:
        yield f"{scene.rule.code}-{scene.number} on a cluster", {FILE: scene.text, **scene.beside}


def found(objects: Sequence[Object], coverage: Mapping[Kind, Coverage]) -> Found:
    """What all rules find on a cluster with these objects, of which so much may be read, by code, object and place."""
    mesh = Mesh(objects, live=True, coverage=coverage)
    report = diagnose(Snapshot(meshes=Meshes([mesh]), source=ReportSource(kind="cluster")), RULES)
    return {(row.code, row.resource.key, "" if row.code in BY_OBJECT else row.path): row for row in report.findings}


def made(obj: Object, number: int) -> Object:
    """An object as a server has it: with a uid, as pods have that were made."""
    return msgspec.structs.replace(obj, metadata=msgspec.structs.replace(obj.metadata, uid=f"uid-{number}"))


def running(objects: Sequence[Object]) -> list[Object]:
    """A pod for each maker that has none, as its template has it and without a sidecar: the Deployment's controller ran, no webhook did."""
    mesh = Mesh(objects, live=True)
    return [
        Pod(
            metadata=Meta(
                name=f"{item.name}-x",
                namespace=item.namespace or None,
                labels=dict(item.labels),
                annotations=dict(item.annotations),
                owner_references=(OwnerReference(item.ref.api_version, item.ref.kind, item.name, controller=True),),
            ),
            spec=item.spec,
            status=PodStatus(phase="Running"),
        )
        for item in mesh.workloads
        if not item.is_pod and not mesh.pods_of(item)
    ]


@pytest.mark.parametrize("with_pods", [False, True], ids=["as they are", "with a pod for each"])
@pytest.mark.parametrize(("number", "texts"), [pytest.param(n, texts, id=name) for n, (name, texts) in enumerate(scenes())])
def test_a_missing_right_adds_no_finding(number: int, texts: Mapping[str, str], with_pods: bool) -> None:
    """Where one kind may not be read, or only in one namespace, nothing is found that is not found with all rights."""
    snapshot, _ = from_texts(dict(texts))
    given = [obj for kind in kinds.KINDS for obj in snapshot.mesh.all(kind.struct)]
    if with_pods and not (more_pods := running(given)):
        return
    objects = [made(obj, at) for at, obj in enumerate([*given, *more_pods] if with_pods else given)]
    full = found(objects, {})
    for at, kind in enumerate(KINDS):
        if not WHOLE and "examples" not in texts and (at + number) % 6 and not any(kinds.of_object(obj) is kind for obj in objects):
            continue
        left = [obj for obj in objects if kinds.of_object(obj) is not kind]
        if kind in ASSUMED and len(left) == len(objects):
            continue  # what stands in for it is not what this mesh has: none
        more = found(left, {kind: Coverage(reason="forbidden")})
        without = full if kind in ASSUMED or len(left) == len(objects) else found(left, {})
        for world, there in (("with it", full), ("without it", without)):
            added = {key: row for key, row in more.items() if key not in there}
            if kind in kinds.WORKLOADS:  # what cannot be said of an owner is said of what it made
                added = {key: row for key, row in added.items() if row.resource.kind not in ("Pod", "ReplicaSet")}
            assert not added, (kind.resource, world, [f"{row.code} {row.resource} {row.path}: {row.message}" for row in added.values()])
        bolder = [row for key, row in more.items() if key in full and boldness(row) < boldness(full[key])]
        assert not bolder, (kind.resource, [f"{row.code} {row.resource} {row.path}: {row.fix}" for row in bolder])


@pytest.mark.parametrize("texts", [pytest.param(texts, id=name) for name, texts in scenes()])
def test_one_config_map_that_may_not_be_read_adds_no_finding(texts: Mapping[str, str]) -> None:
    """Where one ConfigMap is forbidden beside another that is not, the one is unknown and not absent: nothing more is found, or offered."""
    snapshot, _ = from_texts(dict(texts))
    objects = [made(obj, at) for at, obj in enumerate(obj for kind in kinds.KINDS for obj in snapshot.mesh.all(kind.struct))]
    maps = [obj for obj in objects if isinstance(obj, ConfigMap)]
    full = found(objects, {}) if maps[1:] else {}
    for hidden in maps if maps[1:] else ():
        refused = Coverage(refused=(Refused(hidden.namespace, hidden.name, "forbidden"),))
        more = found([obj for obj in objects if obj is not hidden], {kinds.CONFIG_MAP: refused})
        added = [f"{row.code} {row.resource} {row.path}: {row.message}" for key, row in more.items() if key not in full]
        assert not added, hidden.name
        assert not [row for key, row in more.items() if boldness(row) < boldness(full[key])], hidden.name


def test_a_config_map_that_may_not_be_read_is_not_absent() -> None:
    """Its namespace is not known as a whole; others in it are, by their names."""
    mesh = Mesh((), live=True, coverage={kinds.CONFIG_MAP: Coverage(refused=(Refused("istio-system", "istio-canary", "forbidden"),))})
    assert not mesh.knows(kinds.CONFIG_MAP, "istio-system", name="istio-canary")
    assert mesh.knows(kinds.CONFIG_MAP, "istio-system", name="istio")
    assert not mesh.knows(kinds.CONFIG_MAP, "istio-system")
    assert not mesh.knows(kinds.CONFIG_MAP)
    assert mesh.knows(kinds.CONFIG_MAP, "other", name="istio-canary")


def boldness(row: Diagnosis) -> int:
    """How much a fix asks of who applies it: 0 for a safe one, more for none at all."""
    return list(Safety).index(row.fix.safety) if row.fix else len(Safety)


@pytest.mark.parametrize("kind", ASSUMED, ids=lambda kind: kind.plural)
def test_no_restart_rests_on_what_was_not_read(kind: Kind) -> None:
    """Where webhooks or the injector's configuration may not be read, nobody is told that new pods would get a sidecar."""
    texts = {str(path): path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.rglob("*.yaml"))}
    snapshot, _ = from_texts(texts)
    given = [obj for each in kinds.KINDS if each is not kind for obj in snapshot.mesh.all(each.struct)]
    objects = [made(obj, at) for at, obj in enumerate([*given, *running(given)])]
    assert "MF305" not in {code for code, _, _ in found(objects, {kind: Coverage(reason="forbidden")})}
