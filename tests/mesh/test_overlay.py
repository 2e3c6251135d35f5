"""Manifests laid over a cluster: what it would hold once they are applied."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.attribution import Laid, attributed
from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.overlay import LAST_APPLIED, laid_over
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Report, ReportSource
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, ValidatingWebhookConfiguration
from kubectl_meshfix.resources.core import Namespace, Pod, Service
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.pages import ALL, Example

CLUSTER = ReportSource(kind="cluster", context="lab", server="https://lab")

APPLIED = [example for example in ALL if not example.is_settings and not example.rule.code.startswith("MF0")]
"""Examples that an API server takes; MF0xx is about input that none would."""


def found(report: Report) -> set[tuple[str, Ref, str]]:
    """Findings about objects that can be applied, whatever copy of them."""
    rows = (row for row in report.findings if row.resource.kind != "File")
    return {(row.code, msgspec.structs.replace(row.resource, copy=0), row.path) for row in rows}


def on_cluster(objects: tuple[Object, ...], rules: tuple[Rule, ...] = RULES) -> Report:
    """What rules find on a cluster."""
    return diagnose(Snapshot(meshes=Meshes([Mesh(objects, live=True)]), source=CLUSTER), rules)


@pytest.mark.parametrize("example", APPLIED, ids=str)
def test_files_bring_about_what_is_there_after_they_are_applied(example: Example) -> None:
    """Of the files' objects all is found that would be found once the cluster has them, and of others what is not there before."""
    files, _ = from_texts({"page.yaml": example.text}, namespace="default")
    given, _ = from_texts(example.beside, namespace="default")
    before = tuple(given.mesh.objects)
    live = Mesh(before, live=True)
    meshes = laid_over(files.meshes, live)
    own = {msgspec.structs.replace(obj.ref, copy=0) for obj in files.mesh.objects}

    def before_of(codes: frozenset[str]) -> Report:
        return on_cluster(before, tuple(rule for rule in RULES if rule.code in codes))

    laid = Laid(files.meshes, meshes, "lab", files.locate)
    report = attributed(diagnose(msgspec.structs.replace(files, meshes=meshes), RULES), laid, before_of)

    there = found(on_cluster((*before, *(obj for mesh in files.meshes for obj in mesh.objects))))
    assert found(report) == {row for row in there if row[1] in own} | (there - found(on_cluster(before)))


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\nspec: {ports: [{port: 80}]}\n"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: main, image: main:2}]}
"""

WEBHOOK = """\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: injector}
webhooks: [{name: one, clientConfig: {url: https://istiod, caBundle: ""}}]
"""


def live(*documents: Mapping[str, Any]) -> Mesh:
    """A cluster at noon."""
    known = (Pod, Service, Deployment, Namespace, MutatingWebhookConfiguration, ValidatingWebhookConfiguration)
    kinds: dict[str, type[Object]] = {struct.__name__: struct for struct in known}
    structs = [kinds[item["kind"]] for item in documents]
    return Mesh(
        (msgspec.convert(item, struct) for item, struct in zip(documents, structs, strict=True)), live=True, taken_at="2026-03-01T12:00:00Z"
    )


def over(cluster: Mesh, *texts: str) -> Meshes:
    """Files, one a folder, laid over it."""
    return laid_over(from_texts({f"{number}/a.yaml": text for number, text in enumerate(texts)})[0].meshes, cluster)


def test_objects_have_their_age() -> None:
    """What a file replaces is as old as it was, and what is new is as young as the reading, unless the file itself says when it was made.

    The oldest Service decides on a port.
    """
    old = {"kind": "Service", "metadata": {"name": "cart", "namespace": "shop", "creationTimestamp": "2025-01-01T00:00:00Z"}}
    dated = SERVICE.replace("namespace: shop", 'namespace: shop, creationTimestamp: "2024-01-01T00:00:00Z"')
    given = ((live(old), SERVICE), (live(), SERVICE), (live(old), dated), (live(), dated))
    found = [over(cluster, text).first.get(Service, "shop", "cart") for cluster, text in given]

    assert [item and item.metadata.creation_timestamp for item in found] == [
        "2025-01-01T00:00:00Z",
        "2026-03-01T12:00:00Z",
        "2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z",
    ]


def test_pods_of_a_workload_among_the_files_are_made_anew() -> None:
    """Live pods say what the old template made of them; those of other workloads stay."""
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": True}
    pods = [
        {
            "kind": "Pod",
            "metadata": {
                "name": f"{name}-abc-1",
                "namespace": "shop",
                "labels": {"pod-template-hash": "abc"},
                "ownerReferences": [{**owner, "name": f"{name}-abc"}],
            },
        }
        for name in ("cart", "till")
    ]
    makers = [{"kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}} for name in ("cart", "till")]

    mesh = over(live(*pods, *makers), DEPLOYMENT).first

    assert [pod.name for pod in mesh.all(Pod)] == ["till-abc-1"]
    assert [(item.name, mesh.is_live(item.ref)) for item in mesh.workloads] == [("cart", False), ("till", True)]


@pytest.mark.parametrize("struct", [MutatingWebhookConfiguration, ValidatingWebhookConfiguration])
def test_webhooks_keep_the_certificates_that_istiod_wrote(
    struct: type[MutatingWebhookConfiguration] | type[ValidatingWebhookConfiguration],
) -> None:
    """A manifest of the injector has none, and applying it takes none away; one that a manifest has is applied."""
    kind = struct.__name__
    there = {"kind": kind, "metadata": {"name": "injector"}, "webhooks": [{"name": "one", "clientConfig": {"caBundle": "Y2E="}}]}
    text = WEBHOOK.replace("MutatingWebhookConfiguration", kind)
    texts = (text, text.replace('""', "bmV3"), text.replace("name: one", "name: other"))

    (kept,), (replaced,), (other,) = (over(live(there), text).first.all(struct) for text in texts)

    assert [item.webhooks[0].client_config.ca_bundle for item in (kept, replaced, other)] == ["Y2E=", "bmV3", ""]


APPLIED_LABELS = '{"metadata": {"labels": {"istio-injection": "enabled"}}}'


@pytest.mark.parametrize(
    ("applied", "labels"),
    [
        (None, {"istio-injection": "enabled", "team": "a"}),
        ("{}", {"istio-injection": "enabled", "team": "a"}),
        ('{"metadata": {}}', {"istio-injection": "enabled", "team": "a"}),
        ('{"metadata": null}', {"istio-injection": "enabled", "team": "a"}),
        (APPLIED_LABELS, {"team": "a"}),
        ('{"metadata": {"labels": 1}}', {"istio-injection": "enabled", "team": "a"}),
        ("not JSON", {"istio-injection": "enabled", "team": "a"}),
    ],
)
def test_a_namespace_keeps_the_labels_that_nobody_applied(applied: str | None, labels: dict[str, str]) -> None:
    """Those that were applied go where the file has them no more, its own are added, and what cannot be read takes nothing away."""
    notes = {} if applied is None else {LAST_APPLIED: applied}
    metadata = {"name": "shop", "labels": {"istio-injection": "enabled", "team": "a", "tier": "old"}, "annotations": notes}
    text = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {tier: new}}}"

    (found,) = over(live({"kind": "Namespace", "metadata": metadata}), text).first.all(Namespace)

    assert found.labels == {**labels, "tier": "new"}


def test_what_a_workload_of_the_files_owns_stays_unless_it_is_made_anew() -> None:
    """A ReplicaSet goes with its pods; a Service that an operator hung on a Deployment is there all the same."""
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "controller": True}
    owned = [{"kind": kind, "metadata": {"name": "own", "namespace": "shop", "ownerReferences": [owner]}} for kind in ("Service", "Pod")]

    mesh = over(live(*owned, {"kind": "Deployment", "metadata": {"name": "cart", "namespace": "shop"}}), DEPLOYMENT).first

    assert [str(obj.ref) for obj in mesh.objects] == ["Service shop/own", "Deployment shop/cart"]


def test_copies_are_told_apart_from_the_live_object() -> None:
    """Each copy replaces the live object in its own mesh; where none does, the live one stands, and is none of the copies."""
    there = {"kind": "Service", "metadata": {"name": "cart", "namespace": "shop"}}
    other = SERVICE.replace("cart", "till")

    meshes = over(live(there), SERVICE + "---\n" + other, SERVICE, other)

    held = [mesh.get(Service, "shop", "cart") for mesh in meshes]
    assert all(held)
    refs = {obj.ref: mesh.is_live(obj.ref) for mesh, obj in zip(meshes, held, strict=True) if obj}
    assert sorted(is_live for is_live in refs.values()) == [False, False, *([True] if len(refs) > 2 else [])]
    assert len({ref.key for ref in refs}) == len(refs)
