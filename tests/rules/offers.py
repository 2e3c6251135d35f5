"""What the rules offer for the bad examples of their pages, on a cluster: the scenes in which every fix is proved."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.kinds import KINDS
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.injection import injection_webhook_unreachable
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.injection.answering import answered
from tests.rules.pages import Example, examples

CONTROL_PLANE = Path(__file__).parent.parent.parent / "examples" / "istio" / "control-plane.yaml"


class Scene(NamedTuple):
    """One bad example of a rule's page, counted from 0, with what is found in it on a cluster.

    ``page`` is its text as it stands there, ``beside`` the files it names, ``text`` all that a cluster with Istio holds of it.
    """

    rule: Rule
    number: int
    page: str
    beside: dict[str, str]
    text: str
    findings: tuple[Diagnosis, ...]

    @property
    def key(self) -> str:
        """The scene's name in the recording of what a server said."""
        return f"{self.rule.code}-{self.number}"

    @property
    def operations(self) -> list[dict[str, Any]]:
        """What would be done to which object, without the tests."""
        patches = (patch for row in self.findings if row.fix for patch in row.fix.patches)
        return [
            {"object": str(patch.resource), "op": operation.op, "path": operation.path}
            for patch in patches
            for operation in patch.operations
            if operation.op != "test"
        ]


def _staged(text: str) -> str:
    """An example with the control plane and the injected namespaces that manifests need not speak of, and a cluster has to have."""
    own = [document for document in yaml.safe_load_all(text) if document]
    if any(item["kind"] == "MutatingWebhookConfiguration" for item in own):
        return yaml.safe_dump_all(answered(own))
    stage = [item for item in yaml.safe_load_all(CONTROL_PLANE.read_text()) if "gateway" not in item["metadata"]["name"]]
    spaces = {name for item in own if (name := item["metadata"].get("namespace"))} - {"istio-system"}
    stage += [_injected(name) for name in sorted(spaces)]
    taken = {(item["kind"], item["metadata"]["name"]) for item in own}
    return yaml.safe_dump_all(answered([*(item for item in stage if (item["kind"], item["metadata"]["name"]) not in taken), *own]))


def _injected(namespace: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"istio-injection": "enabled"}}}


def _scene(rule: Rule, number: int, example: Example) -> Scene:
    text = "---\n".join((example.text, *example.beside.values()))
    staged = text if rule is injection_webhook_unreachable.RULE else _staged(text)
    read = from_texts({"page.yaml": staged})[0]
    objects = (obj for kind in KINDS for obj in read.mesh.all(kind.struct))
    mesh = Mesh(objects, live=True, taken_at="2026-03-01T12:00:00Z", problems=read.mesh.problems).with_answers(example.answers)
    return Scene(
        rule, number, example.text, example.beside, staged, diagnose(Snapshot(meshes=Meshes([mesh]), source=read.source), [rule]).active
    )


SCENES = tuple(
    _scene(rule, number, example) for rule in RULES for number, example in enumerate(examples(rule, "bad")) if not example.is_settings
)
FIXABLE = tuple(scene for scene in SCENES if not scene.rule.of_answers and any(row.is_fixable for row in scene.findings))
"""Those that a server without proxies can show."""
